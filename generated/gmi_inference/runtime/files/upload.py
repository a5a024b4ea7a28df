# fmt: off
# isort: skip_file
# ruff: noqa
"""Upload local files: ask for a grant, PUT the bytes to storage without the key."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..errors import InvalidRequestError, ProtocolError, UploadError
from ..local import is_local
from ..media_types import Kind
from ..protocol.context import Context
from ..protocol.effects import Blocking, Failure, Progress, Reply, Send, Stored, sleep
from ..protocol.payload import DEPTH
from ..protocol.replies import document
from ..protocol.retry import Patience, ask
from ..urls import Address, as_browsers_read, origin
from .outcome import decoded
from .sources import Source, prepare
from .url_policy import exchange, pause_after, trouble

LIFETIME = 899.0
"""Seconds an upload is surely there without another; what a grant was seen to live."""

REMEMBERED = 1000
_ANSWER_LIMIT = 1024 * 1024
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")


@dataclass
class Uploads:
    """Public URLs of files sent by this client, by content, while surely fresh."""

    known: list[tuple[float, Source, Address]] = field(default_factory=list)

    def find(self, source: Source, now: float) -> str | None:
        """The URL of an equal file uploaded not long ago. Touches the disk; raises UploadError."""
        known = reversed(self.known.copy())
        fresh = ((other, url) for when, other, url in known if now - when < LIFETIME)
        return next((url for other, url in fresh if source.equals(other)), None)

    def remember(self, source: Source, url: str, now: float) -> None:
        """Keep `url`; the oldest entries make room."""
        self.known.append((now, source.remembered(), Address(url)))
        del self.known[:-REMEMBERED]


@dataclass
class Prepared:
    """A payload whose local files were measured, each once however often it stands there."""

    payload: dict[str, Any]
    sources: dict[int, Source]

    async def by_content(self) -> dict[str, Any]:
        """The payload with the hash of its content in place of each file. Raises UploadError."""
        return await self._with(lambda source: Blocking(partial(getattr, source, "sha256")))

    async def uploaded(self, ctx: Context, cache: Uploads, urls: list[str]) -> dict[str, Any]:
        """The payload with the public URL of each file, which are appended to `urls`.

        Raises UploadError.
        """

        async def address(source: Source) -> str:
            urls.append(await _upload(ctx, cache, source))
            return urls[-1]

        return await self._with(address)

    async def _with(self, tell: Callable[[Source], Awaitable[str]]) -> dict[str, Any]:
        told: dict[int, str] = {}
        with _nothing_submitted():
            for number, source in self.sources.items():
                told[number] = await tell(source)
        filled = _mapped(self.payload, lambda value, _: told.get(id(value), value), depth=0)
        return dict(filled)

    def close(self) -> None:
        """Let go of our copies of the files."""
        for source in self.sources.values():
            source.close()


async def prepared(payload: Mapping[str, Any], kinds: Mapping[str, Kind] | None = None) -> Prepared:
    """`payload` with every local file in it looked at, so that a bad one costs nothing; a str stays
    as it is. `kinds` says what the members of the payload take. Close it. Raises UploadError.
    """
    local: dict[int, tuple[Any, Kind]] = {}

    def noted(value: Any, kind: Kind) -> Any:
        value = _given(value)
        if is_local(value):
            local.setdefault(id(value), (value, kind))
        return value

    plain = {
        name: _mapped(member, noted, (kinds or {}).get(name, "other"))
        for name, member in payload.items()
    }
    found = Prepared(plain, {})
    with ExitStack() as undone, _nothing_submitted():
        undone.callback(found.close)
        for number, (value, kind) in local.items():
            found.sources[number] = await Blocking(partial(prepare, value, kind=kind))
        undone.pop_all()
    return found


@contextmanager
def _nothing_submitted() -> Iterator[None]:
    try:
        yield
    except UploadError as error:
        raise UploadError(f"{error.message} Nothing was submitted.", job=error.job) from None


def _mapped(
    value: Any, leaf: Callable[[Any, Kind], Any], kind: Kind = "other", depth: int = 1
) -> Any:
    """A copy with `leaf` of everything that is no list and no mapping."""
    if depth > DEPTH:
        raise InvalidRequestError.of("payload", f"it is nested more than {DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {name: _mapped(member, leaf, "other", depth + 1) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(member, leaf, kind, depth + 1) for member in value]
    return leaf(value, kind)


def _given(value: Any) -> Any:
    """An artifact or a result stands for its URL, or for what it holds when it came inline."""
    stands_for = getattr(value, "as_input", None)
    if isinstance(value, type) or not callable(stands_for):
        return value
    url = str(stands_for())
    if not url.startswith("data:"):
        return url
    try:
        return decoded(url.partition(",")[2])
    except ValueError:
        raise UploadError("What the artifact holds is not base64, so it cannot be sent.") from None


async def upload_anything(
    ctx: Context, cache: Uploads, value: Any, name: Any = None, on_progress: Progress | None = None
) -> str:
    """The public URL of one local file given by the caller; that of an artifact is known.

    Raises UploadError, and InvalidRequestError for what is no file or no name.
    """
    if name is not None and not isinstance(name, str):
        raise InvalidRequestError.of("name", "it is a text", type(name).__name__)
    if isinstance(plain := _given(value), str) and not isinstance(value, str):
        return plain
    if not is_local(plain):
        what = (
            'give pathlib.Path(...), bytes such as b"".join(pieces), an open file or a picture; a '
            "str is taken as a URL"
        )
        raise InvalidRequestError.of("file", what, type(value).__name__)
    source = await Blocking(partial(prepare, plain, name, on_progress=on_progress))
    with closing(source):
        return await _upload(ctx, cache, source)


async def _upload(ctx: Context, cache: Uploads, source: Source) -> str:
    url = await Blocking(partial(cache.find, source, ctx.world.now()))
    if url is None:
        url = await _sent(ctx, source)
        await Blocking(source.check)
        cache.remember(source, url, ctx.world.now())
    return url


async def _sent(ctx: Context, source: Source) -> str:
    content_type, other, renewed = source.type.content_type, source.type.other, False
    while True:
        upload_url, public_url = await _grant(ctx, source)
        answer = await _put(ctx, source, upload_url, content_type)
        body = answer.body if isinstance(answer, Reply) else b""
        if isinstance(answer, Reply) and 200 <= answer.status < 300:
            return public_url
        code = _CODE.search(body)
        if code and code[1] == b"SignatureDoesNotMatch" and other:
            content_type, other = other, None
        elif b"xpired" in body and not renewed:
            renewed = True
        else:
            why = f"{trouble(answer)} {code[1].decode()}" if code else trouble(answer)
            raise UploadError(
                f"{source.label} was not uploaded as {content_type}: {why}. Try again, or pass the "
                "URL of a hosted file."
            )


async def _grant(ctx: Context, source: Source) -> tuple[Address, str]:
    """Ask where to put the file; asking again is harmless, nothing is bought by it."""
    about = f"Asking for a place for {source.label}"
    headers = {"Content-Type": "application/json"}
    word = json.dumps({"file_type": source.type.upload_word}).encode()
    question = Send("POST", ctx.url("upload-url"), "api", headers, word, ctx.ask_timeouts)
    body = document(await ask(ctx, question, about))
    told = body if isinstance(body, Mapping) else {}
    place, public = told.get("upload_url"), told.get("public_url")
    if isinstance(place, str) and isinstance(public, str) and origin(as_browsers_read(public)):
        return Address(as_browsers_read(place)), Address(public)
    raise ProtocolError(f"{about}: the answer names no upload_url and public_url. Try again later.")


async def _put(ctx: Context, source: Source, url: Address, content_type: str) -> Reply | Failure:
    """PUT the bytes; the same URL takes them as often as needed."""

    def refused(why: str) -> UploadError:
        told = f"{source.label} was not uploaded: the storage address was refused"
        return UploadError(f"{told}, because {why}.")

    patience = Patience(seconds=LIFETIME, tries=4)
    headers = {"Content-Type": content_type, "Content-Length": str(source.size)}
    request = Send("PUT", url, "bare", headers, source, ctx.upload_timeouts, _ANSWER_LIMIT)
    while True:
        answer = await exchange(ctx, request, patience.failures, refused)
        assert not isinstance(answer, Stored), "there is no sink"
        pause = pause_after(ctx, answer, patience)
        if pause is None:
            return answer
        await sleep(pause)
