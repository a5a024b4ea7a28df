"""What every room's tests share: the bundled snapshot, and a place to run the command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import hypothesis
import pytest
from click.testing import CliRunner, Result
from wheel_world import Installed, installed

from gmigen import resources
from gmigen.catalog.snapshot import documents

Command = Callable[..., Result]

QUICK = (
    "schema/",
    "text/",
    "naming/",
    "pricing/",
    "emit/",
    "compat/",
    "runtime/protocol/",
    "requests/",
)
"""The folders, and single files, of tests that open no socket and start no process."""

# A busy machine is no fault of what is tested.
_PATIENT = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
# The suite gives one answer for one tree; what nobody has drawn yet is drawn at night.
hypothesis.settings.register_profile("suite", derandomize=True, database=None, **_PATIENT)
hypothesis.settings.register_profile("night", **_PATIENT)


def pytest_configure(config: pytest.Config) -> None:
    nightly = config.getoption("-m") == "nightly"
    hypothesis.settings.load_profile("night" if nightly else "suite")
    # A shell that starts this in the background lets it ignore Ctrl-C, and its children with it.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="only tests that open no socket and start no process"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow, and the rooms whose work is done over sockets or in processes."""
    if not config.getoption("--quick"):
        return
    here = Path(__file__).parent

    def quick(item: pytest.Item) -> bool:
        place = item.path.relative_to(here).as_posix()
        slow = any(any(item.iter_markers(name)) for name in ("slow", "nightly"))
        return place.startswith(QUICK) and not slow

    left_out = [item for item in items if not quick(item)]
    items[:] = [item for item in items if quick(item)]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(autouse=True)
def no_socket_and_no_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold the tests of `--quick` to what it promises."""
    if request.config.getoption("--quick"):

        def refused(*_: object, **__: object) -> None:
            raise AssertionError("a quick test opens no socket and starts no process")

        monkeypatch.setattr(socket.socket, "connect", refused)
        monkeypatch.setattr(socket.socket, "bind", refused)
        monkeypatch.setattr(subprocess.Popen, "__init__", refused)


@pytest.fixture(scope="session")
def bundled() -> Mapping[str, bytes]:
    """The details of the 109 bundled models, by id."""
    return documents(resources.snapshot())


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"


@pytest.fixture(scope="session")
def wheel(shared: Path) -> Installed:
    """The wheel with every extra of users, and pytest, in an environment of its own."""
    return installed(shared, "[cli,codegen,emulator,mcp]", "pytest")


@pytest.fixture(scope="session")
def bare_wheel(shared: Path) -> Installed:
    """The wheel and what it asks for without extras."""
    return installed(shared)


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
