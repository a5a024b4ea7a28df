"""Packages that were generated without a runtime of their own join the one that is installed."""

from __future__ import annotations

from ..runtime.version import VERSION

PACKAGES: list[str] = [f"{(__package__ or '').rpartition('.')[0]}.models"]
"""Import names of `models` packages with request classes, the last first asked."""


def join(package: str, oldest: str, before: str) -> None:
    """Let `package` use this runtime, which has to be of a version from `oldest` to below `before`.

    Raises ImportError, in a sentence, for any other version.
    """
    if not _figures(oldest) <= _figures(VERSION) < _figures(before):
        raise ImportError(
            f"{package} was generated for gmi-inference from {oldest} to below {before}, and "
            f"{VERSION} is installed. Install one of those, or generate {package} again."
        )
    if (models := f"{package}.models") not in PACKAGES:
        PACKAGES.append(models)


def _figures(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
