"""A progress line for every change of a job."""

from gmi_inference import Client, Done, Event, Queued, Retrying, Stalled, Started
from gmi_inference.models import Wan2_6T2vRequest


def told(event: Event) -> str:
    if isinstance(event, Queued):
        return "waiting for its turn"
    if isinstance(event, Started):
        return f"running ({event.status})"
    if isinstance(event, Stalled):
        return f"no change for {event.unchanged_for:.0f} s"
    if isinstance(event, Retrying):
        return f"asking again: {event.reason}"
    return "ended" if isinstance(event, Done) else event.kind


def watch(prompt: str) -> list[str]:
    with Client() as client:
        job = client.submit(Wan2_6T2vRequest(prompt=prompt))
        return [f"{event.elapsed:6.1f} {told(event)}" for event in job.events(timeout=None)]


def callback(event: Event) -> None:
    print(event)


with Client() as client:
    client.subscribe(Wan2_6T2vRequest(prompt="a kite"), on_update=callback)
    client.run(Wan2_6T2vRequest(prompt="two kites"), on_update=print)
