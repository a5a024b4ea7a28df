"""What a killed process left behind: jobs to wait for, and attempts nobody knows the end of."""

from gmi_inference import Client, Job, Reconciliation, Resumption, SubmissionUnknownError
from gmi_inference.models import Veo3Request


def pick_up(client: Client) -> list[str]:
    left: Resumption[Job] = client.resume()
    urls = [job.result().url for job in left.jobs]
    for attempt in left.unknown:
        found: Reconciliation = attempt.reconcile()
        if found.verdict == "one":
            urls.append(client.job(found.jobs[0].id).result().url)
    return urls


with Client(journal="jobs.jsonl") as client:
    pick_up(client)
    try:
        client.run(Veo3Request(prompt="a paper boat"))
    except SubmissionUnknownError as unknown:
        print(unknown.reconcile(), unknown.phase, unknown.uploaded)
