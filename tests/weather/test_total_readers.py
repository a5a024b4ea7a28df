"""Every reader of what comes from outside is total: whatever the bytes, a value comes of them.

Each example is judged by what came out, not only by nothing having been raised. The nightly run
draws more than a hundred thousand, and prints how many.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import material
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmigen.client import GMIError, JobFailedError
from gmigen.client.operations import raise_unless_successful
from gmigen.journal.file import Journal
from gmigen.runtime import wire
from gmigen.runtime.errors import APIStatusError
from gmigen.runtime.files import outcome
from gmigen.runtime.protocol import replies
from gmigen.runtime.protocol.effects import Failure, Reply
from gmigen.runtime.protocol.entries import attempts as noted
from gmigen.runtime.protocol.pacing import hinted
from gmigen.runtime.protocol.throttle import Gate
from gmigen.runtime.protocol.verdicts import verdict
from gmigen.runtime.records import KNOWN, Handle, Record, failure, read_record
from gmigen.runtime.redaction import redacted

Judge = Callable[[Any], None]
statuses = st.one_of(st.integers(100, 599), st.sampled_from([200, 400, 404, 429, 500, 503]))
answers = st.builds(Reply, statuses, material.headers, material.bodies)


def is_printable(text: str) -> None:
    """It goes through any terminal, file or log."""
    assert text.encode("utf-8").decode("utf-8") == text


def is_number(value: Any) -> None:
    assert value is None or (isinstance(value, (int, float)) and math.isfinite(value))


def depth_of(value: Any) -> int:
    level, depth = [value], 0
    while level := [one for one in level if isinstance(one, (dict, list))]:
        level = [
            one for outer in level for one in (outer.values() if isinstance(outer, dict) else outer)
        ]
        depth += 1
    return depth


def bytes_become_json(body: bytes) -> None:
    value = wire.json_value(body)
    assert isinstance(wire.json_mapping(body), dict)
    assert depth_of(value) <= wire.DEPTH
    pickle.loads(pickle.dumps(value))


def values_become_words(value: Any) -> None:
    for read, limit in ((wire.text, wire.TEXT_LENGTH), (wire.word, wire.ID_LENGTH)):
        found = read(value)
        assert found is None or 0 < len(found) <= limit
        is_printable(found or "")
    assert len((wire.word(value) or "").splitlines()) <= 1
    name = wire.identity(value)
    if name is not None:
        is_printable(name)
        assert name == name.strip()
        assert name.splitlines() == [name]
        assert name not in (".", "..")
        assert len(name) <= wire.ID_LENGTH
    if isinstance(value, str):
        assert json.loads(wire.quoted(value)) == value


def values_become_numbers(value: Any) -> None:
    for read in (wire.finite, wire.amount, wire.whole, wire.moment, wire.number_text):
        is_number(read(value))
    for read in (wire.amount, wire.whole, wire.moment, wire.number_text):
        assert (read(value) or 0) >= 0
    assert wire.moment(value) is None or wire.moment(value) == float(value)


def headers_become_numbers(value: str) -> None:
    for read in (wire.size_header, wire.date_header, wire.number_text):
        found = read(value)
        is_number(found)
        assert (found or 0) >= 0


def ending_of(job: Handle, record: Record) -> GMIError | None:
    try:
        raise_unless_successful(job, record)
    except GMIError as error:
        return error
    return None


def a_record_is_read(body: Any) -> None:
    record = read_record(body, id="j1", model="m")
    if record is None:
        return
    assert wire.identity(record.id) == record.id
    for word in (record.model, record.status):
        is_printable(word)
        assert len(word.splitlines()) <= 1
    assert record.status in KNOWN or not record.ended
    is_number(record.created_at)
    is_number(record.updated_at)
    assert isinstance(record.never_started, bool)
    for word in failure(record):
        assert word is None or 0 < len(word) <= wire.TEXT_LENGTH
        is_printable(word or "")
    job = Handle(record.id, record=record)
    told = ending_of(job, record)
    assert told is None or told.job is job
    is_printable(str(told))
    assert str(pickle.loads(pickle.dumps(told))) == str(told)
    if isinstance(told, JobFailedError):
        assert told.retryable in (True, False, None)
    found = outcome.files(record.outcome, job)
    assert [one.index for one in found] == list(range(len(found)))
    for one in found:
        assert str(one.url).startswith(("http://", "https://", "HTTP", "data:")) or (
            str(one.url)[:8].lower().startswith(("http://", "https://"))
        )
        is_printable(one.filename)
        is_printable(str(one.url))
        for number in (one.width, one.height, one.duration_s):
            is_number(number)
    outcome.thumbnail(record.outcome)


def an_answer_is_judged(reply: Reply) -> None:
    named = replies.request_id_in(reply)
    assert named is None or wire.identity(named) == named
    is_printable(replies.what_came(reply))
    assert isinstance(replies.is_refusal(reply), bool)
    pause = hinted(reply.headers, replies.document(reply), unix=1.8e9)
    is_number(pause)
    assert (pause or 0) >= 0
    if reply.status < 300:
        is_printable(str(replies.nonsense(reply, "Asking")))
        return
    error = replies.error_from(reply, about="Asking", model="m", unix=1.8e9)
    is_printable(str(error))
    assert len(str(error)) < 6000
    pickle.loads(pickle.dumps(error))
    if isinstance(error, APIStatusError):
        assert error.status_code == reply.status
        is_number(error.retry_after)
        assert error.request_id == named


def a_torn_answer_names_the_job_or_nothing(parts: tuple[dict[str, Any], str, float]) -> None:
    """Whatever stands around it and wherever the answer breaks off, the id is read or nothing."""
    around, identity, share = parts
    around = {name: value for name, value in around.items() if name != "request_id"}
    text = written_with(around, identity)
    place = text.index(written_id(identity)) + len(written_id(identity))
    cut = text[: place + int((len(text) - place) * share)]
    for failed in (Reply(200, {}, cut), Failure("broken", True, "cut", 200, cut)):
        assert replies.request_id_in(failed) == identity
    before = text[: place - 1]
    data = around.get("data")
    inside = data.get("request_id") if isinstance(data, dict) else None
    hints = {wire.identity(around.get("id")), wire.identity(inside), None}
    assert replies.request_id_in(Reply(200, {}, before)) in hints


def written_id(identity: str) -> bytes:
    return b'"request_id": ' + material.written(identity)


def written_with(around: dict[str, Any], identity: str) -> bytes:
    """The members around it, half before and half after."""
    pairs = list(around.items())
    middle = len(pairs) // 2
    return material.written(dict([*pairs[:middle], ("request_id", identity), *pairs[middle:]]))


def a_journal_is_read(lines: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        path.write_bytes(b"\n".join(lines))
        journal = Journal(path)
        before = noted(journal.find())
        for attempt in before:
            assert wire.identity(attempt.id) == attempt.id
            assert attempt.job_id is None or wire.identity(attempt.job_id) == attempt.job_id
            is_number(attempt.started_at)
            is_number(attempt.ended_at)
        journal.append({"event": "ended", "status": "a line is added whole"})
        assert path.read_bytes().endswith(b"\n")
        assert len(noted(journal.find())) >= len(before)


def words_are_judged(words: tuple[str | None, str | None]) -> None:
    found = verdict(*words)
    assert found.retryable in (True, False, None)
    assert found.advice
    assert redacted(redacted(words[0] or "")) == redacted(words[0] or "")


def a_gate_takes_any_refusal(body: Any) -> None:
    gate = Gate()
    gate.refuse(10.0, 1.0, body)
    ticket = gate.enter()
    assert math.isfinite(gate.left(ticket, 10.0))
    gate.accept()
    gate.leave(ticket)


events = st.sampled_from(["intent", "accepted", "refused", "unknown", "found", "ended"])
lines = st.one_of(
    st.fixed_dictionaries(
        {"event": st.one_of(events, material.leaves), "attempt_id": st.sampled_from("ab")},
        optional={
            "request_id": st.one_of(st.sampled_from(["j1", "j2"]), material.leaves),
            "model": material.leaves,
            "status": material.leaves,
            "payload_sha256": material.leaves,
            "t": material.leaves,
        },
    ).map(material.written),
    material.bodies,
)
words = st.one_of(st.none(), material.texts, st.text(max_size=60))
members = st.dictionaries(
    st.one_of(material.names, st.sampled_from(["payload", "prompt"])),
    st.one_of(material.values, st.text(min_size=380, max_size=1200).map(lambda long: {"p": long})),
    max_size=5,
)
ids = st.text("abcdef0123456789-", min_size=1, max_size=40)

READERS: list[tuple[Judge, st.SearchStrategy[Any]]] = [
    (bytes_become_json, material.bodies),
    (values_become_words, material.values),
    (values_become_numbers, material.leaves),
    (headers_become_numbers, material.header_values),
    (a_record_is_read, material.documents),
    (an_answer_is_judged, answers),
    (a_torn_answer_names_the_job_or_nothing, st.tuples(members, ids, st.floats(0, 1))),
    (a_journal_is_read, st.lists(lines, max_size=8)),
    (words_are_judged, st.tuples(words, words)),
    (a_gate_takes_any_refusal, material.documents),
]
CALM = list(HealthCheck)


def tried(judge: Judge, strategy: st.SearchStrategy[Any], examples: int) -> int:
    """How many inputs were judged."""
    count = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=CALM,
        derandomize=examples < 1000,
    )
    @given(strategy)
    def each(value: Any) -> None:
        nonlocal count
        count += 1
        judge(value)

    each()
    return count


def name_of(reader: Any) -> str:
    return getattr(reader, "__name__", "")


@pytest.mark.row("R1")
@pytest.mark.row("R2")
@pytest.mark.row("R3")
@pytest.mark.row("R4")
@pytest.mark.row("R22")
@pytest.mark.parametrize(("judge", "strategy"), READERS, ids=name_of)
def test_a_reader_is_total(judge: Judge, strategy: st.SearchStrategy[Any]) -> None:
    assert tried(judge, strategy, 40) > 0


@pytest.mark.nightly
def test_readers_are_total_a_hundred_thousand_times(capsys: pytest.CaptureFixture[str]) -> None:
    each = int(os.environ.get("GMI_FUZZ", "10500"))
    counts = Counter({name_of(judge): tried(judge, strategy, each) for judge, strategy in READERS})
    with capsys.disabled():
        print(f"\n{counts.total():,} inputs read: {dict(counts)}")
    assert counts.total() >= 100_000 or "GMI_FUZZ" in os.environ
