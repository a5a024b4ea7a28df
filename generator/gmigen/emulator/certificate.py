"""Certificates for loopback: an authority that lives as long as the emulator, and one host of it.

Made here, on P-256, so that TLS needs nothing installed. Neither key leaves this process but for
the moment it takes to load the host's, and nothing else should trust this authority.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_A = _P - 3
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_Point = tuple[int, int]

_CURVE = bytes.fromhex("06082a8648ce3d030107")
_PUBLIC_KEY = bytes.fromhex("06072a8648ce3d0201")
_ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("0603550403")
_FROM, _TO = b"\x17\x0d200101000000Z", b"\x18\x0f20991231235959Z"
_ADDRESSES = ("127.0.0.1", "::1")


@dataclass(frozen=True)
class Certificates:
    """`authority` is the PEM text to trust; `context` is what a server on loopback presents."""

    authority: str
    context: ssl.SSLContext


def certificates() -> Certificates:
    """A new authority and a host certificate for `localhost`, 127.0.0.1 and ::1."""
    ca_secret, host_secret = _secret(), _secret()
    ca_public, host_public = _times(ca_secret, _G), _times(host_secret, _G)
    ca_id, host_id = _key_id(ca_public), _key_id(host_public)
    ca = _certificate(
        "gmigen emulator authority",
        ca_public,
        ca_secret,
        [
            _extension("551d13", _der(0x30, b"\x01\x01\xff"), critical=True),
            _extension("551d0f", b"\x03\x02\x01\x06", critical=True),
            _extension("551d0e", _der(0x04, ca_id)),
        ],
    )
    names = _der(0x82, b"localhost") + b"".join(
        _der(0x87, ipaddress.ip_address(address).packed) for address in _ADDRESSES
    )
    host = _certificate(
        "gmigen emulator",
        host_public,
        ca_secret,
        [
            _extension("551d13", _der(0x30, b""), critical=True),
            _extension("551d0f", b"\x03\x02\x07\x80", critical=True),
            _extension("551d25", _der(0x30, bytes.fromhex("06082b06010505070301"))),
            _extension("551d0e", _der(0x04, host_id)),
            _extension("551d23", _der(0x30, _der(0x80, ca_id))),
            _extension("551d11", _der(0x30, names)),
        ],
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "host.pem"
        file.touch(mode=0o600)
        file.write_text(_pem("CERTIFICATE", host) + _private_key(host_secret, host_public))
        context.load_cert_chain(file)
    return Certificates(_pem("CERTIFICATE", ca), context)


def _certificate(name: str, public: _Point, signer: int, extensions: list[bytes]) -> bytes:
    issuer = _name("gmigen emulator authority")
    curve = _der(0x30, _PUBLIC_KEY + _CURVE)
    key = _der(0x30, curve + _der(0x03, b"\x00" + _uncompressed(public)))
    content = b"".join(
        [
            _der(0xA0, _integer(2)),
            _integer(secrets.randbits(120)),
            _ECDSA_SHA256,
            issuer,
            _der(0x30, _FROM + _TO),
            _name(name),
            key,
            _der(0xA3, _der(0x30, b"".join(extensions))),
        ]
    )
    signed = _der(0x30, content)
    return _der(0x30, signed + _ECDSA_SHA256 + _der(0x03, b"\x00" + _signature(signed, signer)))


def _extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    name = _der(0x06, bytes.fromhex(oid))
    return _der(0x30, name + (b"\x01\x01\xff" if critical else b"") + _der(0x04, value))


def _name(text: str) -> bytes:
    return _der(0x30, _der(0x31, _der(0x30, _COMMON_NAME + _der(0x0C, text.encode()))))


def _signature(message: bytes, secret: int) -> bytes:
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    once = _secret()
    r = _times(once, _G)[0] % _N
    s = pow(once, -1, _N) * (digest + r * secret) % _N
    return _der(0x30, _integer(r) + _integer(s))


def _private_key(secret: int, public: _Point) -> str:
    content = _integer(1) + _der(0x04, secret.to_bytes(32, "big")) + _der(0xA0, _CURVE)
    content += _der(0xA1, _der(0x03, b"\x00" + _uncompressed(public)))
    return _pem("EC PRIVATE KEY", _der(0x30, content))


def _secret() -> int:
    return secrets.randbelow(_N - 1) + 1


def _key_id(public: _Point) -> bytes:
    return hashlib.sha1(_uncompressed(public), usedforsecurity=False).digest()


def _uncompressed(public: _Point) -> bytes:
    return b"\x04" + public[0].to_bytes(32, "big") + public[1].to_bytes(32, "big")


def _times(factor: int, point: _Point) -> _Point:
    total: _Point | None = None
    while factor:
        if factor & 1:
            total = point if total is None else _plus(total, point)
        point, factor = _plus(point, point), factor >> 1
    assert total is not None, "a factor is at least 1"
    return total


def _plus(one: _Point, other: _Point) -> _Point:
    (x1, y1), (x2, y2) = one, other
    if one == other:
        slope = (3 * x1 * x1 + _A) * pow(2 * y1, -1, _P) % _P
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, _P) % _P
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    counted = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(counted)]) + counted + content


def _pem(label: str, content: bytes) -> str:
    lines = base64.encodebytes(content).decode().replace("\n", "")
    wrapped = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    return f"-----BEGIN {label}-----\n{wrapped}\n-----END {label}-----\n"
