# fmt: off
# isort: skip_file
# ruff: noqa
"""Media inputs: what a caller may give where a model wants a picture, a clip or a sound."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

MediaKind = Literal["image", "video", "audio", "file"]

_NOUN = {"image": "an image", "video": "a video", "audio": "an audio file", "file": "a media file"}
_LOCAL_NAME = re.compile(
    r"[^\s:?*<>|]{1,255}\.(png|jpe?g|webp|gif|bmp|tiff?|mp4|mov|webm|avi|mkv|mp3|wav|m4a|flac|ogg)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Media:
    """Marks an annotation as a media input of one kind; pydantic asks it how to validate."""

    kind: MediaKind

    def accept(self, value: Any) -> Any:
        """Return `value` unchanged, or say why it cannot be sent.

        A text goes over the wire as it is: a public URL, a data URI, an id of an earlier upload.
        One that names a local file is refused, because the API could not read it.
        """
        if isinstance(value, str):
            if _is_local(value):
                raise PydanticCustomError(
                    "media_local_text",
                    "a text is sent as a URL; for a local file write Path(...)",
                )
            return value
        if isinstance(value, Path):
            return value
        if hasattr(value, "read") and not isinstance(value, io.TextIOBase):
            return value
        raise PydanticCustomError("media_type", "{allowed}", {"allowed": self.allowed})

    @property
    def allowed(self) -> str:
        """What may be given, for error messages."""
        return f"{_NOUN[self.kind]} (URL, data URI, Path or file opened in binary mode)"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.accept)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "contentMediaType": f"{self.kind}/*"}


def _is_local(text: str) -> bool:
    if len(text) > 4096 or re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", text):
        return False
    try:
        return _LOCAL_NAME.fullmatch(text) is not None or (bool(text) and Path(text).is_file())
    except (OSError, ValueError):
        return False


_Given = str | Path | BinaryIO

ImageInput = Annotated[_Given, Media("image")]
"""A picture: a public URL, a data URI, a local `Path`, or a file opened in binary mode."""

VideoInput = Annotated[_Given, Media("video")]
"""A clip: a public URL, a data URI, a local `Path`, or a file opened in binary mode."""

AudioInput = Annotated[_Given, Media("audio")]
"""A sound: a public URL, a data URI, a local `Path`, or a file opened in binary mode."""

FileInput = Annotated[_Given, Media("file")]
"""A media file: a public URL, a data URI, a local `Path`, or a file opened in binary mode."""
