"""Every hostile or broken case: what it expects, and all that is judged without a process."""

from __future__ import annotations

import pytest
from hostile_world import BENIGN, Case, cases, encoded, made_of
from judging import judged

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_case_ends_as_it_expects_and_what_is_made_of_it_is_judged_clean(case: Case) -> None:
    output = made_of(*case.documents)
    refused, made = len(output.refused), len(output.models)
    if case.expect == "generate":
        expected = len(set(case.documents))
        assert (made, refused) == (expected, 0), [problem.code for problem in output.problems]
    elif case.expect == "refuse-model":
        assert (made, refused) == (0, 1)
    else:
        assert output.problems, "neither refused nor noted"
    assert all(p.model and p.message and p.code.replace("-", "").isalpha() for p in output.refused)
    assert judged(output, case.documents) == []


def test_the_worst_catalogue_costs_its_neighbour_nothing() -> None:
    neighbour = encoded({**BENIGN, "model": "neighbour"})
    alone = made_of(neighbour).files
    together = made_of(neighbour, *(text for case in CASES for text in case.documents)).files
    ours = [key for key in alone if key[1].startswith("models/neighbour.")]
    assert len(ours) == 2
    assert {key: together[key] for key in ours} == {key: alone[key] for key in ours}
