"""Checks of the list of requests and of the records in it."""

from __future__ import annotations

from ..beliefs.table import beliefs
from ..runtime import wire
from ..runtime.records import KNOWN
from .answer import Answers
from .judgement import Check, Judgement, judged, silent, unseen
from .plain import plain
from .questions import NOBODY
from .readings import Record, id_of, records

TOO_FEW = "this account has too few requests to tell"
TIMES = ("created_at", "updated_at", "queued_at")


def list_of_requests(answers: Answers) -> Judgement:
    answer = answers.get("list")
    if (why := silent(answer, "not asked")) or answer is None:
        return why or unseen("not asked")
    shape = answer.mapping
    holds = isinstance(shape.get("requests"), list) and isinstance(shape.get("has_more"), bool)
    keys = sorted(plain(str(key)) for key in shape)[:20]
    facts = {"keys": keys, "page": len(records(answer)), "status": answer.status}
    told = f"an object with {', '.join(keys)}" if answer.status == 200 and keys else answer.told
    return judged(holds and answer.status == 200, told, facts)


def fields(answers: Answers) -> Judgement:
    answer = answers.get("look") or answers.get("job again")
    if (why := silent(answer, TOO_FEW)) or answer is None:
        return why or unseen(TOO_FEW)
    record = answer.mapping
    if answer.status != 200 or not id_of(record):
        return judged(False, answer.told, {"status": answer.status})
    known = {name.partition(":")[2] for name in beliefs() if name.startswith("field:")}
    seen = [name for name in known if name in record]
    lost = [name for name in ("request_id", "model", "status", "outcome") if name not in record]
    strange = sorted(plain(str(key)) for key in record if key not in known)
    facts = {"fields": sorted(plain(str(key)) for key in record)[:60]}
    told = [f"without {', '.join(lost)}"] if lost else []
    told += [f"also {', '.join(strange[:6])}"] if strange else []
    came = "; ".join(told) or f"{len(seen)} fields, all of them known"
    return judged(not lost, came, facts, tuple(f"field:{name}" for name in sorted(seen)))


def times(answers: Answers) -> Judgement:
    found = [(name, record[name]) for record in _all(answers) for name in TIMES if name in record]
    if not found:
        return unseen(TOO_FEW)
    # From 2020 on, and in seconds: the same moment in milliseconds lies far beyond.
    odd = [
        f"{name} {plain(str(value))}"
        for name, value in found
        if not 1_577_836_800 <= (wire.moment(value) or 0) < 9_000_000_000
    ]
    return judged(not odd, odd[0] if odd else f"{len(found)} times, in unix seconds")


def status_words(answers: Answers) -> Judgement:
    words = sorted({plain(str(record.get("status"))) for record in _all(answers)})
    if not words:
        return unseen(TOO_FEW)
    strange = [word for word in words if word not in KNOWN]
    also = tuple(f"status:{word}" for word in words if f"status:{word}" in beliefs())
    return judged(not strange, ", ".join(words[:12]), {"words": words[:12]}, also)


def order(answers: Answers) -> Judgement:
    made = [wire.moment(record.get("created_at")) for record in records(answers.get("list"))]
    known = [moment for moment in made if moment is not None]
    if len(known) < 2 or min(known) == max(known):
        return unseen(TOO_FEW)
    newest = known == sorted(known, reverse=True)
    oldest = known == sorted(known)
    told = "newest first" if newest else "oldest first" if oldest else "in no order of time"
    return judged(
        newest, f"{told}, {len(known)} records", {"newest_first": newest, "oldest_first": oldest}
    )


def paging(answers: Answers) -> Judgement:
    first, second = (records(answers.get(f"page {number}")) for number in (0, 1))
    if len(first) < 2 or not second:
        size = len(first)
        return judged(False, f"{size} records for limit=2") if size > 2 else unseen(TOO_FEW)
    if len(first) > 2:
        return judged(False, f"{len(first)} records for limit=2", {"limit": False})
    goes_on = id_of(first[1]) == id_of(second[0])
    told = "the pages overlap as they should" if goes_on else "the pages do not follow each other"
    return judged(goes_on, told, {"limit": True, "offset": goes_on})


def filtered(answers: Answers) -> Judgement:
    nobodys, ones = answers.get("of no model"), answers.get("of one model")
    if why := silent(nobodys, "not asked"):
        return why
    if records(nobodys):
        told = f"records of other models for model_id={NOBODY}"
        return judged(False, told, {"filter": False})
    if ones is None:
        return unseen(TOO_FEW)
    models = {str(record.get("model")) for record in records(ones)}
    told = f"records of {len(models)} model{'s' if len(models) != 1 else ''}"
    return judged(len(models) == 1, told, {"filter": len(models) == 1})


def has_more(answers: Answers) -> Judgement:
    page, whole = answers.get("page 0"), answers.get("list")
    told = page.mapping.get("has_more") if page is not None else None
    if not isinstance(told, bool) or whole is None or whole.trouble:
        return unseen("no page says has_more")
    known = len(records(whole))
    if known < 3:
        # Nothing is left behind what was asked for.
        return judged(not told, f"has_more is {told} with {known} requests", {"has_more": told})
    return judged(told, f"has_more is {told} with more than 2 requests", {"has_more": told})


def lag(answers: Answers) -> Judgement:
    looked, page = answers.get("look"), records(answers.get("list"))
    if looked is None or not page or looked.status != 200:
        return unseen(TOO_FEW)
    one, other = page[0], looked.mapping
    if one.get("status") == other.get("status") and one.get("updated_at") == other.get(
        "updated_at"
    ):
        return judged(True, "the list and a look right after it agree", {"seconds": 0})
    times = [wire.moment(record.get("updated_at")) for record in (one, other)]
    late = (times[1] or 0) - (times[0] or 0)
    words = f"{plain(str(one.get('status')))}, the look {plain(str(other.get('status')))}"
    return judged(late <= 0, f"the list says {words}, {late:g} s later", {"seconds": late})


def _all(answers: Answers) -> list[Record]:
    found = [one for name in ("list", "page 0", "page 1") for one in records(answers.get(name))]
    looks = (answers.get(name) for name in ("look", "job again"))
    return [*found, *(one.mapping for one in looks if one is not None and one.status == 200)]


CHECKS = (
    Check("list-of-requests", "route:list", list_of_requests),
    Check("record", "route:status", fields),
    Check("times", "field:created_at", times),
    Check("status-words", "rule:status words are known", status_words),
    Check("list-order", "rule:the list is newest first", order),
    Check("paging", "rule:limit and offset page through the list", paging),
    Check("filter", "rule:model_id filters the list", filtered),
    Check("has-more", "rule:has_more says whether the list goes on", has_more),
    Check("list-lag", "rule:the list does not lag behind a single look", lag),
)
