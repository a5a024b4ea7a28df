"""A listening socket that nobody but this machine can reach."""

from __future__ import annotations

import ipaddress
import socket

BACKLOG = 2048


def loopback_socket(host: str, port: int) -> socket.socket:
    """A listening socket on `host`, which must be a loopback address.

    Raises:
        ValueError: others than this machine could reach it.
        OSError: the port is taken.
    """
    listener = silent_socket(host, port)
    try:
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def silent_socket(host: str, port: int) -> socket.socket:
    """One that holds the port and lets nobody connect until it listens.

    Raises:
        ValueError: others than this machine could reach it.
        OSError: the port is taken.
    """
    if host == "localhost":
        host = "127.0.0.1"
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise ValueError(f"the emulator binds loopback addresses only, and {host!r} is none")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is spelled out; without it an answer waits
    # 40 ms for the acknowledgement of its own head.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def authority(listener: socket.socket) -> str:
    """`host:port` of a bound socket, as a URL writes it."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
