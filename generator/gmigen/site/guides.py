"""The guides: hand-written pages, in the order in which they are read."""

from __future__ import annotations

GUIDES: tuple[tuple[str, str], ...] = (
    ("First clip in five minutes", "first-clip"),
    ("Choosing a model", "choosing"),
    ("In a shell", "shell"),
    ("Building requests", "requests"),
    ("Pictures in", "pictures-in"),
    ("Waiting well", "waiting"),
    ("Errors and money", "errors-and-money"),
    ("Async and many jobs", "many-jobs"),
    ("Batches overnight", "batches"),
    ("Web handlers and notebooks", "web"),
    ("Testing with the emulator", "testing"),
    ("Your own client and CI", "own-client"),
    ("Coming from another client", "coming-from"),
)
"""The title in the navigation, and the name of the template and the page."""
