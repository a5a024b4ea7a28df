"""A PostgreSQL server of one's own for a `with` block, from Debian's package if it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/bin")
USER = "postgres"


def found() -> Path | None:
    """The folder with `initdb` and `pg_ctl`; None where there is none."""
    places = [path for pattern in PLACES for path in Path("/").glob(pattern[1:])]
    return next((path for path in places if (path / "initdb").exists()), None)


class Server:
    """An empty server that listens on a socket in its folder only."""

    def __init__(self, folder: str, tell: Callable[..., None]) -> None:
        self._folder, self._tell = folder, tell
        self.dsn = f"host={folder} user={USER} dbname=postgres"
        self.url = f"postgresql://{USER}@/postgres?host={folder}"

    def start(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' -c fsync=off"
        log = f"{self._folder}/log"
        self._tell("pg_ctl", "-D", f"{self._folder}/data", "-w", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        """As a crash would: nobody is waited for."""
        self._tell("pg_ctl", "-D", f"{self._folder}/data", "-w", "-m", "immediate", "stop")


@contextmanager
def postgres() -> Iterator[str]:
    """The connection string of a server."""
    with server() as running:
        yield running.dsn


@contextmanager
def server() -> Iterator[Server]:
    """A server, for a `with` block."""
    programs = found()
    assert programs is not None, "asked before"
    # It refuses to run as root.
    as_user = ["setpriv", "--reuid", USER, "--regid", USER, "--init-groups"]
    prefix = as_user if os.geteuid() == 0 else []
    folder = tempfile.mkdtemp(prefix="gmi-pg-")
    if prefix:
        shutil.chown(folder, USER)
    data = str(Path(folder) / "data")

    def told(program: str, *arguments: str) -> None:
        command = [*prefix, str(programs / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    try:
        told("initdb", "-D", data, "-U", USER, "-A", "trust", "--no-sync")
        running = Server(folder, told)
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
