"""Without the extra, a sentence names it; and nobody loads it who does not ask for a batch."""

from __future__ import annotations

import subprocess
import sys


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
