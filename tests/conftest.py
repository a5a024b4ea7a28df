"""What every room's tests share: the bundled snapshot, and a place to run the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, settings

from gmigen import resources
from gmigen.serving import documents

Command = Callable[..., Result]

# How fast this machine is just now is no property of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def bundled() -> Mapping[str, bytes]:
    """The details of the 109 bundled models, by id."""
    return documents(resources.snapshot())


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the working directory, and no setting of the API in the environment."""
    for name in ("GMI_API_KEY", "GMI_ORG_ID", "GMI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gmigen(project: Path) -> Command:
    """`gmigen` run in `project`; no traceback may leave it."""
    from gmigen.cli import main

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert "Traceback" not in result.output
        return result

    return run
