# fmt: off
# isort: skip_file
# ruff: noqa
"""Save an artifact: streamed, checked, resumed, and under its name only when it is whole."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from .api import Api
from .backoff import HINT_LIMIT, growing, hinted
from .effects import (
    Fetch,
    Fetched,
    Flow,
    Head,
    Progress,
    Reply,
    Sink,
    Trouble,
    blocking,
    clock,
    draw,
    fetch,
    sleep,
)
from .errors import DownloadError, GMIError
from .logs import logger
from .looking import refresh
from .outcome import files
from .parts import Part
from .targets import Refused, targets

if TYPE_CHECKING:
    from .artifacts import Artifact

BYTES_LIMIT = 4 * 1024**3
HOPS = 5
TOLERANCE = 120.0
DAMAGE_RETRIES = 2
PLAIN = {"Accept-Encoding": "identity"}
GONE = frozenset({403, 404, 410})
_PAGE = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<error)", re.IGNORECASE)
_MD5 = re.compile(r"(?:^|,)\s*md5=([A-Za-z0-9+/]{22}==)")


@dataclass
class Download:
    """One file on its way, and how often what has gone wrong."""

    artifact: Artifact
    part: Part
    url: str
    on_progress: Progress | None
    trouble_since: float | None = None
    troubles: int = 0
    damaged: int = 0
    renewed: bool = False
    total: int | None = None
    hashes: str = ""
    head: Head | None = field(default=None, repr=False)

    def failed(self, why: str) -> DownloadError:
        """The error that says why, and that the job itself is well."""
        kept = self.part.path if self.part.path.exists() else None
        return DownloadError(
            f"{self.part.final.name} was not saved: {why} The job itself is well; "
            "save the artifact again.",
            artifact=self.artifact,
            partial_path=kept,
            job=self.artifact.job,
        )


def save(
    api: Api,
    artifact: Artifact,
    final: Path,
    *,
    overwrite: bool,
    resume: bool,
    on_progress: Progress | None,
) -> Flow[Path]:
    """Save `artifact` as `final` and return it. Raises DownloadError; the job is not affected."""
    part = Part(final)
    download = Download(artifact, part, artifact.url, on_progress)
    try:
        if not overwrite and (yield from blocking(final.exists)):
            raise FileExistsError
        yield from blocking(partial(part.prepare, resume))
        if artifact.is_inline:
            yield from blocking(partial(part.write, decoded(download)))
        else:
            yield from _fill(api, download)
        yield from blocking(partial(part.finish, overwrite))
    except FileExistsError:
        raise DownloadError(
            f"{final} exists already and was left alone. Give another name or overwrite=True.",
            artifact=artifact,
            job=artifact.job,
        ) from None
    except OSError as refusal:
        why = refusal.strerror or type(refusal).__name__
        raise download.failed(f"the disk refused it ({why}).") from None
    return final


def decoded(download: Download) -> bytes:
    try:
        return base64.b64decode(download.artifact.inline_data or "", validate=True)
    except (binascii.Error, ValueError):
        raise download.failed("the data that came inline is not base64.") from None


def _fill(api: Api, download: Download) -> Flow[None]:
    """Fetch until the part is whole and its checks hold."""
    while True:
        answer = yield from _attempt(api, download)
        if isinstance(answer, Fetched) and answer.trouble is None:
            why = yield from _damage(download)
            if why is None:
                return
            download.damaged += 1
            yield from blocking(download.part.drop)
            if download.damaged > DAMAGE_RETRIES:
                raise download.failed(f"{why}, three times over.")
            continue
        if isinstance(answer, Reply) and answer.status in GONE and not download.renewed:
            download.renewed = True
            if (yield from renew(api, download)):
                continue
        yield from endure(download, answer)


def _attempt(api: Api, download: Download) -> Flow[Fetched | Reply | Trouble]:
    """One GET through at most five redirects, going on where the part ends."""
    url = download.url
    for _ in range(HOPS + 1):
        try:
            places = yield from targets(api, url)
        except Refused as why:
            raise download.failed(f"its address was refused, because {why}.") from None
        except OSError:
            return Trouble("connect", False, "the host of the artifact is unknown")
        held = yield from blocking(partial(download.part.resumable, download.url))
        headers = dict(PLAIN)
        if held is not None:
            headers |= {"Range": f"bytes={held[0]}-", "If-Range": held[1]}
        answer = yield from fetch(
            Fetch(
                url,
                partial(_accept, download, held[0] if held else 0),
                headers=headers,
                timeouts=api.download_timeouts,
                max_bytes=BYTES_LIMIT,
                connect_to=places[download.troubles % len(places)],
                on_progress=download.on_progress,
            )
        )
        if not isinstance(answer, Reply) or not 300 <= answer.status < 400:
            return answer
        url = urljoin(url, answer.headers.get("location", ""))
    raise download.failed("its address redirects too often.")


def _accept(download: Download, held: int, head: Head) -> Sink | None:
    """Judge the head of an answer: where its body goes, or None when it is not the file."""
    if head.headers.get("content-encoding", "identity") not in ("", "identity"):
        return None
    size = length(head.headers)
    if head.status == 206:
        start, total = _range(head.headers.get("content-range", ""))
        if start != held:
            return None
        download.total, download.hashes = total, head.headers.get("x-goog-hash", "")
        offset = held
    elif head.status == 200:
        download.total, download.hashes = size, head.headers.get("x-goog-hash", "")
        offset = 0
        etag = head.headers.get("etag", "")
        # A weak validator does not promise equal bytes, so it cannot serve for resuming.
        if etag and not etag.startswith("W/"):
            download.part.describe(download.url, etag)
        else:
            download.part.drop()
    else:
        return None
    download.head = head
    return Sink(download.part.path, offset)


def _damage(download: Download) -> Flow[str | None]:
    """What is wrong with a part that ended without trouble; None when it is whole."""
    size = yield from blocking(download.part.size)
    if download.total is not None and size != download.total:
        return f"{size} bytes came instead of {download.total}"
    start = yield from blocking(download.part.start_of) if size else _nothing()
    if download.artifact.kind != "other" and (size == 0 or _PAGE.match(start)):
        return "a web page or an error text came in place of the file"
    stated = _MD5.search(download.hashes)
    if stated is not None and (yield from blocking(download.part.md5)) != stated[1]:
        return "its checksum does not match what the storage states"
    if download.total is None and stated is None:
        logger.info("%s came without a length or checksum to check.", download.part.final.name)
    return None


def _nothing() -> Flow[bytes]:
    yield from ()
    return b""


def renew(api: Api, download: Download) -> Flow[bool]:
    """Ask the job once for a fresh URL of the same artifact; False when there is none."""
    artifact = download.artifact
    if artifact.job is None:
        return False
    try:
        job = yield from refresh(api, artifact.job)
    except GMIError:
        return False
    found = files(job.record.outcome) if job.record else []
    if len(found) <= artifact.index or found[artifact.index].url == download.url:
        return False
    download.url = found[artifact.index].url
    return True


def endure(download: Download, answer: Fetched | Reply | Trouble) -> Flow[None]:
    """Pause before the next attempt, or give up."""
    now = yield from clock()
    trouble = answer.trouble if isinstance(answer, Fetched) else answer
    if isinstance(answer, Fetched) and answer.written:
        download.trouble_since, download.troubles = None, 0
    if isinstance(trouble, Reply):
        passing = trouble.status in (408, 416, 425, 429) or trouble.status >= 500
        why = f"the storage answered {trouble.status}"
        if trouble.status == 416:
            yield from blocking(download.part.drop)
        if trouble.status in GONE:
            why += ", so the file may have expired"
    else:
        assert trouble is not None
        passing = trouble.kind not in ("tls", "unsupported", "too large")
        why = trouble.detail
    if download.trouble_since is None:
        download.trouble_since = now
    if not passing or now - download.trouble_since >= TOLERANCE:
        raise download.failed(f"{why}.")
    asked = hinted(trouble.headers) if isinstance(trouble, Reply) else None
    pause = growing(download.troubles, (yield from draw()))
    download.troubles += 1
    yield from sleep(max(pause, min(asked or 0.0, HINT_LIMIT)))


def length(headers: Mapping[str, str]) -> int | None:
    text = headers.get("content-length", "")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else None


def _range(text: str) -> tuple[int | None, int | None]:
    found = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15}|\*)", text.strip())
    if found is None:
        return None, None
    return int(found[1]), None if found[2] == "*" else int(found[2])
