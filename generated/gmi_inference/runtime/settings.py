# fmt: off
# isort: skip_file
# ruff: noqa
"""Where the API is and who asks: the base URL, and the key, which nothing here lets out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field

from . import addresses
from .errors import ConfigurationError
from .logs import logger
from .secret import KEY_VARIABLE as KEY_VARIABLE
from .secret import Secret

DEFAULT_BASE_URL = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey"
ORGANIZATION_VARIABLE = "GMI_ORG_ID"
BASE_URL_VARIABLE = "GMI_BASE_URL"

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_elsewhere: set[str] = set()


@dataclass(frozen=True)
class Settings:
    """`authorize(url, headers)` adds the key when `url` is of the API's origin, and only then.

    `scrub(text)` replaces the key in text that came from elsewhere.
    """

    base_url: str
    loopback: bool
    authorize: Callable[[str, MutableMapping[str, str]], None] = field(repr=False)
    scrub: Callable[[str], str] = field(repr=False)


def settings(
    key: Secret | str | None = None, org_id: str | None = None, base_url: str | None = None
) -> Settings:
    """What is None is read from the environment. Raises ConfigurationError."""
    key = key if isinstance(key, Secret) else Secret(key)
    # Whoever raises holds the wrapped key only: its frame may be shown with its locals.
    if problem := key.problem():
        raise ConfigurationError(problem)
    # Empty variables are what a compose file or CI job leaves behind; they mean "not set".
    org = _organization(org_id if org_id is not None else os.environ.get(ORGANIZATION_VARIABLE))
    base, loopback = _base(
        base_url or os.environ.get(BASE_URL_VARIABLE, "").strip() or DEFAULT_BASE_URL
    )
    ours = addresses.origin(base) == addresses.origin(DEFAULT_BASE_URL)
    if not ours and not loopback and base not in _elsewhere:
        _elsewhere.add(base)
        logger.warning("The API key goes to %s, which is not GMI Cloud's own address.", base)
    authorize, scrub = _closures(key, org, base)
    return Settings(base, loopback, authorize, scrub)


def _closures(
    key: Secret, org: str | None, base: str
) -> tuple[Callable[[str, MutableMapping[str, str]], None], Callable[[str], str]]:
    home = addresses.origin(base)

    def authorize(url: str, headers: MutableMapping[str, str]) -> None:
        if addresses.origin(url) == home:
            headers["Authorization"] = f"Bearer {key.reveal()}"
            if org:
                headers["X-Organization-ID"] = org

    def scrub(text: str) -> str:
        return text.replace(key.reveal(), "[key]")

    return authorize, scrub


def _organization(value: str | None) -> str | None:
    org = (value or "").strip()
    if org and not _PRINTABLE.fullmatch(org):
        raise ConfigurationError(
            f"The organisation id is not plain printable ASCII. Correct {ORGANIZATION_VARIABLE}."
        )
    return org or None


def _base(value: str) -> tuple[str, bool]:
    base = value.strip().rstrip("/")
    advice = f"Correct {BASE_URL_VARIABLE} or base_url=; the usual one is {DEFAULT_BASE_URL}."
    parts = addresses.split(base)
    if parts is None or parts.scheme not in ("https", "http"):
        raise ConfigurationError(f"The base URL is not an https URL. {advice}")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(f"The base URL may not carry a user name or password. {advice}")
    if parts.query or parts.fragment:
        raise ConfigurationError(f"The base URL may not have a query or fragment. {advice}")
    loopback = addresses.is_loopback(parts.hostname or "")
    if parts.scheme == "http" and not loopback:
        raise ConfigurationError(
            f"The base URL is plain http, which would show the key to the network. {advice}"
        )
    if parts.path.endswith("/v1"):
        raise ConfigurationError(
            "The base URL ends in /v1, which is the address of the language models, "
            f"not of the request queue. {advice}"
        )
    return base, loopback
