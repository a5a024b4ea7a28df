"""What may come from outside: any bytes, any JSON, and published answers with a fault in them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

ANSWERS = Path(__file__).parent / "replay" / "answers"

numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from(
        [0, -1, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**53, 2**63, 10**16, 10**400, -(10**400)]
    ),
    st.sampled_from([253_402_300_799, 253_402_300_800, -62_135_596_800, 1_788_581_287, 1e11]),
    st.sampled_from([float("nan"), float("inf"), float("-inf")]),
)
texts = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), min_size=1, max_size=3),
    st.sampled_from(
        ["", " ", ".", "..", "a/b", "a\r\nb", "a\u2028b", "a\x85b", "\0", "x" * 401, "x" * 5000]
    ),
    st.sampled_from(["request_id", "success", "failed", "queued", "Rate limit", "Retry in 5 ms"]),
    st.sampled_from(["http://a..b/", "https://[::1", "https://x/a.mp4?sig=1", "data:,", "http://"]),
    st.sampled_from(["Backend error (400)", "a (Required parameter is missing)", "<title>no"]),
)
leaves = st.one_of(st.none(), st.booleans(), numbers, texts)
NAMES = (
    "request_id", "id", "data", "model", "status", "outcome", "error", "message", "code", "detail",
    "reason", "fail_reason", "error_message", "created_at", "updated_at", "queued_at", "payload",
    "media_urls", "medias", "video_url", "audio_url", "url", "type", "format", "duration_ms",
    "width", "candidates", "content", "parts", "inlineData", "thumbnail_image_url", "requests",
    "has_more", "model_ids", "rate_limit", "retry_after_ms", "limit", "interval_seconds", "error",
    "upload_url", "public_url", "event", "attempt_id", "payload_sha256", "t",
)  # fmt: skip
names = st.one_of(st.sampled_from(NAMES), st.text(max_size=5))
values = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=6)),
    max_leaves=12,
)
"""Any value that JSON, as Python reads it, may bring."""

deep = st.builds(
    lambda opening, depth, inside: opening * depth + inside,
    st.sampled_from(["[", '{"a":', '{"error":', '{"outcome":{"error":', '[{"requests":']),
    st.sampled_from([3, 63, 64, 65, 200, 5000]),
    st.sampled_from(["", "1", "}", "]", '"x"']),
)


def written(value: Any) -> bytes:
    """A value as JSON; half of a surrogate pair is written as an escape."""
    return json.dumps(value).encode()


@lru_cache
def published() -> tuple[Any, ...]:
    """The bodies of every published answer."""
    files = sorted(ANSWERS.glob("*.json"))
    told = [json.loads(path.read_text("utf-8")) for path in files]
    answers = [answer for one in told for answer in (one["submit"], *one["looks"])]
    return tuple(answer["body"] for answer in answers if isinstance(answer["body"], dict))


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A published answer with some of its members changed, lost or doubled elsewhere."""
    body = json.loads(json.dumps(draw(st.sampled_from(published()))))
    for _ in range(draw(st.integers(1, 3))):
        place = body
        while True:
            inner = [key for key in place if isinstance(place[key], dict) and place[key]]
            if not inner or draw(st.booleans()):
                break
            place = place[draw(st.sampled_from(sorted(inner)))]
        if not place:
            continue
        name = draw(st.one_of(st.sampled_from(sorted(place)), st.sampled_from(NAMES)))
        how = draw(st.integers(0, 5))
        if how == 0:
            place.pop(name, None)
        elif how == 1:
            place[name] = [place.get(name)]
        elif how == 2:
            place[name] = {name: place.get(name)}
        else:
            place[name] = draw(values)
    return body


@st.composite
def torn(draw: st.DrawFn, source: st.SearchStrategy[bytes]) -> bytes:
    """Bytes that are cut, begun late, or have some of them replaced."""
    data = draw(source)
    begin, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    how = draw(st.integers(0, 3))
    if how == 0:
        return data[:end]
    if how == 1:
        return data[begin:]
    if how == 2:
        return data[:begin] + draw(st.binary(max_size=4)) + data[end:]
    return data[:end] + data[begin:]


documents = st.one_of(values, mutated())
whole = documents.map(written)
bodies = st.one_of(whole, torn(whole), deep.map(str.encode), st.binary(max_size=60))
"""Any bytes a body may have."""

header_values = st.one_of(
    st.text(max_size=40),
    numbers.map(repr),
    st.sampled_from(
        [
            "120", "0", "-1", "1e9", "1_000", "nan", "inf", "9" * 400, "٣", "0x10", "+5", " 7 ",
            "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 99999 07:28:00 GMT",
            "Wed, 21 Oct 0001 07:28:00 GMT", "Fri, 31 Feb 2026 25:61:61 GMT",
            "Mon, 01 Jan 0000 00:00:00 GMT", "1 Jan 1 00:00 +9999", "31 Dec 9999 23:59:59 -2359",
            "a" * 64, "2026-10-21T07:28:00Z", "Wed, 21 Oct 2026 07:28:00 GMT" * 3,
        ]
    ),
)  # fmt: skip
header_names = st.sampled_from(
    ["retry-after", "retry-after-ms", "date", "location", "content-length", "content-type", "etag"]
)
headers = st.dictionaries(header_names, header_values, max_size=4)
