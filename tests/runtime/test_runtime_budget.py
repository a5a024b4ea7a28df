"""Budgets: what may cost more than is left is refused before it is sent, by the API's own log."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gmi_inference import (
    AsyncClient,
    BadRequestError,
    Budget,
    BudgetExceededError,
    Client,
    ConfigurationError,
    SubmissionUnknownError,
)
from gmi_inference.models import KlingImage2VideoV1_6ProRequest, PixverseV6I2vRequest, catalog
from gmigen.emulator import Emulator, emulator, faults

KEY = "sk-a-key-for-this-test"
CHEAP = PixverseV6I2vRequest.from_payload(
    {"prompt": "a boat", "image": "https://a.example/b.png", "quality": "540p", "duration": 5}
)
VAGUE = KlingImage2VideoV1_6ProRequest.from_payload(
    {"prompt": "a boat", "image": "https://a.example/b.png"}
)
"""Nobody published what it costs at most."""


@pytest.fixture
def running(bundled: Mapping[str, bytes]) -> Iterator[Emulator]:
    with emulator({name: bundled[name] for name in (CHEAP.MODEL_ID, VAGUE.MODEL_ID)}) as one:
        yield one


def client(running: Emulator, **more: Any) -> Client:
    return Client(KEY, base_url=running.base_url, poll=0.01, **more)


def cost() -> Decimal:
    high = CHEAP.estimate().high
    assert high
    return high


def test_the_sum_of_estimates_stays_below_the_budget(running: Emulator) -> None:
    with client(running, budget=float(3 * cost())) as api:
        for number in range(1, 4):
            api.submit(CHEAP)
            assert api.budget is not None
            assert api.budget.spent == number * cost()
        with pytest.raises(BudgetExceededError, match=r"\$0.* is left.*no bill") as raised:
            api.submit(CHEAP)
        assert api.budget.left == 0
    told = pickle.loads(pickle.dumps(raised.value))
    assert (told.cost, told.limit, told.spent) == (cost(), 3 * cost(), 3 * cost())
    assert told.request == CHEAP
    assert len(running.log.posts()) == 3


@pytest.mark.parametrize("how", ["request", "payload", "unchecked"])
def test_a_model_whose_highest_price_nobody_knows_is_refused(running: Emulator, how: str) -> None:
    assert VAGUE.estimate().high is None
    given: Any = (VAGUE,) if how == "request" else (VAGUE.MODEL_ID, VAGUE.payload())
    more: Any = {"unchecked": True} if how == "unchecked" else {}
    with client(running, budget=100) as api:
        with pytest.raises(BudgetExceededError, match=r"is not known.*allow_unknown_cost"):
            api.submit(*given, **more)
        assert api.budget is not None
        assert api.budget.spent == 0
        api.submit(*given, allow_unknown_cost=True, **more)
        assert api.budget.spent == VAGUE.estimate().low
    assert len(running.log.posts()) == 1


def test_a_budget_may_allow_what_is_unknown_and_be_shared(running: Emulator) -> None:
    budget = Budget("0.20", allow_unknown_cost=True)
    with client(running, budget=budget) as one, client(running, budget=budget) as other:
        one.submit(VAGUE)
        other.submit(VAGUE)
        with pytest.raises(BudgetExceededError):
            other.submit(VAGUE)
    assert budget.spent == Decimal("0.196")
    assert len(running.log.posts()) == 2


def test_what_was_refused_is_given_back_and_what_is_unknown_is_not(running: Emulator) -> None:
    with client(running, budget=5) as api:
        assert api.budget is not None
        running.faults.add("submit", faults.Status(400, "no"))
        with pytest.raises(BadRequestError):
            api.submit(CHEAP)
        assert api.budget.spent == 0
        running.faults.add("submit", faults.Reset(process=True))
        with pytest.raises(SubmissionUnknownError):
            api.submit(CHEAP)
        assert api.budget.spent == cost()


def test_a_key_that_was_accepted_costs_nothing(running: Emulator, tmp_path: Path) -> None:
    with client(running, budget=cost(), journal=tmp_path / "j.db") as api:
        for _ in range(3):
            api.submit(CHEAP, key="row-17")
        assert api.budget is not None
        assert api.budget.left == 0
    assert len(running.log.posts()) == 1


def test_a_batch_has_one_of_its_own_below_that_of_the_client(running: Emulator) -> None:
    with client(running, budget=4 * cost()) as api:
        ended = list(api.map([CHEAP] * 5, budget=float(2 * cost())))
        assert sum(isinstance(one, BudgetExceededError) for one in ended) == 3
        assert api.budget is not None
        assert api.budget.spent == 2 * cost()
        mine = Budget(100)
        ended = list(api.map([CHEAP] * 5, budget=mine, concurrency=1))
        assert sum(isinstance(one, BudgetExceededError) for one in ended) == 3
        # What the client's refused is not counted in the other.
        assert mine.spent == 2 * cost()
        assert api.budget.left == 0
    assert len(running.log.posts()) == 4


def test_asynchronous_batches_have_budgets_too(running: Emulator) -> None:
    async def work() -> int:
        async with AsyncClient(KEY, base_url=running.base_url, poll=0.01) as api:
            ended = [one async for one in api.map([CHEAP] * 5, budget=2 * float(cost()))]
            return sum(isinstance(one, BudgetExceededError) for one in ended)

    assert asyncio.run(work()) == 3
    assert len(running.log.posts()) == 2


def test_threads_do_not_pass_it_together(running: Emulator) -> None:
    def one(_: int) -> bool:
        try:
            api.submit(CHEAP)
        except BudgetExceededError:
            return False
        return True

    with client(running, budget=float(3 * cost())) as api, ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(8))) == 3
    assert len(running.log.posts()) == 3


@pytest.mark.parametrize("budget", [-1, float("nan"), float("inf"), "much", True, [5]])
def test_what_is_no_amount_is_refused(budget: Any) -> None:
    with pytest.raises(ConfigurationError, match="US dollars"):
        Client(KEY, budget=budget)


def test_nothing_at_all_may_be_spent_of_zero(running: Emulator) -> None:
    with client(running, budget=0) as api, pytest.raises(BudgetExceededError):
        api.submit(CHEAP)
    assert running.log.posts() == ()
    assert catalog()["pixverse-v6-i2v"].price.high
