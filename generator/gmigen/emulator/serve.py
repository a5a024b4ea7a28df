"""What `gmigen emulate` runs: the emulator in the foreground, until it is told to stop."""

from __future__ import annotations

import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ..pricing.claim import Claim
from ..schema.overlays import Overlay
from .emulator import Emulator
from .options import Options

KEY = "emu-key"

NOTICE = """\
This is an emulator on your own machine. It imitates what is documented and was recorded in public;
it was never compared with the live service. It runs no models and spends no money."""


def banner(base_url: str, models: int, *, own_key: bool = False, authority: str = "") -> str:
    """What is said at the start: what this is, and the lines to paste into a shell.

    With `own_key` the caller chose who is let in, and a key is never printed. `authority` is the
    file with the certificate to trust, where there is TLS.
    """
    trust = f" SSL_CERT_FILE={shlex.quote(authority)}" if authority else ""
    key = "" if own_key else f" GMI_API_KEY={KEY}"
    only = "Only the key you gave is let in, as GMI_API_KEY.\n" if own_key else ""
    return (
        f"Emulating {models} models at {base_url}\n\n"
        f"export GMI_BASE_URL={base_url}{key}{trust}\n\n"
        f"{only}{NOTICE}\nStop it with Ctrl-C."
    )


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def serve(
    documents: Mapping[str, bytes],
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    options: Options | None = None,
    overlays: Iterable[Overlay] | None = None,
    claims: Iterable[Claim] | None = None,
    date: str = "",
    say: Callable[[str], object] = _write,
) -> None:
    """Run an emulator until SIGINT or SIGTERM, then return.

    Args:
        documents: model id -> the raw details document.
        host: a loopback address.
        port: the API's port; 0 takes a free one.
        options: how it behaves.
        overlays: corrections of the details; the bundled ones unless given.
        claims: what is published of prices; the bundled ones unless given.
        date: the day the details are from, "" for today.
        say: called with the text for the user; it prints unless told otherwise.

    Raises:
        ValueError: `host` is not a loopback address.
        OSError: the port is taken.
    """
    stopped = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stopped.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        running = Emulator(
            documents,
            options,
            overlays=overlays,
            claims=claims,
            date=date,
            host=host,
            port=port,
        )
        try:
            with _authority(running) as file:
                own_key = running.options.keys is not None
                say(banner(running.base_url, len(documents), own_key=own_key, authority=file))
                # A wait without a limit would not notice a signal on Windows.
                while not stopped.wait(0.5):
                    pass
        finally:
            running.close()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _authority(running: Emulator) -> Iterator[str]:
    """A file with the certificate to trust, for as long as the emulator runs; "" without TLS."""
    if not running.authority:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="gmigen-emulator-") as folder:
        file = Path(folder) / "authority.pem"
        file.write_text(running.authority)
        yield str(file)
