"""Everything an emitted module may import: one table for who writes it and for who audits it."""

from __future__ import annotations

Group = tuple[tuple[str, tuple[str, ...]], ...]
"""Modules, and the names that may come from each."""

OWN = "."
"""A package that carries its hand-written rooms, as its modules of models find it."""

SHARED = "gmi_inference"
"""The one that is installed."""

_LIBRARIES: tuple[Group, ...] = (
    (("typing", ("Annotated", "Any", "ClassVar", "Literal")),),
    (("pydantic", ("Field",)),),
)

_ROOMS: Group = (
    ("requests.base", ("Object", "Request")),
    (
        "requests.fields",
        ("AlwaysSent", "ExtraPayload", "ListOf", "Nullable", "Options", "Price"),
    ),
    (
        "requests.media",
        (
            *("AudioInput", "Base64AudioInput", "Base64FileInput", "Base64ImageInput"),
            *("Base64VideoInput", "FileInput", "ImageInput", "VideoInput"),
        ),
    ),
    ("requests.removed", ("RemovedRequest",)),
)


def imports(root: str) -> tuple[Group, ...]:
    """All of them, in the groups and the order isort would make."""
    return (*_LIBRARIES, tuple((f"{root}.{module}", names) for module, names in _ROOMS))


NAMES = frozenset(name for group in imports(OWN) for _, names in group for name in names)

CALLABLE = frozenset({"Field", "Options"})
"""The imported names that an emitted module may call."""


def allowed(module: str, root: str) -> frozenset[str]:
    """The names that may be imported from `module`, dots and all."""
    known = {path: names for group in imports(root) for path, names in group}
    return frozenset(known.get(module, ()))
