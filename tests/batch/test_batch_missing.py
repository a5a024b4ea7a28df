"""Without the extra, a sentence names it; and nobody loads it who does not ask for a batch."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from gmigen.emulator import Emulator


def test_the_engine_is_loaded_by_who_asks_for_it_and_named_where_it_is_missing() -> None:
    code = """
import sys
from click.testing import CliRunner
import gmi_inference
from gmi_inference import batch
from gmi_inference.cli.commands import gmi
assert {"run", "Summary"} <= {*dir(batch)}
assert not {"dbos", "sqlalchemy", "psycopg"} & sys.modules.keys()
sys.modules["dbos"] = None
try:
    batch.run
except gmi_inference.ConfigurationError as error:
    print(error)
done = CliRunner().invoke(gmi, ["batch", "status", "-o", "nowhere"])
print(done.output, done.exit_code)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "A batch needs dbos: pip install 'gmi-inference[batch]'" in done.stdout
    assert "This needs dbos: pip install 'gmi-inference[batch]'" in done.stdout
    assert done.stdout.rstrip().endswith(" 2")


def test_a_batch_talks_to_the_api_only_and_listens_to_nobody(
    api: Emulator, lines: Callable[..., Path], tmp_path: Path
) -> None:
    code = """
import sys
met = set()
def met_by(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo"):
        met.add((event, str(arguments[1] if event != "socket.getaddrinfo" else arguments[:2])))
sys.addaudithook(met_by)
from gmi_inference import batch
assert batch.run(sys.argv[1], sys.argv[2]).done
print(sorted(met))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, lines("a", "b"), tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    theirs = {("127.0.0.1", urlsplit(url).port) for url in (api.base_url, api.files_url)}
    for event, where in ast.literal_eval(done.stdout):
        host, port = ast.literal_eval(where)[:2]
        assert event != "socket.bind", where
        assert (host, int(port)) in theirs, where
    assert "DBOS" not in done.stderr
