"""`gmi` on a terminal: a pseudo terminal of so many columns, and what was written to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
from dataclasses import dataclass

from cli_world import KEY, Shell

PATIENCE = 60
_SEQUENCES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|_[^\x1b]*\x1b\\)")


@dataclass(frozen=True)
class Seen:
    """How a command ended; `raw` is what the terminal was sent, `text` that without sequences."""

    code: int
    raw: str
    stdout: bytes

    @property
    def text(self) -> str:
        return _SEQUENCES.sub("", self.raw).replace("\r\n", "\n")

    @property
    def lines(self) -> list[str]:
        """Lines as they came; one that is written anew each time counts each time."""
        return [line for line in re.split(r"[\r\n]+", self.text) if line.strip()]


def on_terminal(
    shell: Shell,
    *arguments: str,
    columns: int = 80,
    piped: bool = False,
    ctrl_c_at: str = "",
    **more: str | None,
) -> Seen:
    """Run a command; with `piped` standard output is no terminal, as in `gmi ... | cat`.

    `ctrl_c_at` are words upon which somebody presses Ctrl-C.
    """
    inherited = {
        name: text
        for name, text in os.environ.items()
        if not re.match(r"GMI_|KITTY|TERM|LC_|TMUX|STY|COLUMNS|LINES|NO_COLOR|FORCE_COLOR", name)
    }
    given = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(shell.packages)}
    environment = {**inherited, **shell.environment, **given, **more}
    main, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        shell.command(*arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if piped else terminal,
        stderr=terminal,
        env={name: text for name, text in environment.items() if text is not None},
        cwd=shell.home,
    ) as process:
        os.close(terminal)
        written = bytearray()
        with contextlib.suppress(OSError):  # the end of a pseudo terminal on Linux
            while piece := os.read(main, 65536):
                written += piece
                if ctrl_c_at and ctrl_c_at in written.decode(errors="replace"):
                    ctrl_c_at = ""
                    process.send_signal(signal.SIGINT)
        os.close(main)
        stdout, _ = process.communicate(timeout=PATIENCE)
    raw = written.decode()
    assert KEY not in raw
    assert "Traceback" not in raw, raw
    return Seen(process.returncode, raw, stdout or b"")
