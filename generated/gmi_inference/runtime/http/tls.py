# fmt: off
# isort: skip_file
# ruff: noqa
"""The one TLS context of the process: making one takes longer than many requests."""

from __future__ import annotations

import os
import re
import ssl
from functools import lru_cache
from pathlib import Path

import certifi

from ..errors import ConfigurationError
from ..local import said

_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


@lru_cache(maxsize=1)
def tls_context() -> ssl.SSLContext:
    """Made at the first https address, as httpx makes it, which takes longer to import than this.

    Raises ConfigurationError for an unusable variable.
    """
    variable = "SSLKEYLOGFILE"
    try:
        if log := os.environ.get(variable):
            Path(log).open("a").close()
        variable = "SSL_CERT_FILE"
        file, folder = os.environ.get(variable), None
        if not file and (folder := os.environ.get("SSL_CERT_DIR")):
            variable = "SSL_CERT_DIR"
            _check_folders(folder)
        file = file or (None if folder else certifi.where())
        return ssl.create_default_context(cafile=file, capath=folder)
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The variable {variable} is {os.environ.get(variable, '')!r}, and that cannot be "
            f"used: {said(error)}. Correct it or unset it."
        ) from None


def _check_folders(value: str) -> None:
    found = [file.name for folder in value.split(os.pathsep) for file in Path(folder).iterdir()]
    if not any(map(_HASHED.fullmatch, found)):
        raise OSError("it holds no certificates under hashed names; run `openssl rehash` on it")
