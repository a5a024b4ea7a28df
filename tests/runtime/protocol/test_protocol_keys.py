"""A key for each submission, in virtual time: what is posted, given back, refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from virtual_world import DROPPED, Answer, World, record, reply

from gmigen.journal.file import Journal
from gmigen.journal.sqlite import SQLiteJournal
from gmigen.runtime import errors
from gmigen.runtime.protocol import keys
from gmigen.runtime.protocol.attempts import Undertaking
from gmigen.runtime.protocol.effects import Send
from gmigen.runtime.protocol.entries import Claim, Entry, JournalStore
from gmigen.runtime.protocol.payload import payload_sha256
from gmigen.runtime.protocol.submit import submit
from gmigen.runtime.records import Handle, Record

ACCEPTED = record("queued")
RAIN = {"prompt": "rain"}


def handle(record: Record) -> Handle:
    return Handle(record.id, record=record)


async def keyed(
    ctx: Any, key: Any = "row-17", payload: Any = RAIN, within: float | None = 60.0
) -> Handle:
    held = await keys.hold(ctx, key, "Veo3", payload_sha256(payload), within)
    try:
        known = await keys.known(ctx, held, "Veo3", handle)
        if known is not None:
            return known
        return await submit(ctx, "Veo3", payload, handle, Undertaking(key=key), held=held)
    finally:
        held.claim.close()


@pytest.fixture(params=["file", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    file = tmp_path / "jobs"
    return Journal(file) if request.param == "file" else SQLiteJournal(file)


def test_a_key_that_was_accepted_gives_its_job_without_a_request(journal: Any) -> None:
    world = World.answering([ACCEPTED])
    first = world.run(keyed(world.ctx(journal=journal)))
    again = world.run(keyed(world.ctx(journal=journal)))
    assert len(world.sends) == 1
    assert (first.id, first.key) == (again.id, again.key) == ("j1", "row-17")
    assert again.status is None, "nobody asked how it is"
    assert "row-17" in journal.path.read_bytes().decode("latin-1")
    assert "rain" not in journal.path.read_bytes().decode("latin-1")


def test_another_key_is_another_submission(journal: Any) -> None:
    world = World.answering([ACCEPTED, record("queued", id="j2")])
    ctx = world.ctx(journal=journal)
    assert world.run(keyed(ctx)).id == "j1"
    assert world.run(keyed(ctx, "row-18")).id == "j2"


def test_the_same_key_with_another_payload_is_refused(journal: Any) -> None:
    world = World.answering([ACCEPTED])
    ctx = world.ctx(journal=journal)
    world.run(keyed(ctx))
    with pytest.raises(errors.InvalidRequestError, match="another request") as raised:
        world.run(keyed(ctx, payload={"prompt": "snow"}))
    assert raised.value.key == "row-17"
    assert len(world.posts) == 1


def test_a_refused_key_may_be_used_again_with_another_payload(journal: Any) -> None:
    world = World.answering([reply(400, {"error": "no"}), ACCEPTED])
    ctx = world.ctx(journal=journal)
    with pytest.raises(errors.BadRequestError):
        world.run(keyed(ctx))
    assert world.run(keyed(ctx, payload={"prompt": "snow"})).id == "j1"


def serving(listed: Callable[[], list[Any]]) -> Callable[[Send, float], Answer]:
    def serve(sent: Send, _now: float) -> Answer:
        return DROPPED if sent.method == "POST" else reply(200, {"requests": listed()})

    return serve


def test_an_unknown_key_stays_an_error_until_its_job_is_found(journal: Any) -> None:
    jobs: list[Any] = []
    world = World(serving(lambda: jobs))
    ctx = world.ctx(journal=journal)
    with pytest.raises(errors.SubmissionUnknownError) as raised:
        world.run(keyed(ctx))
    assert raised.value.key == "row-17"
    for _ in range(2):
        with pytest.raises(errors.SubmissionUnknownError, match="No job was found") as raised:
            world.run(keyed(ctx))
        assert raised.value.key == "row-17"
    jobs.append({"request_id": "j9", "model": "Veo3", "status": "queued", "payload": RAIN})
    found = world.run(keyed(ctx))
    assert (found.id, found.key) == ("j9", "row-17")
    sends = len(world.sends)
    assert world.run(keyed(ctx)).id == "j9"
    assert len(world.sends) == sends, "what was found is a job from now on"
    assert len(world.posts) == 1


def test_an_unknown_key_whose_list_cannot_be_read_stays_an_error(journal: Any) -> None:
    answers = [DROPPED, reply(401, {"error": "no"})]
    world = World.answering(answers)
    ctx = world.ctx(journal=journal)
    with pytest.raises(errors.SubmissionUnknownError):
        world.run(keyed(ctx))
    with pytest.raises(errors.SubmissionUnknownError, match="could not be read"):
        world.run(keyed(ctx))
    assert len(world.posts) == 1


@pytest.mark.parametrize(
    "key",
    [
        *("", " ", "..", "a\nb", "a\rb", "a\x00b", "a\u2028b", " a", "a ", "\ud800"),
        *("x" * 401, "x" * 10_000_000, 17, b"row", None, ("a",)),
    ],
    ids=lambda key: repr(key)[:12],
)
def test_a_key_that_cannot_stand_in_a_line_is_refused(key: Any, tmp_path: Path) -> None:
    world = World.answering([ACCEPTED])
    with pytest.raises(errors.InvalidRequestError) as raised:
        world.run(keyed(world.ctx(journal=Journal(tmp_path / "j")), key))
    assert raised.value.faults[0].field == "key"
    assert len(str(raised.value)) < 400
    assert world.sends == []
    assert not (tmp_path / "j").exists()


def test_a_key_needs_a_journal() -> None:
    world = World.answering([ACCEPTED])
    with pytest.raises(errors.ConfigurationError, match="journal="):
        world.run(keyed(world.ctx()))
    assert world.sends == []


def test_a_key_somebody_holds_is_waited_for_and_no_longer_than_told(journal: Any) -> None:
    world = World.answering([ACCEPTED])
    claim = journal.claim("row-17")
    assert claim is not None
    assert journal.claim("row-17") is None, "in one process, too"
    other = journal.claim("row-18")
    assert other is not None, "another key waits for nobody"
    other.close()
    with pytest.raises(errors.SubmissionUnknownError, match="still submitting") as raised:
        world.run(keyed(world.ctx(journal=journal), within=5.0))
    assert (raised.value.key, raised.value.attempt_id) == ("row-17", "")
    assert 4.0 < world.now <= 5.0
    assert world.sends == []
    claim.close()
    claim.close()
    assert world.run(keyed(world.ctx(journal=journal))).id == "j1"


def test_a_claim_nobody_holds_any_more_is_free(journal: Any) -> None:
    claim = journal.claim("k")
    del claim
    assert journal.claim("k") is not None


class Remembered(JournalStore):
    """A journal of a caller's own: a list, with trouble to order."""

    path = "somewhere"

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.trouble: dict[str, Exception] = {}
        self.before_append: Callable[[], None] = lambda: None
        self.closed = 0

    def append(self, entry: Entry, /) -> None:
        self._fail("append")
        todo, self.before_append = self.before_append, lambda: None
        todo()
        self.entries.append(json.loads(json.dumps(entry)))

    def find(self, key: str | None = None, /) -> Iterable[Entry]:
        self._fail("find")
        return [one for one in self.entries if key is None or one.get("key") == key]

    def claim(self, key: str, /) -> Claim | None:
        self._fail("claim")
        return self

    def close(self) -> None:
        self.closed += 1

    def _fail(self, word: str) -> None:
        if word in self.trouble:
            raise self.trouble[word]


