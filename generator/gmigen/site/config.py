"""The settings of the site's builder. Extensions are listed one by one: its defaults are many,
and each of them is a way for text to mean something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .guides import GUIDES

NAVIGATION: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Start", (("", "index.md"),)),
    ("Guides", tuple((title, f"guides/{name}.md") for title, name in GUIDES)),
    (
        "Models",
        (
            ("By kind", "models/index.md"),
            ("By input", "models/by-input.md"),
            ("By vendor", "models/by-vendor.md"),
            ("Compare", "models/compare.md"),
            ("What things are called", "models/names.md"),
            ("Changes", "models/changes.md"),
        ),
    ),
    (
        "Reference",
        (
            ("Python", "api/index.md"),
            ("Clients", "api/clients.md"),
            ("Jobs and results", "api/jobs.md"),
            ("Errors", "api/errors.md"),
            ("Requests", "api/requests.md"),
            ("Commands", "cli.md"),
        ),
    ),
    (
        "More",
        (
            ("Keeping a client up to date", "ci.md"),
            ("Prices", "prices.md"),
            ("Recipes", "recipes.md"),
            ("Beside other tools", "tools.md"),
            ("About the facts", "facts.md"),
        ),
    ),
)
"""Pages of models are outside of it: hundreds of entries on each page help nobody."""

_SETTINGS = """\
[project]
site_name = "gmi-inference"
site_description = "Typed Python requests for every model on GMI Cloud's inference queue"
docs_dir = "src"
site_dir = "site"
use_directory_urls = false
extra_css = ["assets/site.css"]
extra_javascript = ["assets/compare.js", "assets/a11y.js"]
nav = [
{navigation}
]
[project.theme]
language = "en"
font = false
custom_dir = "overrides"
features = [
  "content.code.copy",
  "content.tabs.link",
  "navigation.footer",
  "navigation.indexes",
  "navigation.path",
  "navigation.tabs",
  "navigation.top",
  "navigation.tracking",
  "search.highlight",
]
[[project.theme.palette]]
media = "(prefers-color-scheme)"
toggle.icon = "lucide/sun-moon"
toggle.name = "Switch to light mode"
[[project.theme.palette]]
media = "(prefers-color-scheme: light)"
scheme = "default"
toggle.icon = "lucide/sun"
toggle.name = "Switch to dark mode"
[[project.theme.palette]]
media = "(prefers-color-scheme: dark)"
scheme = "slate"
toggle.icon = "lucide/moon"
toggle.name = "Switch to system preference"
[project.markdown_extensions]
admonition = {{}}
attr_list = {{}}
md_in_html = {{}}
tables = {{}}
toc.permalink = true
pymdownx.details = {{}}
pymdownx.highlight.pygments_lang_class = true
pymdownx.superfences = {{}}
pymdownx.tabbed.alternate_style = true
[project.plugins.search]
"""

_REFERENCE = """\
[project.plugins.mkdocstrings.handlers.python]
paths = [{package}]
[project.plugins.mkdocstrings.handlers.python.options]
show_root_heading = true
show_source = false
show_if_no_docstring = false
heading_level = 3
members_order = "source"
separate_signature = true
show_signature_annotations = true
docstring_style = "google"
docstring_section_style = "list"
"""


def config(pages: Sequence[str], package: Path | None) -> str:
    """The settings for a folder that holds these pages."""
    entries = []
    for title, children in NAVIGATION:
        held = [(name, path) for name, path in children if path in pages]
        if not held[1:] and title == "Start":
            entries.append(f'  {{ "{title}" = "index.md" }},')
        elif held:
            inner = ", ".join(f'{{ "{name}" = "{path}" }}' for name, path in held)
            entries.append(f'  {{ "{title}" = [{inner}] }},')
    settings = _SETTINGS.format(navigation="\n".join(entries))
    return settings + _REFERENCE.format(package=_quoted(str(package))) if package else settings


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
