"""Start and stop the emulator while clients connect in its last moments.

    python -W error tests/emulator/last_moment.py 300

Prints how many connections were made. A socket left open is a warning on standard error.
"""

from __future__ import annotations

import gc
import socket
import sys
import threading
from urllib.parse import urlsplit

from gmigen.emulator import Emulator

CLIENTS = 3
HELD = 50
HALF = b"GET /models HTTP/1.1\r\nHost:"


class Caller(threading.Thread):
    """Connects again and again, until nobody listens; some begin to speak, the oldest leave."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self._address = address
        self.begun = threading.Event()
        self.made = 0

    def run(self) -> None:
        opened: list[socket.socket] = []
        try:
            while True:
                opened.append(socket.create_connection(self._address, timeout=5))
                self.made += 1
                if len(opened) > HELD:
                    opened.pop(0).close()
                if self.made % 3 == 0:
                    opened[-1].sendall(HALF)
                self.begun.set()
        except OSError:
            self.begun.set()
        finally:
            for one in opened:
                one.close()


def address_of(origin: str) -> tuple[str, int]:
    parts = urlsplit(origin)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def once() -> int:
    """One life of an emulator that ends while clients connect; how many connections they made."""
    running = Emulator({})
    origins = (running.origin, running.files_url)
    callers = [Caller(address_of(origins[number % 2])) for number in range(CLIENTS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.begun.wait()
    running.close()
    for caller in callers:
        caller.join()
    del running
    gc.collect()
    return sum(caller.made for caller in callers)


if __name__ == "__main__":
    print(sum(once() for _ in range(int(sys.argv[1]))))