@pytest.mark.parametrize("word", ["append", "find", "claim"])
def test_a_store_that_goes_away_before_the_post_costs_nothing(word: str) -> None:
    world, journal = World.answering([ACCEPTED]), Remembered()
    journal.trouble[word] = RuntimeError("the server closed the connection")
    with pytest.raises(errors.ConfigurationError, match="nothing was submitted"):
        world.run(keyed(world.ctx(journal=journal)))
    assert world.sends == []
    assert journal.closed == (word != "claim")


def test_a_store_that_goes_away_after_the_post_loses_nothing() -> None:
    journal = Remembered()
    job = {"request_id": "j1", "model": "Veo3", "status": "queued", "payload": RAIN}

    def serve(sent: Send, _now: float) -> Answer:
        if sent.method == "POST":
            journal.trouble["append"] = RuntimeError("gone")
            return reply(200, job)
        return reply(200, {"requests": [job]})

    world = World(serve)
    assert world.run(keyed(world.ctx(journal=journal))).id == "j1"
    journal.trouble.clear()
    assert world.run(keyed(world.ctx(journal=journal))).id == "j1", "found in the list"
    assert len(world.posts) == 1


def test_who_lost_the_claim_unknowingly_posts_nothing_when_another_was_first() -> None:
    world, journal = World.answering([ACCEPTED]), Remembered()
    # The other has the same claim: the server that kept it has forgotten who holds it.
    journal.before_append = lambda: journal.entries.append(
        {
            "event": "intent",
            "attempt_id": "other",
            "key": "row-17",
            "model": "Veo3",
            "payload_sha256": payload_sha256(RAIN),
            "t": 1_800_000_000.0,
        }
    )
    with pytest.raises(errors.SubmissionUnknownError, match="same moment"):
        world.run(keyed(world.ctx(journal=journal)))
    assert world.posts == []
    journal.entries.append({"event": "accepted", "attempt_id": "other", "request_id": "j1"})
    journal.entries[-1] = {**journal.entries[-1], "key": "row-17"}
    assert world.run(keyed(world.ctx(journal=journal))).id == "j1"
    assert world.posts == []


