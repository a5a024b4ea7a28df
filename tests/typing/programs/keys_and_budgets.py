"""Rows that pay once, a budget, and what a job says of itself."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from gmi_inference import (
    Budget,
    BudgetExceededError,
    Client,
    Job,
    JournalStore,
    SQLiteJournal,
    tools,
)
from gmi_inference.models import Veo3Request, catalog, parse, search

journal: JournalStore = SQLiteJournal(Path("jobs.db"))


def requests(prompts: list[str]) -> Iterator[Veo3Request]:
    return (Veo3Request(prompt=prompt) for prompt in prompts)


with Client(journal=journal, budget=Budget("5.00", allow_unknown_cost=True)) as client:
    job: Job = client.submit(parse("Veo3", {"prompt": "a boat"}), key="row-17")
    told: dict[str, Any] = job.snapshot()
    if job.status == "success" or job.status == "a word of tomorrow":
        print(told["urls"], job.key)
    for done in client.map(requests(["a", "b"]), key=["row-1", "row-2"], budget=1.5):
        if isinstance(done, BudgetExceededError):
            cost: Decimal | None = done.cost
            print(done.key, cost, done.limit - done.spent)
    for done in client.map(requests(["a"]), key=lambda request: f"row-{request.prompt}"):
        print(done.index)
    left: list[Job] = client.open_jobs
    print(client.budget.spent if client.budget else left)

for facts in search(takes="image", gives="video", max_usd=0.5):
    price: float | None = catalog()[facts.id].price.high
    print(facts.tool_name, facts.snapshot, price)

functions: list[dict[str, Any]] = tools.openai(["Veo3*"])
print(tools.call("veo3", '{"prompt": "a boat"}', key="call-1").urls, functions)
