"""The one TLS context of the process: making one takes longer than many requests."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ConfigurationError

if TYPE_CHECKING:
    import ssl

_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
_context: ssl.SSLContext | None = None


def tls_context() -> ssl.SSLContext:
    """Made at the first https address. Raises ConfigurationError for an unusable variable."""
    global _context
    if _context is None:
        import httpx

        _check("SSLKEYLOGFILE", _writable)
        file = os.environ.get("SSL_CERT_FILE")
        if not file:
            _check("SSL_CERT_DIR", _holds_certificates)
        try:
            _context = httpx.create_ssl_context()
        except (OSError, ValueError) as error:
            raise _unusable("SSL_CERT_FILE" if file else "SSLKEYLOGFILE", error) from None
    return _context


def _check(variable: str, use: Callable[[str], None]) -> None:
    value = os.environ.get(variable)
    if value:
        try:
            use(value)
        except OSError as error:
            raise _unusable(variable, error) from None


def _writable(path: str) -> None:
    with Path(path).open("a"):
        pass


def _holds_certificates(folders: str) -> None:
    found = [file for folder in folders.split(os.pathsep) for file in Path(folder).iterdir()]
    if not any(_HASHED.fullmatch(file.name) for file in found):
        raise OSError("it holds no certificates under hashed names; run `openssl rehash` on it")


def _unusable(variable: str, error: Exception) -> ConfigurationError:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ConfigurationError(
        f"The variable {variable} is {os.environ.get(variable, '')!r}, and that cannot be used: "
        f"{why}. Correct it or unset it."
    )