@pytest.mark.parametrize("back", [-1e9, -3600.0, 3600.0, 1e8])
def test_a_clock_that_jumps_during_the_post_pays_nothing_twice(back: float, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "jobs.jsonl")
    jobs: list[Any] = []
    world = World(serving(lambda: jobs))
    ctx = world.ctx(journal=journal)
    true = ctx.world.unix
    jump = 0.0

    def serve(sent: Send, _now: float) -> Answer:
        nonlocal jump
        if sent.method == "POST":
            made = {"request_id": "j1", "model": "Veo3", "status": "queued", "payload": RAIN}
            jobs.append({**made, "created_at": true()})
            jump = back
            return DROPPED
        return reply(200, {"requests": jobs})

    world.serve = serve
    object.__setattr__(ctx.world, "unix", lambda: true() + jump)
    with pytest.raises(errors.SubmissionUnknownError):
        world.run(keyed(ctx))
    assert world.run(keyed(ctx)).id == "j1"
    assert len(world.posts) == 1


def test_a_journal_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "jobs.jsonl")
    journal.append({"v": 2, "event": "intent", "attempt_id": "a", "secret": "another shape"})
    world = World.answering([ACCEPTED])
    with pytest.raises(errors.ConfigurationError, match="newer gmi-inference"):
        world.run(keyed(world.ctx(journal=journal)))
    assert world.sends == []


@pytest.mark.parametrize("what", ["newer", "foreign", "text"])
def test_a_database_of_another_kind_is_refused_and_left_as_it_is(what: str, tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    path = tmp_path / "jobs.db"
    if what == "text":
        path.write_text("no database at all, but long enough to be mistaken for one" * 20)
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE users (name)")
            database.execute(f"PRAGMA user_version = {7 if what == 'newer' else 0}")
            database.commit()
    before = path.read_bytes()
    world = World.answering([ACCEPTED])
    with pytest.raises(errors.ConfigurationError, match="nothing was submitted"):
        world.run(keyed(world.ctx(journal=SQLiteJournal(path))))
    assert world.sends == []
    assert path.read_bytes() == before


def test_lines_of_another_process_are_seen_and_a_new_file_is_read_anew(tmp_path: Path) -> None:
    ours, theirs = Journal(tmp_path / "j"), Journal(tmp_path / "j")
    assert list(ours.find("k")) == []
    theirs.append({"key": "k", "n": 1})
    assert [entry["n"] for entry in ours.find("k")] == [1]
    with ours.path.open("ab") as stream:
        stream.write(b'{"key": "k", "n": 2')
    assert [entry["n"] for entry in ours.find("k")] == [1]
    with ours.path.open("ab") as stream:
        stream.write(b"}")
    assert [entry["n"] for entry in ours.find("k")] == [1, 2], "whole, but for its end"
    theirs.append({"key": "k", "n": 3})
    theirs.append({"key": "other", "n": 4})
    assert [entry["n"] for entry in ours.find("k")] == [1, 2, 3]
    ours.path.unlink()
    theirs.append({"key": "k", "n": 5})
    assert [entry["n"] for entry in ours.find("k")] == [5]


def test_many_that_begin_one_journal_at_once_all_succeed(journal: Any) -> None:
    kind, path = type(journal), journal.path
    for round_ in range(20):
        place = path.with_name(f"{path.name}-{round_}")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n, at=place: kind(at).append({"key": "k", "n": n}), range(8)))  # type: ignore[misc]
        assert {entry["n"] for entry in kind(place).find("k")} == set(range(8))
