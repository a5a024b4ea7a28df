"""Checks of one job that was paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..beliefs.table import beliefs
from ..runtime import urls, wire
from ..runtime.records import KNOWN, TERMINAL
from .answer import Answer, Answers
from .judgement import Check, Judgement, judged, unseen
from .offers import Offer
from .plain import plain
from .purchase import SUBMIT, ended, records, result_url, word
from .readings import id_of, query_of
from .readings import records as listed_records

NO_JOB = "no job was made"
NO_END = "the job had not ended when the asking did"
NO_FILE = "no file of a result was there to ask for"
RECEIPT = ("request_id", "model", "status", "created_at", "updated_at", "queued_at")
ORDER = ("created", "queued", "dispatched", "processing")
SHAPES: Mapping[str, Sequence[str]] = {
    "video": ("video_url", "thumbnail_image_url"),
    "image": ("media_urls", "thumbnail_image_url"),
    "speech": ("audio_url",),
    "music": ("audio_url", "medias"),
}
"""What a model makes -> keys of its outcome."""


def checks(offer: Offer) -> Sequence[Check]:
    """The checks of a job of this offer."""
    kind = kind_of(offer)
    shape = [Check("outcome", f"outcome:{kind}", outcome(SHAPES[kind]))] if kind else []
    return (
        Check("submit", "route:submit", receipt),
        Check("idempotency-key", "rule:an Idempotency-Key does no harm", idempotency),
        Check("states", "rule:states come in one order", states),
        Check("payload-echo", "field:payload", echo(offer)),
        Check("outcome-until-the-end", "field:outcome", outcome_until_the_end),
        Check("job-times", "field:updated_at", job_times),
        *shape,
        Check("second-look", "rule:a record stays as it is after its end", second_look),
        Check("list-lag-after-the-end", "rule:the list does not lag behind a single look", lag),
        Check("file", "route:media", file),
        Check("file-signed", "rule:URLs of results are not signed", signed),
        Check("file-part", "rule:files are served in part", part),
        Check("file-etag", "rule:files have an ETag", header("etag")),
        Check("file-checksum", "rule:files state a checksum", header("x-goog-hash")),
        Check("file-lifetime", "rule:files do not state how long they live", lifetime),
    )


def kind_of(offer: Offer) -> str | None:
    """What the model makes, a key of `SHAPES`; None where its details do not say."""
    model = offer.model
    words = {made.lower() for made in model.outputs or (model.kind,)}
    music = "music" in model.id.lower() or any("music" in tag.lower() for tag in model.tags)
    if "audio" in words:
        return "music" if music else "speech"
    return next((kind for kind in ("video", "image") if kind in words), None)


def receipt(answers: Answers) -> Judgement:
    answer = answers.get(SUBMIT)
    if answer is None or answer.trouble:
        return unseen(answer.trouble if answer is not None else "not submitted")
    if answer.status in (402, 429) or answer.status >= 500:
        return unseen(f"{answer.told}; it was not sent again")
    lost = [name for name in RECEIPT if name not in answer.mapping]
    facts = {"status": answer.status, "keys": sorted(plain(str(key)) for key in answer.mapping)}
    if answer.status != 200 or lost:
        told = f"{answer.told}{', without ' if lost else ''}{', '.join(lost)}"
        return judged(False, told, facts)
    seconds = f"{answer.seconds:.0f} s"
    ends = word(answer.mapping) in TERMINAL
    told = f"a receipt, {'at the end of the job' if ends else 'at once'}, after {seconds}"
    return judged(True, told, {**facts, "sync": ends, "outcome": "outcome" in answer.mapping})


def idempotency(answers: Answers) -> Judgement:
    answer = answers.get(SUBMIT)
    if answer is None or answer.trouble or answer.status in (402, 429):
        return unseen(NO_JOB)
    echoed = answer.header("idempotency-key") is not None
    told = f"HTTP {answer.status}; the answer {'names' if echoed else 'does not name'} it"
    return judged(answer.status == 200, told, {"echoed": echoed})


def states(answers: Answers) -> Judgement:
    raw = [plain(str(record.get("status"))) for record in records(answers)]
    shown = [one for number, one in enumerate(raw) if not number or raw[number - 1] != one]
    if not shown:
        return unseen(NO_JOB)
    words = [word({"status": one}) for one in shown]
    known = [ORDER.index(one) if one in ORDER else len(ORDER) for one in words]
    ordered = known == sorted(known) and sum(one in TERMINAL for one in words) <= 1
    also = [f"status:{one}" for one in shown if f"status:{one}" in beliefs()]
    strange = [one for one in shown if one not in KNOWN]
    return judged(ordered and not strange, " > ".join(shown), {"words": shown}, also)


def echo(offer: Offer) -> Any:
    """A judge of what a record shows of the payload."""

    def judge(answers: Answers) -> Judgement:
        found = [record["payload"] for record in records(answers) if "payload" in record]
        if not found:
            return unseen("no record has a payload")
        if found[-1] == dict(offer.payload):
            return judged(True, "it repeats what was sent", {"echo": True})
        told = "{}" if found[-1] == {} else "another payload than was sent"
        return judged(found[-1] == {}, told, {"echo": False})

    return judge


def outcome_until_the_end(answers: Answers) -> Judgement:
    before = [record for record in records(answers) if word(record) not in TERMINAL]
    if not before:
        return unseen("no record was seen before the end")
    early = sum(bool(record.get("outcome")) for record in before)
    return judged(not early, f"there in {early} of {len(before)} records before the end")


def job_times(answers: Answers) -> Judgement:
    end = ended(answers)
    if end is None:
        return unseen(NO_END)
    made, changed = (wire.moment(end.get(name)) for name in ("created_at", "updated_at"))
    if made is None or changed is None:
        return judged(False, "the record states no created_at or updated_at in unix seconds")
    took = changed - made
    return judged(0 <= took < 86400, f"the job took {took:.0f} s", {"seconds": round(took)})


def outcome(keys: Sequence[str]) -> Any:
    """A judge of the outcome of a success."""

    def judge(answers: Answers) -> Judgement:
        end = ended(answers)
        if end is None:
            return unseen(NO_END)
        found = end.get("outcome")
        if word(end) != "success" or not isinstance(found, Mapping):
            return unseen(f"the job ended as {plain(str(end.get('status')))}")
        shape = {plain(str(key)): type(value).__name__ for key, value in found.items()}
        lost = [key for key in keys if key not in found]
        told = f"keys {', '.join(sorted(shape))}"
        return judged(not lost, told, {"keys": shape})

    return judge


def second_look(answers: Answers) -> Judgement:
    end, again = ended(answers), answers.get("job again")
    if end is None or again is None or again.trouble:
        return unseen(NO_END)
    changed = sorted(
        plain(str(key))
        for key in {*end, *again.mapping}
        if end.get(key) != again.mapping.get(key) and key != "outcome"
    )
    # Addresses that are signed anew at each look are the same files all the same.
    keys = [set(one["outcome"]) for one in (end, again.mapping) if _has_outcome(one)]
    if len(keys) == 2 and keys[0] != keys[1]:
        changed.append("outcome")
    return judged(not changed, f"changed: {', '.join(changed)}" if changed else "the same")


def lag(answers: Answers) -> Judgement:
    end, page = ended(answers), answers.get("job listed")
    if end is None or page is None or page.trouble:
        return unseen(NO_END)
    mine = [one for one in listed_records(page) if id_of(one) == id_of(end)]
    if not mine:
        return judged(False, "the list does not show the job", {"listed": False})
    told = f"the list says {plain(str(mine[0].get('status')))}"
    return judged(word(mine[0]) == word(end), told, {"listed": True})


def file(answers: Answers) -> Judgement:
    answer, url = _file(answers)
    if answer is None or url is None:
        return unseen(NO_FILE)
    if answer.trouble:
        return unseen(answer.trouble)
    kind = plain(answer.header("content-type") or "no Content-Type")
    told = f"HTTP {answer.status} without credentials, {kind}"
    secure = "https" if url.startswith("https:") else "http"
    return judged(answer.status in (200, 206), told, {"status": answer.status, "scheme": secure})


def signed(answers: Answers) -> Judgement:
    url = result_url(answers)
    if url is None:
        return unseen(NO_FILE)
    names = sorted(plain(name) for name in query_of(url))
    told = f"a query with {', '.join(names)}" if names else "no query"
    return judged(not names, told, {"signed": bool(names), "names": names})


def part(answers: Answers) -> Judgement:
    answer, _ = _file(answers)
    if answer is None or answer.trouble or answer.status not in (200, 206):
        return unseen(NO_FILE)
    partly = answer.status == 206 and len(answer.body) == 1
    told = f"HTTP {answer.status}, {len(answer.body):,} bytes"
    return judged(partly, told, {"ranges": partly})


def header(name: str) -> Any:
    """A judge of whether the answer with the file has a header."""

    def judge(answers: Answers) -> Judgement:
        answer, _ = _file(answers)
        if answer is None or answer.trouble or answer.status not in (200, 206):
            return unseen(NO_FILE)
        there = answer.header(name) is not None
        return judged(there, "it has one" if there else f"no {name}", {"there": there})

    return judge


def lifetime(answers: Answers) -> Judgement:
    answer, url = _file(answers)
    if answer is None or url is None or answer.trouble:
        return unseen(NO_FILE)
    names = ("expires", "x-goog-expiration", "x-amz-expiration")
    found = [name for name in names if answer.header(name) is not None]
    found += sorted(plain(name) for name in query_of(url) if "expires" in name)
    return judged(not found, f"stated in {', '.join(found)}" if found else "not stated")


def _file(answers: Answers) -> tuple[Answer | None, str | None]:
    url = result_url(answers)
    return (answers.get("file part"), url) if url and urls.origin(url) else (None, None)


def _has_outcome(record: Mapping[str, Any]) -> bool:
    return isinstance(record.get("outcome"), Mapping)
