"""Whatever a storage says, a download ends: whole and checked, or with an error of ours."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from files_world import BROKEN, MP4, PNG, WAYS, Says, Virtual, found, have
from hypothesis import given, settings
from hypothesis import strategies as st

from gmigen.runtime.errors import DownloadError

TEXT = st.text(st.characters(max_codepoint=255), max_size=20)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-length": st.one_of(TEXT, st.integers().map(str), st.just(str(len(PNG)))),
        "content-encoding": st.one_of(TEXT, st.sampled_from(["gzip", "br", "GZIP", "x-gzip,"])),
        "content-type": st.one_of(TEXT, st.sampled_from(["image/webp", "text/html; x", "/"])),
        "content-range": st.one_of(
            TEXT,
            st.tuples(st.integers(), st.integers(), st.integers()).map(
                "bytes {0[0]}-{0[1]}/{0[2]}".format
            ),
            st.just(f"bytes 100-{len(PNG) - 1}/{len(PNG)}"),
        ),
        "etag": st.one_of(TEXT, st.sampled_from(['"one"', 'W/"one"'])),
        "location": st.one_of(TEXT, st.sampled_from(["https://[", "//b.example/x", "\u0660"])),
        "retry-after": st.one_of(TEXT, st.just("9" * 400), st.just("Wed, 31 Feb 99999 25:00:00")),
        "x-goog-hash": st.one_of(TEXT, st.just("md5=AAAAAAAAAAAAAAAAAAAAAA==")),
        "x-goog-stored-content-encoding": st.one_of(TEXT, st.just("gzip")),
    },
)
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=50),
        st.sampled_from([PNG, PNG[:100], PNG[100:], MP4, gzip.compress(PNG), BROKEN, 100.0]),
    ),
    max_size=4,
)
STATUS = st.one_of(st.sampled_from([200, 206, 301, 307, 404, 416, 503]), st.integers(200, 599))
ANSWERS = st.one_of(st.builds(Says, STATUS, HEADERS, PIECES), st.just(BROKEN))


@settings(deadline=None, max_examples=200)
@given(st.lists(ANSWERS, min_size=1, max_size=6), st.sampled_from(WAYS))
def test_any_answers_end_in_a_file_or_an_error_of_ours(answers: list[Says], way: str) -> None:
    rest = list(answers)
    world = Virtual(lambda _: rest.pop(0) if len(rest) > 1 else rest[0])
    with TemporaryDirectory() as folder:
        one = found("https://media.example/a.png", "image")
        content, failure = b"", ""
        try:
            content = world.run(have(way, world.ctx, one, Path(folder)))
        except DownloadError as error:
            failure = str(error)
        there = (Path(folder) / "file.bin").exists()
    assert bool(content) != bool(failure)
    assert there == (way == "save" and not failure)
    assert not failure or "job itself is well" in failure
    assert not content.startswith((b"<html", MP4))
    assert world.now < 3700
