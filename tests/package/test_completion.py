"""What an editor offers of the bundled package, and that importing it stays lean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jedi
import pytest

from gmi_inference import models

GENERATED = Path(__file__).parents[2] / "generated"


def _jedi(code: str) -> jedi.Script:
    return jedi.Script(code, project=jedi.Project(GENERATED, added_sys_path=[str(GENERATED)]))


@pytest.mark.row("U10")
@pytest.mark.parametrize(
    ("code", "completed"),
    [
        ("import gmi_inference\ngmi_inference.", {"Client", "AsyncClient", "GMIError", "run"}),
        ("from gmi_inference import Cl", {"Client"}),
        ("from gmi_inference.models import Veo3Req", {"Veo3Request"}),
        ("import gmi_inference as g\ng.Client().", {"submit", "run", "upload", "job", "models"}),
        (
            "from gmi_inference.models import Veo3Request as R\nR(prompt='').",
            {"prompt", "duration_seconds", "payload", "with_", "extra_payload", "MODEL_ID"},
        ),
        (
            "from gmi_inference.models import Veo3Request as R\nR(",
            {"prompt=", "duration_seconds=", "seed=", "extra_payload="},
        ),
        ("from gmi_inference.models import request_class as c\nc('').", {"MODEL_ID", "payload"}),
    ],
)
def test_jedi_completes(code: str, completed: set[str]) -> None:
    assert completed <= {one.name for one in _jedi(code).complete()}


@pytest.mark.row("U11")
def test_jedi_shows_the_parameters_and_the_docstring_of_the_class() -> None:
    [shown] = _jedi("from gmi_inference.models import Veo3Request as R\nR(").get_signatures()
    assert [one.name for one in shown.params] == [
        *models.Veo3Request.model_fields,
        "extra_payload",
    ]
    assert "Args:\n    prompt: Text that steers the clip." in shown.docstring()


@pytest.mark.row("U10")
def test_importing_stays_as_lean() -> None:
    code = (
        "import sys; import gmi_inference, gmi_inference.models; "
        "print(*{'typing', 'pydantic', 'httpx', 'asyncio', 'inspect'} & {*sys.modules})"
    )
    told = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(GENERATED)!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == ""
