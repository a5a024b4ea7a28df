"""Thousands of requests that survive crashes: each paid once, each result kept once.

    summary = batch.run("requests.jsonl", "out/", budget=25)
    print(batch.report("out/"))

It needs the `batch` extra: DBOS keeps what was done in a database, SQLite in the folder of the
batch, or PostgreSQL where several machines share one. Loading this module loads neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api import cancel_rest, report, resume, run, status, work
    from .summary import Summary

__all__ = ["Summary", "cancel_rest", "report", "resume", "run", "status", "work"]

_HOMES = {"Summary": "summary", **dict.fromkeys(__all__[1:], "api")}
NEEDED = ("dbos", "sqlalchemy", "psycopg")
"""What the `batch` extra brings."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        return getattr(import_module(f".{home}", __name__), name)
    except ModuleNotFoundError as missing:
        if missing.name not in NEEDED:
            raise
        from ..runtime.errors import ConfigurationError

        raise ConfigurationError(
            f"A batch needs {missing.name}: pip install 'gmi-inference[batch]'"
        ) from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
