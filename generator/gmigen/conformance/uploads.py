"""Checks of uploads: the leave to put a file, what it is signed for, and what was put."""

from __future__ import annotations

import re
from collections.abc import Callable

from .answer import Answer, Answers
from .judgement import Check, Judgement, judged, silent, unseen
from .plain import plain
from .questions import FILE, TYPES, WRONG_TYPE
from .readings import query_of, url_in

NO_GRANT = "there was no upload_url to put anything to"
_CODE = re.compile(rb"<Code>([A-Za-z]{1,60})</Code>")


def grant(answers: Answers) -> Judgement:
    answer = answers.get("grant png")
    if (why := silent(answer, "not asked")) or answer is None:
        return why or unseen("not asked")
    missing = [name for name in ("upload_url", "public_url") if not url_in(answer, name)]
    if missing:
        return judged(False, f"{answer.told}, without {' and '.join(missing)}")
    keys = sorted(plain(str(key)) for key in answer.mapping)[:20]
    return judged(True, f"an object with {', '.join(keys)}", {"keys": keys})


def lifetime(answers: Answers) -> Judgement:
    query = query_of(url_in(answers.get("grant png"), "upload_url") or "")
    stated = query.get("x-goog-expires", query.get("x-amz-expires"))
    if not query:
        return unseen(NO_GRANT)
    told = f"{plain(stated)} seconds" if stated else "it states no lifetime"
    seconds = int(stated) if stated and re.fullmatch(r"\d{1,7}", stated) else None
    return judged(stated == "899", told, {"seconds": seconds})


def signed_for(answers: Answers) -> Judgement:
    query = query_of(url_in(answers.get("grant png"), "upload_url") or "")
    stated = query.get("x-goog-signedheaders", query.get("x-amz-signedheaders"))
    if not query:
        return unseen(NO_GRANT)
    told = plain(stated or "it names no headers")
    return judged(stated == "content-type;host", told, {"headers": told if stated else ""})


def wrong_type(answers: Answers) -> Judgement:
    answer = answers.get("put wrong")
    if (why := silent(answer, NO_GRANT)) or answer is None:
        return why or unseen(NO_GRANT)
    code = _code(answer)
    told = f"HTTP {answer.status}{f', {code}' if code else ''} for {WRONG_TYPE}"
    holds = answer.status == 403 and code == "SignatureDoesNotMatch"
    return judged(holds, told, {"status": answer.status, "code": code})


def put(file_type: str) -> Callable[[Answers], Judgement]:
    """A judge of the upload of one type."""

    def judge(answers: Answers) -> Judgement:
        granted, answer = answers.get(f"grant {file_type}"), answers.get(f"put {file_type}")
        if granted is not None and granted.status >= 400:
            return judged(False, f"no grant: {granted.told}", {"status": granted.status})
        if (why := silent(answer, NO_GRANT)) or answer is None:
            return why or unseen(NO_GRANT)
        code = _code(answer)
        told = f"HTTP {answer.status}{f', {code}' if code else ''} for {TYPES[file_type]}"
        taken = 200 <= answer.status < 300
        also = ("route:put",) if taken else ()
        return judged(
            taken, told, {"status": answer.status, "content_type": TYPES[file_type]}, also
        )

    return judge


def stored(answers: Answers) -> Judgement:
    answer, uploaded = answers.get("stored"), answers.get("put png")
    if uploaded is None or not 200 <= uploaded.status < 300:
        return unseen("nothing could be put")
    if (why := silent(answer, NO_GRANT)) or answer is None:
        return why or unseen(NO_GRANT)
    if answer.status != 200:
        return judged(False, answer.told, {"status": answer.status})
    kind = plain(answer.header("content-type") or "no Content-Type")
    told = (
        f"the same {len(FILE)} bytes, {kind}"
        if answer.body == FILE
        else "other bytes than were put"
    )
    return judged(answer.body == FILE, told, {"status": 200, "content_type": kind})


def _code(answer: Answer) -> str:
    """The code of an error of the object store, which speaks XML."""
    found = _CODE.search(answer.body[:4096])
    return found[1].decode() if found else ""


CHECKS = (
    Check("upload-grant", "route:upload_url", grant),
    Check("upload-lifetime", "rule:upload URLs expire after 899 seconds", lifetime),
    Check("upload-headers", "rule:uploads are signed for content-type and host", signed_for),
    Check(
        "upload-wrong-type", "rule:a wrong Content-Type is 403 SignatureDoesNotMatch", wrong_type
    ),
    *(Check(f"upload-{name}", f"upload:{name}", put(name)) for name in TYPES),
    Check("upload-public", "route:stored", stored),
)
