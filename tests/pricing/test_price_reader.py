"""Files of prices: what they may say, and a finding for everything else, whatever the bytes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.pricing.claim import CERTAINTIES, Claim
from gmigen.pricing.reader import MOST_MILLIONTHS, read_prices
from gmigen.pricing.table import priced
from gmigen.pricing.units import UNITS
from gmigen.requests.estimate import estimated
from gmigen.schema import Model, Parameter
from gmigen.schema.types import Anything

HEAD = '[[price]]\nmodels = ["m"]\ncertainty = "third party"\nsource = "a page"\n'


def read(text: str) -> tuple[list[Claim], list[str]]:
    claims, problems = read_prices("one.toml", text.encode())
    assert all(problem.level == "warning" for problem in problems)
    assert all("one.toml is not used" in problem.message for problem in problems)
    return claims, [problem.code for problem in problems]


def test_a_price_says_its_rates_in_exact_millionths() -> None:
    claims, codes = read(f'{HEAD}unit = "second"\ndate = "2026-09"\nusd = 0.012288\n')
    assert codes == []
    assert [rate.usd for rate in claims[0].rates] == [(12288, 12288)]
    assert (claims[0].unit, claims[0].date, claims[0].models) == ("second", "2026-09", ("m",))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('unit = "second"\nusd = -0.1', "price-negative"),
        ('unit = "second"\nusd = -1', "price-negative"),
        ('unit = "second"\nusd = nan', "price-nan"),
        ('unit = "second"\nusd = inf', "price-nan"),
        ('unit = "second"\nusd = -inf', "price-nan"),
        ('unit = "credit"\nusd = 0.1', "price-unit"),
        ('unit = "Second"\nusd = 0.1', "price-unit"),
        ("usd = 0.1", "price-unit"),
        ('unit = "second"\nusd = 0.1\ndoubt = "credit"', "price-unit"),
        ('unit = "block"\nusd = 0.1', "price-unit"),
        ('unit = "second"\nblock = 5\nusd = 0.1', "price-unit"),
        ('unit = "second"\nusd = [0.2, 0.1]', "price-contradiction"),
        ('unit = "second"\nusd = 0.1\nrates = [{ usd = 0.1 }]', "price-contradiction"),
        ('unit = "second"\nrates = [{ usd = 0.1 }, { usd = 0.2 }]', "price-contradiction"),
        (
            'unit = "second"\nrates = [{ usd = 0.1, when = { a = ["x", "y"], b = 1 } }, '
            '{ usd = 0.2, when = { b = "1", a = ["Y", "x"] } }]',
            "price-contradiction",
        ),
        ('unit = "second"\nspan = [9, 3]\nusd = 0.1', "price-contradiction"),
        ('unit = "second"\nusd = 0.0000001', "price-shape"),
        ('unit = "second"\nusd = 1e-999999', "price-shape"),
        ('unit = "second"\nusd = 1e999999', "price-shape"),
        ('unit = "second"\nusd = "0.1"', "price-shape"),
        ('unit = "second"\nusd = true', "price-shape"),
        ('unit = "second"\nusd = 0.1\ndate = 2026-09-01', "price-shape"),
        ('unit = "second"\nusd = 0.1\ndate = "yesterday"', "price-shape"),
        ('unit = "second"\nusd = 0.1\nprcie = 1', "price-shape"),
        ('unit = "second"\nrates = [{ usd = 0.1, whne = {} }]', "price-shape"),
        ('unit = "second"\nrates = [{ when = { a = 1 } }]', "price-shape"),
        ('unit = "second"\nrates = [{ usd = 0.1, when = { a = 0.5 } }]', "price-shape"),
        ('unit = "second"\nrates = [{ usd = 0.1, given = { a = "yes" } }]', "price-shape"),
        ('unit = "second"\nrates = [{ usd = 0.1, over = ["size"] }]', "price-shape"),
        ('unit = "second"\nplus = [{ usd = 0.1 }]\nusd = 1', "price-shape"),
        ('unit = "second"\nnote = " "\nusd = 1', "price-shape"),
        ('unit = "second"\ndoubt = "request"', "price-shape"),
        ('unit = "second"\nabsent = { a = [1] }\nusd = 1', "price-shape"),
    ],
)
def test_a_price_with_one_thing_wrong_is_left_out_whole(body: str, code: str) -> None:
    claims, codes = read(f'{HEAD}{body}\n\n{HEAD}unit = "image"\nusd = 0.5\n')
    assert codes == [code]
    assert [claim.unit for claim in claims] == ["image"], "the other price of the file counts"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"[[price]]\nmodels",
        b"price = 1",
        b"",
        b"prices = []",
        b"price = [1]",
        b"[price]\nunit = 'second'",
        b"a = " + b"[" * 5000,
        b"[[price]]\nunit = 'second'\nmodels = []\ncertainty = 'inference'",
        b"[[price]]\nunit = 'second'\nmodels = [1]\ncertainty = 'inference'",
        b"[[price]]\nmodels = ['m']\ncertainty = 'sure'\nunit = 'second'",
        b"[[price]]\nmodels = ['m']\ncertainty = 'third party'\nunit = 'second'",
        b"[[price]]\nmodels = ['m']\nunit = 0x" + b"f" * 9000,
        b"[[price]]\nmodels = ['m']\nusd = 1e99999999999999999999",
    ],
)
def test_what_is_no_file_of_prices_is_a_finding(content: bytes) -> None:
    claims, problems = read_prices("one.toml", content)
    assert claims == []
    assert [problem.code for problem in problems] == [
        "price-unit" if b"0x" in content else "price-shape"
    ]


words = st.sampled_from(["second", "image", "credit", "text", "m", "size", "duration", "1024x512"])
leaves = st.one_of(
    words,
    st.text(max_size=8),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(words, st.text(max_size=5)), inner)
    ),
    max_leaves=6,
)
rates = st.fixed_dictionaries(
    {"usd": st.integers(0, 5)},
    optional={
        "when": st.dictionaries(words, words, max_size=2),
        "given": st.dictionaries(words, st.booleans(), max_size=2),
        "over": st.tuples(words, st.integers(1, 10**6)).map(list),
    },
)
likely = st.fixed_dictionaries(
    {
        "models": st.just(["m"]),
        "unit": st.sampled_from(sorted(UNITS)),
        "certainty": st.sampled_from(CERTAINTIES),
        "source": st.just("a page"),
    },
    optional={
        "rates": st.lists(rates, max_size=3),
        "doubt": st.sampled_from(sorted(UNITS)),
        "block": st.integers(0, 9),
        "span": st.tuples(st.integers(0, 9), st.integers(0, 9)).map(list),
        "clips": st.lists(words, max_size=2),
        "only": st.dictionaries(words, words, max_size=2),
        "pixels": st.tuples(words, st.integers(0, 10**6)).map(list),
        "plus": st.lists(st.fixed_dictionaries({"usd": st.integers(0, 5), "per": words})),
        "absent": st.dictionaries(words, words, max_size=2),
        "assumed": st.dictionaries(words, words, max_size=2),
    },
)


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value) if isinstance(value, (str, bool)) else str(value)


def written(entry: object) -> bytes:
    return f"price = [{toml(entry)}]".encode("utf-8", "surrogatepass")


@given(st.one_of(st.binary(max_size=200), st.text().map(str.encode), values.map(written)))
def test_any_bytes_are_claims_or_findings(content: bytes) -> None:
    claims, problems = read_prices("one.toml", content)
    assert claims or problems
    assert {problem.level for problem in problems} <= {"warning"}


@given(
    st.one_of(likely, st.builds(lambda a, b: {**a, **b}, likely, st.dictionaries(words, values)))
)
def test_every_claim_that_is_read_can_be_billed_by(entry: dict[str, object]) -> None:
    claims, problems = read_prices("one.toml", written(entry))
    assert len(claims) + len(problems) == 1
    for claim in claims:
        assert claim.unit in UNITS
        assert all(0 <= amount <= MOST_MILLIONTHS for amount in claim.amounts())
        model = priced(Model("m", (Parameter("duration", Anything(), False),)), claims)
        assert model.pricing is not None
        for payload in ({}, {"duration": 5, "size": "1024x512", "text": "x", "image": ["a"]}):
            told = estimated(model.pricing.table, payload)
            assert told.low is None or told.low >= 0
            assert told.low is None or told.high is None or told.low <= told.high
            assert str(told)
