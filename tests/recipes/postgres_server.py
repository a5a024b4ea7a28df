"""A PostgreSQL server of one's own for a `with` block, from Debian's package if it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/bin", "/usr/bin")
USER = "postgres"


def found() -> Path | None:
    """The folder with `initdb` and `pg_ctl`; None where there is none."""
    places = [path for pattern in PLACES for path in Path("/").glob(pattern[1:])]
    return next((path for path in places if (path / "initdb").exists()), None)


@contextmanager
def postgres() -> Iterator[str]:
    """The connection string of an empty server that listens on a socket in a folder only."""
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
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        told("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"host={folder} user={USER} dbname=postgres"
        finally:
            told("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
