"""Everything an emitted module may import: one table for who writes it and for who audits it."""

from __future__ import annotations

IMPORTS: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = (
    (("typing", ("Annotated", "Any", "ClassVar", "Literal")),),
    (("pydantic", ("Field",)),),
    (
        ("..runtime.requests.base", ("Object", "Request")),
        (
            "..runtime.requests.fields",
            ("AlwaysSent", "ExtraPayload", "ListOf", "Nullable", "Options", "Price"),
        ),
        (
            "..runtime.requests.media",
            (
                *("AudioInput", "Base64AudioInput", "Base64FileInput", "Base64ImageInput"),
                *("Base64VideoInput", "FileInput", "ImageInput", "VideoInput"),
            ),
        ),
        ("..runtime.requests.removed", ("RemovedRequest",)),
    ),
)
"""Modules and names, in the groups and the order isort would make."""

NAMES = frozenset(name for group in IMPORTS for _, names in group for name in names)

CALLABLE = frozenset({"Field", "Options"})
"""The imported names that an emitted module may call."""


def allowed(level: int, module: str) -> frozenset[str]:
    """The names that may be imported from `module`, which stands behind `level` dots."""
    known = {path: names for group in IMPORTS for path, names in group}
    return frozenset(known.get("." * level + module, ()))
