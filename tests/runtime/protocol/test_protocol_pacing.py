"""Pauses: what the server asks for, and what is chosen without being asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gmigen.runtime.protocol.pacing import growing, hinted

DATE = {"date": "Wed, 21 Oct 2015 07:28:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({}, None, None),
        ({"retry-after": "12"}, None, 12),
        ({"retry-after": "1.5"}, None, 1.5),
        ({"retry-after": "-1"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "inf"}, None, None),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": ""}, None, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:45 GMT", **DATE}, None, 45),
        ({"retry-after": "Wed, 21 Oct 2015 07:27:00 GMT", **DATE}, None, None),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:45 GMT", **DATE}, None, None),
        ({"retry-after-ms": "2500"}, None, 2.5),
        ({}, {"rate_limit": {"retry_after_ms": 29970}}, 29.97),
        ({}, {"rate_limit": {"retry_after_ms": "29970"}}, 29.97),
        ({}, {"rate_limit": {"retry_after_ms": True}}, None),
        ({}, {"rate_limit": "often"}, None),
        ({}, {"error": "2 requests per 60 seconds. Retry in 29970 ms."}, 29.97),
        ({"retry-after": "5"}, {"rate_limit": {"retry_after_ms": 29970}}, 29.97),
        ({"retry-after": "40"}, {"rate_limit": {"retry_after_ms": 29970}}, 40),
    ],
)
def test_the_longest_usable_hint_counts(
    headers: dict[str, str], body: Any, seconds: float | None
) -> None:
    assert hinted(headers, body) == pytest.approx(seconds)


_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.dictionaries(
        st.sampled_from(["rate_limit", "retry_after_ms", "error"]), inner
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text(max_size=30)
    ),
    _JSON,
)
def test_no_header_or_body_can_break_the_reading_of_hints(
    headers: dict[str, str], body: Any
) -> None:
    seconds = hinted(headers, body)
    assert seconds is None or 0 <= seconds < float("inf")


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_grow_to_their_limit_and_never_vanish(attempt: int, draw: float) -> None:
    assert 0.25 <= growing(attempt, draw) <= 10.0
