"""An emulator in a process of its own, on virtual time, that reports what it saw when told to stop.

Prints its base URL; every line it reads is a number of seconds to advance the clock by; at the end
of its input it prints its report as JSON.
"""

from __future__ import annotations

import json
import sys

from gmigen.emulator import Clock, Emulator, Options, faults

MODEL = "clip-1"
DETAILS = {
    "model": MODEL,
    "model_type": "video",
    "parameters": [{"name": "prompt", "type": "string", "required": True}],
}
FAULTS = (faults.Reset(), faults.Html(503), faults.Truncated(), faults.Status(502), faults.Fin())


def main() -> None:
    share = float(sys.argv[1])
    options = Options(job_seconds=1000.0, echo_payload=False)
    running = Emulator({MODEL: json.dumps(DETAILS).encode()}, options, clock=Clock(virtual=True))
    for route in ("status", "list"):
        for fault in FAULTS:
            running.faults.add(route, fault, share=share / len(FAULTS))
    say(running.base_url)
    for line in sys.stdin:
        running.clock.advance(float(line))
        say("advanced")
    ledger = running.ledger
    report = {
        "posts": len(ledger.posts()),
        "billed": len(ledger.billed_jobs),
        "duplicates": len(ledger.duplicate_payloads),
        "looks": len(ledger.requests(route="status")),
        "lists": len(ledger.requests(route="list")),
        "struck": sum(1 for entry in ledger.entries if entry.fault),
        "foreign_credentials": len(ledger.auth_seen_on_foreign_host),
        "never_shown": sum(1 for job in running.jobs.values() if job.shown is None),
        "longest_gap": max((job.longest_gap for job in running.jobs.values()), default=0.0),
    }
    say(json.dumps(report))
    running.close()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
