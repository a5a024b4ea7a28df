# fmt: off
# isort: skip_file
# ruff: noqa
"""`gmi doctor`: what was looked at, a line each, and the exit code that follows."""

from __future__ import annotations

import dataclasses

import click

from .checkup import FAIL, findings
from .output import out_json
from .tables import tell_rows


def examine(as_json: bool) -> None:
    """Look at everything, and tell. Ends with the code of the first thing that fails."""
    found = [*findings()]
    failed = [finding.code for finding in found if finding.state == FAIL]
    if as_json:
        told = [dataclasses.asdict(finding) for finding in found]
        checks = [{name: one[name] for name in ("name", "state", "message")} for one in told]
        out_json({"ok": not failed, "checks": checks})
    else:
        rows = [(one.state, one.name, one.message) for one in found]
        tell_rows(("STATE", "WHAT", "FOUND"), rows)
    if failed:
        raise click.exceptions.Exit(failed[0])
