"""What every room's tests share: the bundled snapshot, and a place to run the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import hypothesis
import pytest
from click.testing import CliRunner, Result

from gmigen import resources
from gmigen.catalog.snapshot import documents

Command = Callable[..., Result]

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("suite", deadline=None)
hypothesis.settings.load_profile("suite")


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
    from gmigen.cli.commands import main

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(main, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result
        assert "Traceback" not in result.output
        return result

    return run
