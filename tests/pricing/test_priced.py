"""Which price counts: the surest, the user's own, the newest; and a finding where they differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from generator_world import element, read
from hypothesis import given
from hypothesis import strategies as st

from gmigen.emulator.catalogue import Catalogue, corrections
from gmigen.pricing import files
from gmigen.pricing.claim import Claim
from gmigen.pricing.reader import read_prices
from gmigen.pricing.table import priced
from gmigen.requests.estimate import Estimate, estimated
from gmigen.schema import Model

DURATION = element("duration", "integer", default_value=5)


def claims(
    body: str = "usd = 0.2",
    file: str = "one.toml",
    certainty: str = "third party",
    date: str = "2026-05",
    unit: str = "second",
    bundled: bool = False,
) -> list[Claim]:
    text = f'[[price]]\nmodels = ["m"]\nunit = "{unit}"\ncertainty = "{certainty}"\n'
    found, wrong = read_prices(
        file, f'{text}source = "a page"\ndate = "{date}"\n{body}\n'.encode(), bundled=bundled
    )
    assert wrong == []
    return found


def details(micro: int | None = None, unit: str = "second", text: str = "") -> Model:
    more: dict[str, Any] = {"pricing_details": text} if text else {}
    if micro is not None:
        more["price_info"] = {"price": micro, "unit": unit}
    return read(DURATION, element("resolution", "enum", options=["720p", "1080p"]), **more)


def codes(model: Model) -> list[str]:
    return [problem.code for problem in model.problems]


def reckon(model: Model, **payload: Any) -> Estimate:
    return estimated(model.pricing.table if model.pricing else None, payload)


def test_without_any_price_nothing_is_told_and_nothing_found() -> None:
    model = priced(details(), [])
    assert (model.pricing, codes(model)) == (None, [])
    assert str(reckon(model)) == "not known: no price of this model is published"


@pytest.mark.parametrize(
    ("unit", "dollars"),
    [("second", "0.5"), ("seconds", "0.5"), ("per second", "0.5"), ("request", "0.1")],
)
def test_the_price_of_the_details_alone_counts(unit: str, dollars: str) -> None:
    model = priced(details(100_000, unit), [], "2026-11-25")
    told = reckon(model)
    assert (told.dollars, told.certainty, told.date) == (
        Decimal(dollars),
        "live details",
        "2026-11-25",
    )
    assert codes(model) == []


@pytest.mark.parametrize("unit", ["credit", "million tokens", "", "minute", "megapixel"])
def test_no_number_is_made_from_an_unknown_unit(unit: str) -> None:
    model = priced(details(100_000, unit), [])
    assert codes(model) == ["price-unit"]
    assert reckon(model).low is None


def test_sums_in_the_text_of_the_details_make_a_range() -> None:
    model = priced(details(100_000, text="720p: $0.10/second; 1080p: $0.20/second"), [])
    told = reckon(model)
    assert (told.low, told.high) == (Decimal("0.5"), Decimal("1"))
    assert "which of the prices in the text of the details applies" in told.unknown
    tokens = priced(details(100_000, text="$0.10, or $30 per million tokens"), [])
    assert reckon(tokens).dollars == Decimal("0.5")


def test_details_that_agree_leave_the_rates_of_the_file() -> None:
    rates = 'rates = [{ usd = 0.2, when = { resolution = "1080p" } }, { usd = 0.1 }]'
    model = priced(details(100_000, text="$0.20 at 1080p"), claims(rates), "2026-11-25")
    assert codes(model) == []
    assert reckon(model, resolution="1080p").dollars == Decimal("1")
    assert reckon(model, resolution="720p").dollars == Decimal("0.5")
    open_one = reckon(model)
    assert (open_one.low, open_one.high, open_one.dollars) == (Decimal("0.5"), Decimal("1"), None)
    assert open_one.unknown == ("resolution, which the price depends on",)


@pytest.mark.parametrize(
    "moved",
    [
        details(300_000),
        details(200_000, "image"),
        details(200_000, text="now $0.35 per second"),
        details(text="now $0.35 per second"),
    ],
    ids=["amount", "unit", "text", "text alone"],
)
def test_details_whose_price_moved_win_over_an_older_file_loudly(moved: Model) -> None:
    old = claims(date="2026-05")
    model = priced(moved, old, "2026-11-25")
    assert codes(model) == ["price-moved"]
    assert "the details are newer and count" in model.problems[0].message
    told = reckon(model)
    assert told.certainty == "live details"
    assert told.dollars != Decimal(1), "five seconds by the file"
    assert len(told.conflicts) == 1
    assert told.conflicts[0].startswith("$0.20 per second (third party, 2026-05, a page")


def test_a_newer_file_wins_over_the_details_as_loudly() -> None:
    model = priced(details(300_000), claims(date="2026-12-01"), "2026-11-25")
    assert codes(model) == ["price-moved"]
    assert "the file is newer and counts" in model.problems[0].message
    told = reckon(model)
    assert told.dollars == Decimal("1")
    assert told.conflicts[0].startswith("$0.30 per second (live details, 2026-11-25")


def test_two_files_that_contradict_each_other_are_told_and_the_surer_counts() -> None:
    weak = claims("usd = 0.3", "weak.toml", "third party")
    sure = claims("usd = 0.2", "sure.toml", "vendor page")
    for order in ([*weak, *sure], [*sure, *weak]):
        model = priced(details(), order)
        assert codes(model) == ["price-conflict"]
        told = reckon(model)
        assert (told.dollars, told.certainty) == (Decimal("1"), "vendor page")
        assert told.conflicts == ("$0.30 per second (third party, 2026-05, a page)",)
    same = claims("usd = 0.2", "same.toml", "third party")
    assert codes(priced(details(), [*same, *sure])) == []


def test_the_newer_of_two_equally_sure_files_counts() -> None:
    old = claims("usd = 0.3", "old.toml", date="2026-05")
    new = claims("usd = 0.2", "new.toml", date="2026-09")
    assert reckon(priced(details(), [*old, *new])).dollars == Decimal("1")


def test_a_price_of_the_users_own_comes_before_the_bundled_one_without_a_word() -> None:
    theirs = claims("usd = 0.3", "theirs.toml", "live details", bundled=True)
    mine = claims("usd = 0.2", "mine.toml", "third party")
    model = priced(details(), [*theirs, *mine])
    assert codes(model) == []
    assert reckon(model).dollars == Decimal("1")
    assert len(reckon(model).conflicts) == 1


def test_conflicts_inside_a_file_are_kept_in_its_order() -> None:
    two = [*claims("usd = 0.2"), *claims("usd = 0.3", certainty="live details")]
    model = priced(details(), two)
    assert codes(model) == []
    assert reckon(model).dollars == Decimal("1")
    assert model.pricing is not None
    assert [row.price for row in model.pricing.rows] == ["$0.20 per second", "$0.30 per second"]


def test_a_parameter_that_the_model_does_not_have_is_told() -> None:
    body = 'rates = [{ usd = 0.2, when = { resolutoin = "720p" } }, { usd = 0.1 }]'
    model = priced(details(), claims(body))
    assert codes(model) == ["price-parameter"]
    assert "`resolutoin`" in model.problems[0].message


def test_a_unit_in_doubt_is_told_as_the_least() -> None:
    model = priced(details(), claims('usd = 0.4\ndoubt = "second"', unit="request"))
    told = reckon(model, duration=8)
    assert (told.low, told.high, told.dollars) == (Decimal("0.4"), Decimal("3.2"), None)
    assert str(told) == "at least $0.40, perhaps $3.20"
    assert told.arithmetic == "1 x $0.40 per request = $0.40; or 8 x $0.40 per second = $3.20"
    assert model.pricing is not None
    assert model.pricing.line == "at least $0.40 per request, perhaps per second"


def test_the_length_of_an_input_is_a_range_or_not_known() -> None:
    inside = priced(details(), claims('usd = 0.1\nby = ["x"]\nspan = [3, 30]\nof = "the clip"'))
    bare = read(**{})
    assert (reckon(priced(bare, claims("usd = 0.1\nspan = [3, 30]"))).low) == Decimal("0.3")
    assert codes(inside) == ["price-parameter"]
    lost = reckon(priced(bare, claims('usd = 0.1\nof = "the length of the clip"')))
    assert (lost.low, lost.high) == (None, None)
    assert lost.arithmetic == "the length of the clip x $0.10 per second"
    body = 'usd = 0.1\nclips = ["resolution"]'
    more = reckon(priced(details(), claims(body)), resolution=["a clip"])
    assert (more.low, more.high, more.dollars) == (Decimal("0.5"), None, None)
    assert str(more) == "at least $0.50"


@pytest.mark.parametrize(
    "duration",
    [-1, 0, "auto", True, None, 10**5000, 1e300, [5], "9" * 5000],
    ids=["minus", "0", "word", "flag", "none", "huge", "float", "list", "text"],
)
def test_a_length_that_is_none_makes_no_number(duration: Any) -> None:
    model = priced(details(), claims("usd = 0.1"))
    told = reckon(model, duration=duration)
    assert told.low == (Decimal("0.5") if duration is None else None)


def test_a_block_is_billed_whole() -> None:
    body = "block = 5\nusd = 0.3"
    model = priced(details(), claims(body, unit="block"))
    asked = [reckon(model, duration=one).dollars for one in ("5s", 6, "10s", 10.5)]
    assert asked == [Decimal("0.3"), Decimal("0.6"), Decimal("0.6"), Decimal("0.9")]


def test_every_bundled_price_is_read_and_held_against_the_details(bundled: Any) -> None:
    found, problems = files.read_all()
    assert problems == ()
    catalogue = Catalogue(bundled, corrections(), ())
    priced_ones, said = set(), []
    for model_id in bundled:
        model = catalogue.model(model_id)
        assert isinstance(model, Model)
        told = priced(model, found, "2026-11-25")
        said += told.problems
        if told.pricing:
            priced_ones.add(model_id)
    assert said == []
    assert len(priced_ones) == 80
    assert len({model_id for claim in found for model_id in claim.models}) == 120
    # A model with a price in its details is priced, by whatever says more.
    ids = {m for m in bundled if getattr(catalogue.model(m), "price", None)}
    assert ids <= priced_ones


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(max_size=3), inner)),
    max_leaves=5,
)
TABLES = [
    priced(details(), claims(body, unit=unit))
    for unit, body in (
        ("second", 'usd = 0.1\nclips = ["resolution"]\nspan = [1, 9]'),
        ("second", 'rates = [{ usd = 1, when = { "a[].b" = "x" } }, { usd = 2 }]'),
        ("image", 'usd = 1\nby = ["n"]\npixels = ["size", 64]\nplus = [{ usd = 1, per = "n" }]'),
        ("image", 'rates = [{ usd = 1, over = ["size", 9] }, { usd = 2, given = { n = true } }]'),
        ("1000 characters", 'usd = 1\ndoubt = "request"'),
        ("block", "usd = 1\nblock = 3"),
    )
]
NAMES = st.sampled_from(["duration", "resolution", "n", "size", "text", "a"])


@given(st.sampled_from(TABLES), st.dictionaries(NAMES, anything))
def test_an_estimate_is_total(model: Model, payload: dict[str, Any]) -> None:
    told = reckon(model, **payload)
    assert str(told)
    assert told.low is None or told.low >= 0
    assert told.low is None or told.high is None or told.low <= told.high
    assert (told.dollars is None) == (told.low is None or told.low != told.high or told.at_least)


def test_a_discount_of_the_details_is_told_and_not_taken_off() -> None:
    unit = {"price": 200_000, "unit": "second"}
    model = priced(read(DURATION, price_info=unit, percentage_discount=20), [])
    told = reckon(model, duration=5)
    assert told.dollars == Decimal(1)
    assert "whether the discount of 20 %, which the details name" in " ".join(told.unknown)
    assert priced(read(DURATION, price_info=unit, percentage_discount=0), []).pricing == (
        priced(read(DURATION, price_info=unit), []).pricing
    )


@given(st.one_of(st.text(max_size=3), st.booleans(), st.integers(), st.floats(allow_nan=False)))
def test_any_discount_is_a_percentage_or_a_finding(given: str | bool | int | float) -> None:
    if given in (float("inf"), float("-inf")):
        return
    model = read(DURATION, percentage_discount=given)
    assert 0 <= model.discount <= 100
    assert (model.discount == 0) or model.discount == given
    right = not isinstance(given, (str, bool)) and 0 <= given <= 100
    assert codes(model) == ([] if right else ["discount-shape"])
