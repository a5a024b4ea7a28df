"""Submit now, wait later, in two functions that share a job."""

from gmi_inference import Client, Job, Result
from gmi_inference.models import LumaRay3_2GenerateRequest


def start(client: Client, prompt: str) -> Job:
    request = LumaRay3_2GenerateRequest(
        prompt=prompt, duration="10s", resolution="1080p", loop=True
    )
    return client.submit(request)


def finish(job: Job) -> Result:
    if job.refresh().status == "failed":
        raise SystemExit(f"{job.id} of {job.model} failed")
    return job.result(timeout=900)


with Client(timeout=1800) as client:
    first = start(client, "a lighthouse in fog")
    url: str = finish(first).url
    come_back = client.job(first.id)
    same: bool = come_back == first
