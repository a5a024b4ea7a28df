"""The shipped tone as FLAC, whose plainest form is the samples themselves between checksums."""

from __future__ import annotations

import array
import hashlib
import io
import struct
import sys
import wave

_RATE_CODE = {8000: 0b0100}


def flac(wav: bytes) -> bytes:
    """One channel of 16-bit samples at 8 kHz, at most 65,536 of them, in one frame."""
    with wave.open(io.BytesIO(wav)) as sound:
        rate, count, raw = sound.getframerate(), sound.getnframes(), sound.readframes(1 << 16)
    samples = array.array("h", raw)
    if sys.byteorder == "little":
        samples.byteswap()
    about = (rate << 44) | (0 << 41) | (15 << 36) | count
    stream = struct.pack(">HH", count, count) + bytes(6) + about.to_bytes(8, "big")
    stream += hashlib.md5(raw, usedforsecurity=False).digest()
    head = bytes([0xFF, 0xF8, 0b0111 << 4 | _RATE_CODE[rate], 0b1000, 0])
    head += struct.pack(">H", count - 1)
    head += bytes([_crc(head, 8, 0x07)])
    frame = head + b"\x02" + samples.tobytes()
    frame += struct.pack(">H", _crc(frame, 16, 0x8005))
    content: bytes = b"fLaC" + b"\x80" + len(stream).to_bytes(3, "big") + stream + frame
    return content


def _crc(content: bytes, bits: int, polynomial: int) -> int:
    value, top, mask = 0, 1 << (bits - 1), (1 << bits) - 1
    for byte in content:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & top else value << 1) & mask
    return value
