"""The log-in of the vendor's SDK: an email and a password for tokens that last an hour.

Anybody is let in, and nothing of what was sent is kept. The shapes are the SDK's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from starlette.responses import Response

from . import answers, texts
from .clock import Clock
from .exchange import Exchange

SECONDS = 3600
ORGANIZATION = "emu-org"
USER = "emu-user"


class Sessions:
    """The tokens given out so far, each of which works in place of a key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._expiry: dict[str, float] = {}

    def knows(self, token: str) -> bool:
        """Whether `token` was given out and has not expired."""
        return self._clock.now() < self._expiry.get(token, 0)

    async def auth_token(self, exchange: Exchange) -> Response:
        body = _object(await exchange.read())
        if not body.get("email") or not body.get("password"):
            return answers.refusal(401, texts.UNAUTHORIZED)
        return answers.record({"authToken": self._token("auth"), "is2FARequired": False})

    async def session(self, exchange: Exchange) -> Response:
        """A new session for an `authToken`, or for a `refreshToken` of an earlier one."""
        body = _object(await exchange.read())
        if not self.knows(str(body.get("authToken") or body.get("refreshToken"))):
            return answers.refusal(401, texts.UNAUTHORIZED)
        tokens = {"accessToken": self._token("access"), "refreshToken": self._token("refresh")}
        return answers.record(tokens)

    async def profile(self, exchange: Exchange) -> Response:
        user = {"id": USER, "email": "", "firstName": "", "lastName": ""}
        return answers.record({"user": user, "organization": {"id": ORGANIZATION, "role": ""}})

    def _token(self, use: str) -> str:
        """A JWT with the two claims the SDK reads. Only this emulator can check it, or has to."""
        expiry = self._clock.now() + SECONDS
        claims = {"userId": USER, "exp": int(expiry), "use": use, "jti": secrets.token_hex(8)}
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        mark = hmac.new(self._secret, signed.encode(), hashlib.sha256).digest()
        token = f"{signed}.{_text(mark)}"
        self._expiry[token] = expiry
        return token


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
