# fmt: off
# isort: skip_file
# ruff: noqa
"""Read an artifact into memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from .api import Api
from .downloading import GONE, HOPS, PLAIN, Download, decoded, endure, length, renew
from .effects import Flow, Reply, Send, Trouble, send
from .parts import Part
from .targets import Refused, targets

if TYPE_CHECKING:
    from .artifacts import Artifact


def read(api: Api, artifact: Artifact, max_bytes: int) -> Flow[bytes]:
    """The bytes of an artifact in memory. Raises DownloadError."""
    download = Download(artifact, Part(Path(artifact.filename)), artifact.url, None)
    if artifact.is_inline:
        return decoded(download)
    url = artifact.url
    hops = 0
    while True:
        try:
            places = yield from targets(api, url)
        except Refused as why:
            raise download.failed(f"its address was refused, because {why}.") from None
        except OSError:
            places = []
        answer: Reply | Trouble = Trouble("connect", False, "the host of the artifact is unknown")
        if places:
            answer = yield from send(
                Send(
                    "GET",
                    url,
                    "bare",
                    headers=PLAIN,
                    timeouts=api.download_timeouts,
                    max_bytes=max_bytes,
                    connect_to=places[download.troubles % len(places)],
                )
            )
        if isinstance(answer, Reply) and answer.status == 200:
            size = length(answer.headers)
            if size is None or size == len(answer.body):
                return answer.body
            answer = Trouble("broken", True, "the body was cut short")
        if isinstance(answer, Reply) and 300 <= answer.status < 400 and hops < HOPS:
            hops += 1
            url = urljoin(url, answer.headers.get("location", ""))
            continue
        if isinstance(answer, Reply) and answer.status in GONE and not download.renewed:
            download.renewed = True
            if (yield from renew(api, download)):
                url = download.url
                continue
        yield from endure(download, answer)
