# fmt: off
# isort: skip_file
# ruff: noqa
"""Upload local files: ask for a grant, PUT the bytes to storage without the key."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from .api import Api, parsed
from .asking import ask
from .backoff import growing
from .effects import (
    Flow,
    Progress,
    Reply,
    Send,
    Trouble,
    blocking,
    clock,
    draw,
    send,
    sleep,
)
from .errors import Fault, InvalidRequestError, ProtocolError, UploadError
from .sources import Source, is_local, prepare
from .targets import Refused, targets

PUT_ATTEMPTS = 3
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")


def with_uploads(api: Api, payload: Mapping[str, Any], uploaded: list[str]) -> Flow[dict[str, Any]]:
    """`payload` with every local file in it replaced by its public URL; a str stays as it is.

    Files are looked at before the first byte is sent, so that a bad one costs nothing. The URLs
    are appended to `uploaded`. Raises UploadError.
    """
    found: list[Any] = []
    _collect(payload, found, depth=0)
    if not found:
        return dict(payload)
    urls: dict[int, str] = {}
    prepared: list[tuple[Any, Source]] = []
    try:
        for value in found:
            prepared.append((value, (yield from blocking(partial(prepare, value)))))
        for value, source in prepared:
            urls[id(value)] = yield from upload(api, source)
            uploaded.append(urls[id(value)])
    finally:
        for _, source in prepared:
            source.close()
    replaced: dict[str, Any] = _replaced(payload, urls)
    return replaced


def _collect(value: Any, found: list[Any], depth: int) -> None:
    if depth > 100:
        raise InvalidRequestError([Fault("payload", "it is nested more than 100 levels deep")])
    if isinstance(value, Mapping):
        for member in value.values():
            _collect(member, found, depth + 1)
    elif isinstance(value, (list, tuple)):
        for member in value:
            _collect(member, found, depth + 1)
    elif is_local(value) and not any(value is other for other in found):
        found.append(value)


def _replaced(value: Any, urls: Mapping[int, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _replaced(member, urls) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(member, urls) for member in value]
    return urls[id(value)] if is_local(value) else value


def upload_anything(
    api: Api, value: Any, name: str | None, on_progress: Progress | None
) -> Flow[str]:
    """The public URL of one local file given by the caller. Raises UploadError."""
    if isinstance(value, str):
        raise InvalidRequestError(
            [
                Fault(
                    "file", "a str is taken as a URL; give a local file as pathlib.Path(...)", "str"
                )
            ]
        )
    if not is_local(value):
        raise InvalidRequestError(
            [Fault("file", "give a pathlib.Path, bytes or an open file", type(value).__name__)]
        )
    source = yield from blocking(partial(prepare, value, name))
    try:
        return (yield from upload(api, source, on_progress))
    finally:
        source.close()


def upload(api: Api, source: Source, on_progress: Progress | None = None) -> Flow[str]:
    """The public URL of `source`; equal content uploaded within 15 minutes is not sent again."""
    digest = f"{source.type.word}:{source.sha256}"
    known = api.uploads.find(digest, (yield from clock()))
    if known is not None:
        return known
    url = yield from _uploaded(api, source, on_progress)
    api.uploads.remember(digest, url, (yield from clock()))
    return url


def _uploaded(api: Api, source: Source, on_progress: Progress | None) -> Flow[str]:
    content_type = source.type.content_type
    for last in (False, True):
        upload_url, public_url = yield from _grant(api, source)
        answer = yield from _put(api, source, upload_url, content_type, on_progress)
        if isinstance(answer, Reply) and 200 <= answer.status < 300:
            return public_url
        code = _storage_code(answer)
        mismatch = code == "SignatureDoesNotMatch"
        if last or not isinstance(answer, Reply) or not (mismatch or _expired(answer)):
            raise _failed(source, answer, code, content_type)
        if mismatch:
            content_type = source.type.other_content_type or content_type
    raise AssertionError("unreachable: the second round returns or raises")


def _grant(api: Api, source: Source) -> Flow[tuple[str, str]]:
    """Ask where to put the file; asking again is harmless, nothing is bought by it."""
    about = f"Asking for a place for {source.label}"
    reply = yield from ask(
        api,
        Send(
            "POST",
            api.url("upload-url"),
            "api",
            headers={"Content-Type": "application/json"},
            body=json.dumps({"file_type": source.type.word}).encode(),
        ),
        about,
    )
    body = parsed(reply.body)
    if isinstance(body, Mapping):
        upload_url, public_url = body.get("upload_url"), body.get("public_url")
        if isinstance(upload_url, str) and isinstance(public_url, str):
            return upload_url, public_url
    raise ProtocolError(f"{about}: the answer names no upload_url and public_url. Try again later.")


def _put(
    api: Api, source: Source, url: str, content_type: str, on_progress: Progress | None
) -> Flow[Reply | Trouble]:
    """PUT the bytes; the same URL takes them as often as needed."""
    try:
        places = yield from targets(api, url)
    except Refused as why:
        raise UploadError(
            f"{source.label} was not uploaded: the storage address was refused, because {why}."
            " Nothing was submitted."
        ) from None
    except OSError:
        return Trouble("connect", False, "the host of the storage is unknown")
    answer: Reply | Trouble = Trouble("connect", False, "not tried")
    for attempt in range(PUT_ATTEMPTS):
        answer = yield from send(
            Send(
                "PUT",
                url,
                "bare",
                headers={"Content-Type": content_type, "Content-Length": str(source.size)},
                body=source,
                timeouts=api.upload_timeouts,
                connect_to=places[attempt % len(places)],
                max_bytes=1024 * 1024,
                on_progress=on_progress,
            )
        )
        if (yield from blocking(partial(_changed, source))):
            raise UploadError(
                f"{source.label} changed while it was read. Submit again once it is complete."
            )
        if isinstance(answer, Reply) and answer.status not in (408, 429) and answer.status < 500:
            return answer
        if attempt + 1 < PUT_ATTEMPTS:
            yield from sleep(growing(attempt, (yield from draw())))
    return answer


def _changed(source: Source) -> bool:
    try:
        return source.changed()
    except OSError:
        return True


def _storage_code(answer: Reply | Trouble) -> str | None:
    found = _CODE.search(answer.body) if isinstance(answer, Reply) else None
    return found[1].decode() if found else None


def _expired(answer: Reply) -> bool:
    return answer.status in (400, 403) and b"xpired" in answer.body


def _failed(
    source: Source, answer: Reply | Trouble, code: str | None, content_type: str
) -> UploadError:
    if isinstance(answer, Trouble):
        why = answer.detail
    else:
        why = f"the storage answered {answer.status}" + (f" {code}" if code else "")
    return UploadError(
        f"{source.label} was not uploaded as {content_type}: {why}. "
        "Nothing was submitted; try again, or pass the URL of a hosted file."
    )
