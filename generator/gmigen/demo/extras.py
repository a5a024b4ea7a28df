"""What the demo needs beyond the client, looked for before anything begins."""

from __future__ import annotations

from importlib.util import find_spec

from ..errors import MissingExtraError

NEEDED = {
    "codegen": ("black", "click", "datamodel_code_generator", "jinja2"),
    "emulator": ("starlette", "uvicorn"),
}
"""The libraries of each extra."""


def require() -> None:
    """Go on only when everything is there.

    Raises:
        MissingExtraError: naming every extra that is missing, at once.
    """
    missing = {
        extra: [name for name in names if find_spec(name) is None]
        for extra, names in NEEDED.items()
    }
    extras = [extra for extra, names in missing.items() if names]
    if extras:
        libraries = ", ".join(name for names in missing.values() for name in names)
        raise MissingExtraError(
            f"The demo needs {libraries}: pip install 'gmi-inference[{','.join(extras)}]'."
        )
