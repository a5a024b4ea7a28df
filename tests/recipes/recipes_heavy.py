"""One recipe that needs a heavy neighbour, run in the throwaway environment that has it.

Arguments: the name of the recipe; for `hosts`, how many rows and kills. The environment names an
emulator. What is printed is for people; an assertion that fails is the answer no.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from recipes_page import RECIPES


def run(name: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": f"recipe_{name}"}
    exec(compile(RECIPES[name], f"recipes.md:{name}", "exec"), names)
    return names


def celery() -> str:
    from celery.contrib.testing.worker import start_worker

    names = run("celery")
    app, clip = names["app"], names["clip"]
    with start_worker(app, pool="solo", perform_ping_check=False):
        first = clip.delay("17", "a boat").get(timeout=60)
        again = clip.delay("17", "a boat").get(timeout=60)
    assert first == again != []
    return "one row, delivered twice"


def gradio() -> str:
    from gmi_inference import Client
    from gmi_inference.models import catalog

    form = run("gradio")["form"]
    with Client() as client:
        pages = [form(model, client) for model in list(catalog())[:12]]
        (button,) = pages[0].fns.values()
        said, files = button.fn(*[None] * len(button.inputs))
        assert "required" in said
        assert files == []
        page = form("seedream-5.0-lite", client)
        (button,) = page.fns.values()
        given = [
            "a boat" if box.label == "Prompt" else getattr(box, "value", None)
            for box in button.inputs
        ]
        said, files = button.fn(*given)
        assert said.startswith("$"), said
        assert files
    return f"{len(pages)} forms built, one submitted: {said}"


def notebook() -> str:
    import nbclient
    import nbformat

    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(RECIPES["notebook"])])
    done = nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    kinds = [output.output_type for output in done.cells[0].outputs]
    assert kinds.count("display_data") == 3, done.cells[0].outputs
    return "three models shown"


def hosts() -> str:
    sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
    from postgres_server import found, postgres

    if found() is None:
        return "NOT RUN: there is no PostgreSQL server here; apt-get install postgresql"
    rows, kills = sys.argv[2:4]
    crew = Path(__file__).parents[1] / "weather/storm_crew.py"
    with postgres() as dsn, tempfile.TemporaryDirectory() as folder:
        import psycopg

        names = run("hosts")
        with psycopg.connect(dsn, autocommit=True) as db:
            db.execute(names["TABLE"])
        recipe = Path(folder) / "recipe_hosts.py"
        recipe.write_text(RECIPES["hosts"], "utf-8")
        env = {**os.environ, "STORM_JOURNAL": f"{recipe}:PostgresJournal"}
        storm = [sys.executable, str(crew), dsn, rows, kills, "14"]
        done = subprocess.run(storm, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        journal = names["PostgresJournal"](dsn)
        claim = journal.claim("k")
        assert claim is not None
        assert journal.claim("k") is None
        claim.close()
        again = journal.claim("k")
        assert again is not None
        again.close()
        noted = list(journal.find())
        Path("journal.json").write_text(json.dumps(noted))
    return f"{rows} rows, {kills} kills, {len(noted)} notes"


if __name__ == "__main__":
    sys.stdout.write(f"{globals()[sys.argv[1]]()}\n")
