"""What a finished job returns, in the shape known for the kind of model it ran on."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Literal

from ..schema import Model

Kind = Literal["video", "image", "inline image", "speech", "music", "text"]

ArtifactUrl = Callable[[str], str]
"""A file name -> the URL under which the job's artifact of that name is served."""


def kind_of(model: Model) -> Kind:
    """Which outcome shape `model` answers in: by what its details say it puts out, then by name.

    That Gemini's image models answer with inline data comes from an integrator.
    """
    words = {word.lower() for word in model.outputs or (model.kind,)}
    if "video" in words:
        return "video"
    if "image" in words:
        return "inline image" if model.id.lower().startswith("gemini") else "image"
    if "audio" in words:
        return "music" if _about_music(model) else "speech"
    return "text"


def _about_music(model: Model) -> bool:
    return "music" in model.id.lower() or any("music" in tag.lower() for tag in model.tags)


def outcome(kind: Kind, request_id: str, url: ArtifactUrl, inline: bytes) -> Mapping[str, Any]:
    """The `outcome` of a success. `inline` is the picture that travels inside the record."""
    return _SHAPES[kind](request_id, url, inline)


def _video(request_id: str, url: ArtifactUrl, inline: bytes) -> Mapping[str, Any]:
    return {"video_url": url("0.mp4"), "thumbnail_image_url": url("thumbnail.png")}


def _image(request_id: str, url: ArtifactUrl, inline: bytes) -> Mapping[str, Any]:
    return {
        "media_urls": [{"id": "0", "url": url("0.png")}],
        "thumbnail_image_url": url("0.png"),
    }


def _inline_image(request_id: str, url: ArtifactUrl, inline: bytes) -> Mapping[str, Any]:
    data = {"mimeType": "image/png", "data": base64.b64encode(inline).decode()}
    return {"candidates": [{"content": {"parts": [{"inlineData": data}]}}]}


def _speech(request_id: str, url: ArtifactUrl, inline: bytes) -> Mapping[str, Any]:
    return {"audio_url": url("0.wav"), "format": "wav", "status": "success", "duration_ms": 500}


def _music(request_id: str, url: ArtifactUrl, inline: bytes) -> Mapping[str, Any]:
    song = url("0.mp3")
    media = {"request_id": request_id, "id": "0", "url": song, "type": "audio", "format": "mp3"}
    return {
        "audio_url": song,
        "status": "success",
        "duration_ms": 1000,
        "sample_rate": 22050,
        "channels": 1,
        "bitrate": 32000,
        "medias": [media],
        "media_urls": [{"id": "0", "url": song}],
    }


def _text(request_id: str, url: ArtifactUrl, inline: bytes) -> Mapping[str, Any]:
    return {"status": "success"}


_SHAPES: Mapping[Kind, Callable[[str, ArtifactUrl, bytes], Mapping[str, Any]]] = {
    "video": _video,
    "image": _image,
    "inline image": _inline_image,
    "speech": _speech,
    "music": _music,
    "text": _text,
}
