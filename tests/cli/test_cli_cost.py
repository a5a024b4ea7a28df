"""What a request may cost at most, held before anything is sent."""

from __future__ import annotations

import json

import pytest
from cli_world import Shell
from test_cli_models import KEYLESS, PYTHON

from gmigen.client_cli.cost import hold
from gmigen.requests.estimate import Estimate
from gmigen.runtime.errors import BudgetExceededError

BOAT = ("Boat", "prompt=x", "durationSeconds=6")  # $0.912


@pytest.mark.parametrize("command", ["run", "submit"])
def test_what_may_cost_more_is_refused_before_anything_is_sent(shell: Shell, command: str) -> None:
    for more in ((), ("--dry-run",), ("--allow-unknown-cost",)):
        told = shell(command, *BOAT, "--max-cost", "0.91", *more)
        assert told.exit_code == 2
        assert told.stderr == (
            "gmi: This request to Boat may cost $0.912, which is more than --max-cost 0.91. "
            "Nothing was submitted.\n"
        )
    document = json.loads(shell(command, *BOAT, "--max-cost", "0.5", "--json").stdout)
    assert document["error"]["type"] == "BudgetExceededError"
    assert (document["error"]["cost"], document["error"]["limit"]) == ("0.912000", "0.5")
    assert not shell.running.ledger.entries


def test_what_costs_no_more_is_submitted(shell: Shell) -> None:
    assert shell("submit", *BOAT, "--max-cost", "0.92").exit_code == 0
    assert len(shell.running.ledger.billed_jobs) == 1


@pytest.mark.parametrize("model", ["now/1.5", "Unlisted"])
def test_a_price_nobody_knows_is_refused_unless_it_is_allowed(shell: Shell, model: str) -> None:
    told = shell("submit", model, "prompt=x", "--max-cost", "5")
    assert told.exit_code == 2
    assert "has no known highest price" in told.stderr
    assert "--allow-unknown-cost submits it all the same" in told.stderr
    assert not PYTHON.search(told.output)
    assert not shell.running.ledger.entries
    allowed = shell("submit", model, "prompt=x", "--max-cost", "5", "--allow-unknown-cost")
    assert allowed.exit_code == 0, allowed.output


def test_the_upper_end_of_a_range_counts_and_at_least_is_no_end() -> None:
    from decimal import Decimal

    span = Estimate(Decimal("0.10"), Decimal("0.30"))
    hold("m", span, 0.30, allow_unknown_cost=False)
    with pytest.raises(BudgetExceededError, match=r"\$0\.10 to \$0\.30"):
        hold("m", span, 0.29, allow_unknown_cost=False)
    open_end = Estimate(Decimal("0.10"), None, at_least=True)
    with pytest.raises(BudgetExceededError, match="at least"):
        hold("m", open_end, 5, allow_unknown_cost=False)
    hold("m", open_end, 5, allow_unknown_cost=True)
    with pytest.raises(BudgetExceededError):
        hold("m", open_end, 0.05, allow_unknown_cost=True)


def test_a_highest_cost_that_is_no_number_is_wrong_usage_and_a_document(shell: Shell) -> None:
    for value in ("-1", "much"):
        told = shell("run", *BOAT, "--max-cost", value, "--json", **KEYLESS)
        assert told.exit_code == 2
        assert "--max-cost" in json.loads(told.stdout)["error"]["message"]
