"""Jobs on disk between two processes; they hold no key."""

import pickle
from pathlib import Path

from gmi_inference import Client, Job
from gmi_inference.models import MinimaxMusic2_5Request

STORE = Path("jobs.pickle")


def start(lyrics: list[str]) -> None:
    with Client() as client:
        jobs = [client.submit(MinimaxMusic2_5Request(lyrics=text)) for text in lyrics]
    STORE.write_bytes(pickle.dumps(jobs))


def collect() -> dict[str, Path]:
    jobs: list[Job] = pickle.loads(STORE.read_bytes())
    return {job.id: job.result().artifact.save("songs") for job in set(jobs)}
