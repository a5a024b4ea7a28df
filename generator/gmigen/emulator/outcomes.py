"""What a finished job returns, in the shape known for the kind of model it ran on."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..schema import Model
from .ordered import Kind, Order


@dataclass(frozen=True)
class Made:
    """A job's files: their addresses in order, the thumbnail's, and the picture that travels
    inside the record where it does."""

    request_id: str
    order: Order
    urls: Sequence[str]
    thumbnail: str
    inline: bytes = b""

    @property
    def media_urls(self) -> list[dict[str, str]]:
        return [{"id": str(number), "url": url} for number, url in enumerate(self.urls)]


_NAMED: Sequence[tuple[Kind, Sequence[str]]] = (
    ("music", ("music", "lyria", "song")),
    ("speech", ("tts", "speech", "voice", "audio", "chatterbox")),
    ("video", ("video", "i2v", "t2v", "r2v", "v2v", "flf2v", "transition", "extend", "motion")),
    ("image", ("image", "t2i", "i2i", "img", "picture", "photo", "flux", "seedream", "seededit")),
    ("image", ("banana", "remove-background", "eraser", "genfill", "fibo", "reve", "edit")),
    ("video", ("kling", "veo", "sora", "wan", "vidu", "seedance", "hailuo", "minimax-h", "ltx")),
    ("video", ("luma", "ray", "pixverse", "skyreels", "happyhorse", "heygen", "avatar")),
)
"""Words in an id that tell what a model makes, the telling ones first. A guess, for a model whose
details do not say or are not there."""


def kind_of(model: Model) -> Kind | None:
    """Which outcome shape `model` answers in: by what its details say it puts out, then by name.

    None where neither says: no outcome can be made up for it.
    """
    words = {word.lower() for word in model.outputs or (model.kind,)}
    if "video" in words:
        return "video"
    if "image" in words:
        return "image"
    if "audio" in words:
        return "music" if _about_music(model) else "speech"
    if words & {"text", "json"}:
        return "text"
    return kind_named(model.id)


def kind_named(model_id: str) -> Kind | None:
    """What a model makes if its id tells it; None if it does not."""
    lower = model_id.lower()
    return next((kind for kind, words in _NAMED if any(word in lower for word in words)), None)


def _about_music(model: Model) -> bool:
    return "music" in model.id.lower() or any("music" in tag.lower() for tag in model.tags)


def outcome(kind: Kind, made: Made) -> Mapping[str, Any]:
    """The `outcome` of a success."""
    return _SHAPES[kind](made)


def _video(made: Made) -> Mapping[str, Any]:
    return {
        "video_url": made.urls[0],
        "thumbnail_image_url": made.thumbnail,
        "media_urls": made.media_urls,
    }


def _image(made: Made) -> Mapping[str, Any]:
    return {"media_urls": made.media_urls, "thumbnail_image_url": made.urls[0]}


def _inline_image(made: Made) -> Mapping[str, Any]:
    mime = f"image/{made.order.extension}"
    data = {"mimeType": mime, "data": base64.b64encode(made.inline).decode()}
    candidate = {"content": {"parts": [{"inlineData": data}]}}
    return {"candidates": [candidate] * made.order.count}


def _speech(made: Made) -> Mapping[str, Any]:
    return {
        "audio_url": made.urls[0],
        "format": made.order.extension,
        "status": "success",
        "duration_ms": 1000 if made.order.extension == "mp3" else 500,
    }


def _music(made: Made) -> Mapping[str, Any]:
    extension = made.order.extension
    media = [
        {"request_id": made.request_id, **one, "type": "audio", "format": extension}
        for one in made.media_urls
    ]
    tone = (
        {"duration_ms": 1000, "sample_rate": 22050, "channels": 1, "bitrate": 32000}
        if extension == "mp3"
        else {"duration_ms": 500, "sample_rate": 8000, "channels": 1, "bitrate": 128000}
    )
    return {
        "audio_url": made.urls[0],
        "status": "success",
        **tone,
        "medias": media,
        "media_urls": made.media_urls,
    }


def _text(made: Made) -> Mapping[str, Any]:
    return {"status": "success"}


_SHAPES: Mapping[Kind, Callable[[Made], Mapping[str, Any]]] = {
    "video": _video,
    "image": _image,
    "inline image": _inline_image,
    "speech": _speech,
    "music": _music,
    "text": _text,
}
