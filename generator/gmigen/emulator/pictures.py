"""Pictures of any size in three formats, each saying that no model made it. No library needed.

Two shades are enough: a picture is a table of rows of bits, and most rows are the same row.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

_DARK, _LIGHT = (0x1F, 0x2A, 0x44), (0xFF, 0xC8, 0x57)
_GREY = (40, 205)
_WORD = "EMULATED"
_GLYPHS = {
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001",
    "U": "10001 10001 10001 10001 10001 10001 01110",
    "L": "10000 10000 10000 10000 10000 10000 11111",
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "T": "11111 00100 00100 00100 00100 00100 00100",
    "D": "11110 10001 10001 10001 10001 10001 11110",
}
_LINES = 7


def rows(width: int, height: int) -> list[str]:
    """The picture as `height` rows of `width` bits: the word in the middle, where it fits, above
    a line. The first and the last column are dark."""
    empty = "0" * width
    picture = [empty] * height
    word = [" ".join(_GLYPHS[c].split()[line] for c in _WORD) for line in range(_LINES)]
    word = [line.replace(" ", "0") for line in word]
    scale = min((width - 2) // len(word[0]), height // (_LINES + 4))
    if scale >= 1:
        margin = (width - scale * len(word[0])) // 2
        top = (height - scale * _LINES) // 2
        for number, line in enumerate(word):
            wide = "".join(bit * scale for bit in line)
            row = ("0" * margin + wide).ljust(width, "0")
            picture[top + number * scale : top + (number + 1) * scale] = [row] * scale
    if width >= 4 and height >= 3:
        picture[-2] = "0" + "1" * (width - 2) + "0"
    return picture


def picture(extension: str, width: int, height: int) -> bytes:
    """The bytes of a picture: `extension` is png, jpeg or webp."""
    return _MAKERS[extension](width, height)


def _png(width: int, height: int) -> bytes:
    packed = {row: b"\x00" + _packed(row) for row in set(rows(width, height))}
    pixels = b"".join(packed[row] for row in rows(width, height))
    head = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", head),
        (b"PLTE", bytes(_DARK + _LIGHT)),
        (b"IDAT", zlib.compress(pixels, 6)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _packed(bits: str) -> bytes:
    size = (len(bits) + 7) // 8
    return int(bits.ljust(size * 8, "0"), 2).to_bytes(size, "big")


# One bit for "nothing more in this block", and the standard lengths for the brightness.
_DC_LENGTHS = bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
_DC_CODES = ("00", "010", "011", "100", "101", "110", "1110", "11110", "111110")
_AC_LENGTHS = bytes([1] + [0] * 15)
_END = "0"


def _jpeg(width: int, height: int) -> bytes:
    """Grey, and only the mean of each block of 8 by 8 pixels: a step of one of them is a shade."""
    across, down = -(-width // 8), -(-height // 8)
    table = rows(across, down)
    coded = {row: _scan_line(row) for row in set(table)}
    first = _brightness(_GREY[0] - 128) + _END
    bits = first + "".join(coded[row] for row in table)[len(_brightness(0) + _END) :]
    bits = bits.ljust(-(-len(bits) // 8) * 8, "1")
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    dc = b"\x00" + _DC_LENGTHS + bytes(range(sum(_DC_LENGTHS)))
    ac = b"\x10" + _AC_LENGTHS + b"\x00"
    segments = [
        (0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
        (0xDB, b"\x00" + bytes([8] * 64)),
        (0xC0, struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0)),
        (0xC4, dc),
        (0xC4, ac),
        (0xDA, b"\x01\x01\x00\x00\x3f\x00"),
    ]
    head = b"".join(struct.pack(">BBH", 0xFF, m, len(d) + 2) + d for m, d in segments)
    return b"\xff\xd8" + head + scan + b"\xff\xd9"


def _scan_line(row: str) -> str:
    """The blocks of a row, each as its difference to the one before; a row begins and ends dark."""
    step = _GREY[1] - _GREY[0]
    steps = [int(bit) - int(before) for before, bit in zip("0" + row, row, strict=False)]
    return "".join(_brightness(way * step) + _END for way in steps)


def _brightness(difference: int) -> str:
    size = abs(difference).bit_length()
    if not size:
        return _DC_CODES[0]
    value = difference if difference > 0 else difference + (1 << size) - 1
    return _DC_CODES[size] + format(value, f"0{size}b")


def _webp(width: int, height: int) -> bytes:
    """Lossless: one bit a pixel chooses its green; red, blue and alpha are always the same."""
    green = min(_DARK[1], _LIGHT[1]), max(_DARK[1], _LIGHT[1])
    fields = [
        (0x2F, 8),
        (width - 1, 14),
        (height - 1, 14),
        (0, 1),
        (0, 3),
        *[(0, 1)] * 3,
        *[(1, 1), (1, 1), (1, 1), (green[0], 8), (green[1], 8)],
        *[field for shade in (_DARK[0], _DARK[2], 0xFF) for field in _only(shade)],
        *[(1, 1), (0, 1), (0, 1), (0, 1)],
    ]
    head = "".join(format(value, f"0{size}b")[::-1] for value, size in fields)
    bits = head + "".join(rows(width, height))
    size = -(-len(bits) // 8)
    stream = int(bits[::-1], 2).to_bytes(size, "little")
    stream += b"\x00" * (size % 2)
    chunk = b"VP8L" + struct.pack("<I", size) + stream
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _only(symbol: int) -> list[tuple[int, int]]:
    """A code of one symbol, which takes no bits in the pixels."""
    return [(1, 1), (0, 1), (1, 1), (symbol, 8)]


_MAKERS: Mapping[str, Callable[[int, int], bytes]] = {"png": _png, "jpeg": _jpeg, "webp": _webp}
