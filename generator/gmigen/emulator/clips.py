"""A clip of any size and length as MP4, showing the same picture throughout. No encoder needed.

H.264 at its plainest: each block of 16 by 16 pixels is one shade, told as the difference to the
block before it, and every frame after the first says that nothing changed.
"""

from __future__ import annotations

import struct

from .pictures import rows

FRAMES_PER_SECOND = 4
_QUANTIZER = 42
"""At which one step of a level is five steps of brightness."""
_DARK, _LIGHT = -18, 15
"""In levels from the middle grey."""
_STEP = _LIGHT - _DARK


def clip(width: int, height: int, seconds: int) -> bytes:
    """The bytes of a clip; both sides are rounded down to even numbers of at least 16 pixels."""
    width, height = max(16, width // 2 * 2), max(16, height // 2 * 2)
    across, down = -(-width // 16), -(-height // 16)
    frames = [_first_frame(across, down)]
    frames += [_same_again(across * down, n) for n in range(1, seconds * FRAMES_PER_SECOND)]
    return _mp4(width, height, [struct.pack(">I", len(f)) + f for f in frames])


def _parameter_sets(width: int, height: int) -> tuple[bytes, bytes]:
    across, down = -(-width // 16), -(-height // 16)
    cropped = (across * 16 - width) // 2, (down * 16 - height) // 2
    crop = f"1{_ue(0)}{_ue(cropped[0])}{_ue(0)}{_ue(cropped[1])}" if any(cropped) else "0"
    sequence = f"{66:08b}{0xC0:08b}{51:08b}{_ue(0)}{_ue(0)}{_ue(2)}{_ue(1)}0"
    sequence += f"{_ue(across - 1)}{_ue(down - 1)}11{crop}0"
    picture = f"{_ue(0)}{_ue(0)}00{_ue(0)}{_ue(0)}{_ue(0)}000"
    picture += f"{_se(_QUANTIZER - 26)}{_se(0)}{_se(0)}100"
    return _unit(0x67, sequence), _unit(0x68, picture)


def _first_frame(across: int, down: int) -> bytes:
    head = f"{_ue(0)}{_ue(7)}{_ue(0)}0000{_ue(0)}00{_se(0)}{_ue(1)}"
    table = rows(across, down)
    after = {row: "".join(_beside(row, at) for at in range(1, across)) for row in set(table)}
    # The left column is dark: below the first block each takes over the shade above it.
    starts = [_block(3, _DARK)] + [_block(1, 0)] * (down - 1)
    return _unit(0x65, head + "".join(s + after[row] for s, row in zip(starts, table, strict=True)))


def _beside(row: str, at: int) -> str:
    return _block(2, (int(row[at]) - int(row[at - 1])) * _STEP)


def _block(kind: int, level: int) -> str:
    """A block predicted from above (1), from the left (2) or from nothing (3), plus `level`."""
    return f"{_ue(kind)}{_ue(0)}{_se(0)}{_coefficient(level)}"


def _coefficient(level: int) -> str:
    if level == 0:
        return "1"
    code = 2 * abs(level) - (2 if level > 0 else 1) - 2
    if code < 30:
        raise ValueError("the two shades are further apart than that")
    return f"000101{1:016b}{code - 30:012b}1"


def _same_again(blocks: int, number: int) -> bytes:
    head = f"{_ue(0)}{_ue(5)}{_ue(0)}{number % 16:04b}000{_se(0)}{_ue(1)}"
    return _unit(0x41, head + _ue(blocks))


def _unit(kind: int, bits: str) -> bytes:
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    told = bytearray([kind])
    zeros = 0
    for byte in int(bits, 2).to_bytes(len(bits) // 8, "big"):
        # Three such bytes would look like the start of another unit.
        if zeros == 2 and byte <= 3:
            told.append(3)
            zeros = 0
        told.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(told)


def _ue(value: int) -> str:
    told = f"{value + 1:b}"
    return "0" * (len(told) - 1) + told


def _se(value: int) -> str:
    return _ue(2 * value - 1 if value > 0 else -2 * value)


def _mp4(width: int, height: int, samples: list[bytes]) -> bytes:
    kind = _box(b"ftyp", b"isom", 0x200, b"isomavc1mp41")
    # The place of the samples is part of what stands before them, and its length does not change.
    start = len(kind) + len(_movie(width, height, samples, 0)) + 8
    return kind + _movie(width, height, samples, start) + _box(b"mdat", *samples)


def _movie(width: int, height: int, samples: list[bytes], start: int) -> bytes:
    scale, length = FRAMES_PER_SECOND, len(samples)
    matrix = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    sequence, picture = _parameter_sets(width, height)
    set_up = b"\x01" + sequence[1:4] + b"\xff\xe1" + struct.pack(">H", len(sequence)) + sequence
    set_up += b"\x01" + struct.pack(">H", len(picture)) + picture
    entry = bytes(6) + struct.pack(">H16xHHIIIH32sHh", 1, width, height, 72 << 16, 72 << 16, 0, 1,
                                   b"", 24, -1)  # fmt: skip
    table = _box(
        b"stbl",
        _box(b"stsd", 0, 1, _box(b"avc1", entry, _box(b"avcC", set_up))),
        _box(b"stts", 0, 1, length, 1),
        _box(b"stss", 0, 1, 1),
        _box(b"stsc", 0, 1, 1, length, 1),
        _box(b"stsz", 0, 0, length, *map(len, samples)),
        _box(b"stco", 0, 1, start),
    )
    place = _box(b"dinf", _box(b"dref", 0, 1, _box(b"url ", 1)))
    return _box(
        b"moov",
        _box(b"mvhd", 0, 0, 0, scale, length, 1 << 16, 0x0100_0000, 0, 0, matrix, bytes(24), 2),
        _box(
            b"trak",
            _box(b"tkhd", 7, 0, 0, 1, 0, length, bytes(16), matrix, width << 16, height << 16),
            _box(
                b"mdia",
                _box(b"mdhd", 0, 0, 0, scale, length, 0x55C4_0000),
                _box(b"hdlr", 0, 0, b"vide", bytes(12), b"EMULATED\x00"),
                _box(b"minf", _box(b"vmhd", 1, bytes(8)), place, table),
            ),
        ),
    )


def _box(kind: bytes, *parts: bytes | int) -> bytes:
    content = b"".join(p if isinstance(p, bytes) else struct.pack(">I", p) for p in parts)
    return struct.pack(">I", len(content) + 8) + kind + content
