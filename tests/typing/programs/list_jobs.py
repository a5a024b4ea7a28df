"""The jobs of an account, page by page."""

from collections.abc import Iterator

from gmi_inference import Client, Job


def all_jobs(client: Client, model: str | None = None) -> Iterator[Job]:
    offset = 0
    while page := client.jobs.list(model, limit=100, offset=offset):
        yield from page
        offset += len(page)


with Client() as client:
    unfinished = [job.id for job in all_jobs(client, "Veo3") if job.status == "queued"]
    one: Job = client.jobs.get(unfinished[0])
    waiting_since: float | None = one.record.created_at if one.record else None
