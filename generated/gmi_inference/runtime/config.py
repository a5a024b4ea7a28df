# fmt: off
# isort: skip_file
# ruff: noqa
"""Where the API is, who asks, and through which proxy: read once, checked at once."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from . import urls
from .errors import ConfigurationError
from .logs import logger
from .redaction import guard

KEY_VARIABLE = "GMI_API_KEY"
ORGANIZATION_VARIABLE = "GMI_ORG_ID"
BASE_URL_VARIABLE = "GMI_BASE_URL"
JOURNAL_VARIABLE = "GMI_JOURNAL"
DEFAULT_BASE_URL = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey"

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_PROXY_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
_elsewhere: set[str] = set()

Authorize = Callable[[str, MutableMapping[str, str]], None]


class Secret:
    """The key in a closure, so that no repr, vars(), pickle or traceback with locals can show it.

    Given None it is that of the environment. Objects like pydantic's SecretStr, which show their
    text by `get_secret_value()`, are taken, too.
    """

    __slots__ = ("__weakref__", "reveal")

    reveal: Callable[[], str]

    def __init__(self, value: Any = None) -> None:
        if value is not None and not isinstance(value, str):
            show = getattr(value, "get_secret_value", None)
            value = show() if callable(show) else None
            if not isinstance(value, str):
                raise ConfigurationError(
                    "api_key= is neither a text nor a secret that holds one. Pass a str, or leave "
                    f"it out and set {KEY_VARIABLE}."
                )
        key = (os.environ.get(KEY_VARIABLE, "") if value is None else value).strip()
        self.reveal = lambda: key
        guard(self)

    def problem(self) -> str | None:
        """Why it cannot be a key, in a sentence; None when it can."""
        key = self.reveal()
        if not key:
            return (
                f"There is no API key. Set {KEY_VARIABLE} in the environment, or pass api_key=. "
                "Keys are made on the API keys page of https://console.gmicloud.ai."
            )
        if not _PRINTABLE.fullmatch(key):
            return (
                "The API key holds a space, a line break or a character outside ASCII, so it "
                f"cannot be one. Copy it again into {KEY_VARIABLE}."
            )
        return None

    def __repr__(self) -> str:
        return "Secret()"

    def __reduce__(self) -> Any:
        raise TypeError("A key is not pickled.")


@dataclass(frozen=True)
class Settings:
    """`authorize(url, headers)` adds the key when `url` is of the API's origin, and only then; it
    raises ConfigurationError when there is none. `proxy_of(url)` is the proxy to go through.
    """

    base_url: str
    loopback: bool
    authorize: Authorize = field(repr=False)
    proxy_of: Callable[[str], str | None] = field(repr=False)


def settings(
    key: Secret,
    org_id: str | None = None,
    base_url: str | None = None,
    proxy: str | None = None,
    *,
    keyless: bool = False,
) -> Settings:
    """What is None is read from the environment. Raises ConfigurationError.

    With `keyless` True a missing key is complained of only when something has to be asked.
    """
    # Whoever raises holds the wrapped key only: its frame may be shown with its locals.
    if (problem := key.problem()) and not keyless:
        raise ConfigurationError(problem)
    # Empty variables are what a compose file or CI job leaves behind; they mean "not set".
    org = _organization(org_id if org_id is not None else os.environ.get(ORGANIZATION_VARIABLE))
    given = base_url or os.environ.get(BASE_URL_VARIABLE, "").strip()
    base, loopback = _base(given or DEFAULT_BASE_URL)
    ours = urls.origin(base) == urls.origin(DEFAULT_BASE_URL)
    if not ours and not loopback and base not in _elsewhere:
        _elsewhere.add(base)
        logger.warning("The API key goes to %s, which is not GMI Cloud's own address.", base)
    return Settings(base, loopback, _authorizer(key, org, base), _proxies(proxy))


def _authorizer(key: Secret, org: str | None, base: str) -> Authorize:
    home, inside = urls.origin(base), f"{base}/"

    def authorize(url: str, headers: MutableMapping[str, str]) -> None:
        if problem := key.problem():
            raise ConfigurationError(problem)
        if url.startswith(inside) or urls.origin(url) == home:
            headers["Authorization"] = f"Bearer {key.reveal()}"
            if org:
                headers["X-Organization-ID"] = org

    return authorize


def _organization(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ConfigurationError("org_id= is a text.")
    org = (value or "").strip()
    if org and not _PRINTABLE.fullmatch(org):
        raise ConfigurationError(
            f"The organisation id is not plain printable ASCII. Correct {ORGANIZATION_VARIABLE}."
        )
    return org or None


def _base(value: Any) -> tuple[str, bool]:
    base = str(value).strip().rstrip("/")
    parts = urls.split(base)
    if parts is None or parts.scheme not in urls.PORTS or " " in base or not base.isascii():
        problem = "is not an https URL"
    elif parts.username is not None or parts.password is not None:
        problem = "may not carry a user name or password"
    elif parts.query or parts.fragment:
        problem = "may not have a query or fragment"
    elif not (loopback := urls.is_loopback(parts.hostname or "")) and parts.scheme == "http":
        problem = "is plain http, which would show the key to the network"
    elif parts.path.endswith("/v1"):
        problem = (
            "ends in /v1, which is the address of the language models, not of the request queue"
        )
    else:
        return base, loopback
    advice = f"Correct {BASE_URL_VARIABLE} or base_url=; the usual one is {DEFAULT_BASE_URL}."
    raise ConfigurationError(f"The base URL {problem}. {advice}")


def _proxies(given: str | None) -> Callable[[str], str | None]:
    """Which proxy an address is reached through: `given` for all, "" for none, None for what the
    environment says when a host is first asked. This machine is always reached directly, and
    `.netrc` is never read.
    """
    if given:
        _check_proxy(given, "proxy=")

    def proxy_of(url: str) -> str | None:
        parts = urls.split(url)
        return None if parts is None else way(parts.scheme, parts.hostname or "")

    # Asking the environment takes longer than all else that is done before a request is written.
    @lru_cache(maxsize=64)
    def way(scheme: str, host: str) -> str | None:
        if urls.is_loopback(host) or given == "":
            return None
        if given is not None:
            return given
        from urllib.request import getproxies, proxy_bypass

        known = getproxies()
        found = known.get(scheme) or known.get("all")
        if not found or proxy_bypass(host):
            return None
        found = found if "://" in found else f"http://{found}"
        _check_proxy(found, f"{scheme.upper()}_PROXY")
        return found

    return proxy_of


def _check_proxy(value: Any, source: str) -> None:
    parts = urls.split(value) if isinstance(value, str) else None
    if parts is None or parts.scheme not in _PROXY_SCHEMES:
        raise ConfigurationError(
            f"{source} does not name a proxy this client can use. Write it as "
            "http://host:port, https://host:port or socks5://host:port, or proxy='' for none."
        )
