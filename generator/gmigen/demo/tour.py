"""The demo's steps, each through the same code as the commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import resources
from ..build import build
from ..catalog.fetch import collect_from_api
from ..catalog.snapshot import documents
from ..catalog.store import store
from ..emulator import Emulator, emulator
from ..errors import DemoError
from ..publish.publish import publish
from ..settings import Settings

Say = Callable[[str], object]


def run(folder: Path | None, *, say: Say) -> None:
    """Do the whole job against an emulator and leave real files behind.

    Args:
        folder: where to work; None makes a temporary folder, which stays.
        say: called with each line for the user.

    Raises:
        DemoError: when a step fails, which means that the installation is broken.
    """
    root = folder or Path(tempfile.mkdtemp(prefix="gmigen-demo-"))
    root.mkdir(parents=True, exist_ok=True)
    settings = Settings(root=root.resolve())
    details = documents(resources.snapshot())
    with emulator(details, job_seconds=1.2) as api, _environment(api):
        say(f"1. An emulator of the API serves {len(details)} models at {api.base_url}.")
        say("   It runs no models and spends no money; it was never compared with the service.")
        _fetch(settings, say)
        _generate(settings, say)
        _use(settings, api, say)


def _fetch(settings: Settings, say: Say) -> None:
    collected = collect_from_api(settings, jobs=8, most=5000, on_progress=lambda done, total: None)
    store(settings.snapshot_folder, collected, today="", provenance="Fetched from the emulator.")
    if collected.problems:
        raise DemoError(f"{len(collected.problems)} models could not be fetched.")
    say(f"2. Fetched the details of {len(collected.documents)} models over HTTP.")


def _generate(settings: Settings, say: Say) -> None:
    built = build(settings)
    publish(settings, built.wanted, force=True)
    if built.refused:
        raise DemoError(f"{built.refused} models were refused.")
    pages = sum(area == "docs" for area, _ in built.wanted.files)
    say(f"3. Generated {built.models} typed modules in {settings.package_folder}")
    say(f"   and {pages} pages in {settings.docs_folder}.")


def _use(settings: Settings, api: Emulator, say: Say) -> None:
    program = settings.root / "app.py"
    shutil.copyfile(Path(__file__).with_name("app.py"), program)
    say(f"4. Running {program}, which imports the new package:")
    media = settings.root / "media"
    media.mkdir(exist_ok=True)
    child = subprocess.Popen(
        [sys.executable, "-u", str(program), str(media)],
        env={**os.environ, "PYTHONPATH": str(settings.root / settings.output)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    assert child.stdout is not None
    with child:
        for told in child.stdout:
            say(f"   {told.rstrip()}")
    if child.returncode:
        raise DemoError("The demo program failed; its last words are above.")
    files = sorted(media.iterdir())
    say(f"5. {len(files)} files, {len(api.log.billed_jobs)} jobs, no cent spent:")
    for path in files:
        say(f"   {path} ({path.stat().st_size:,} bytes)")


@contextmanager
def _environment(api: Emulator) -> Iterator[None]:
    """Point this process and its children at the emulator, and back again."""
    ours = {"GMI_BASE_URL": api.base_url, "GMI_API_KEY": "emu-key"}
    before = {name: os.environ.get(name) for name in (*ours, "GMI_ORG_ID")}
    os.environ.update(ours)
    os.environ.pop("GMI_ORG_ID", None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
