# fmt: off
# isort: skip_file
# ruff: noqa
"""Pictures in memory, of PIL or of numpy, as the bytes of a file."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from ..errors import UploadError


def png(picture: Any, label: str) -> bytes:
    """The bytes of a picture as PNG. Raises UploadError, and what the picture itself raises."""
    if hasattr(picture, "save"):
        written = io.BytesIO()
        picture.save(written, "PNG")
        return written.getvalue()
    shape = tuple(picture.shape)
    channels = {2: 1, 3: shape[-1]}.get(len(shape), 0) if shape else 0
    typestr = getattr(picture, "__array_interface__", {}).get("typestr")
    color = {1: 0, 3: 2, 4: 6}.get(channels)
    if typestr != "|u1" or color is None or 0 in shape:
        raise UploadError(
            f"{label} is an array of shape {shape} and type {typestr}. Give one of uint8, height x "
            "width, with 1, 3 or 4 channels."
        )
    height, width = shape[:2]
    rows, step = picture.tobytes(), width * channels
    plain = b"".join(b"\0" + rows[at : at + step] for at in range(0, height * step, step))
    head = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(plain)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
