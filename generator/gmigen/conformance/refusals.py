"""Checks of how the API says no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .answer import Answer, Answers
from .judgement import Check, Judgement, judged, silent, unseen
from .plain import plain


def refused(name: str, status: int, text: str | None = None) -> Callable[[Answers], Judgement]:
    """A judge of the answer `name`: refused with `status`, in the API's shape of an error, and
    with these words where they are known."""

    def judge(answers: Answers) -> Judgement:
        answer = answers.get(name)
        if (why := silent(answer, "not asked")) or answer is None:
            return why or unseen("not asked")
        shaped = answer.error is not None and (text is None or answer.error == text)
        return judged(answer.status == status and shaped, answer.told, facts_of(answer))

    return judge


def facts_of(answer: Answer) -> dict[str, Any]:
    """What an emulator needs to refuse in the same way."""
    if answer.status < 400:
        return {"status": answer.status}
    said = {"error": plain(answer.error)} if answer.error is not None else {}
    kind = (answer.header("content-type") or "").partition(";")[0]
    return {"status": answer.status, "content_type": plain(kind), **said}


def no_route(answers: Answers) -> Judgement:
    """Edges answer for paths that are not there, so the body is anybody's."""
    answer = answers.get("unknown route")
    if (why := silent(answer, "not asked")) or answer is None:
        return why or unseen("not asked")
    return judged(answer.status == 404, answer.told, facts_of(answer))


CHECKS = (
    Check(
        "unknown-model", "error:MODEL_NOT_FOUND", refused("unknown model", 404, "Model not found")
    ),
    Check("unknown-job", "error:REQUEST_NOT_FOUND", refused("unknown job", 404)),
    Check("unknown-path", "error:ROUTE_NOT_FOUND", no_route),
    Check("wrong-key", "error:UNAUTHORIZED", refused("wrong key", 401)),
    Check("limit-below-zero", "error:LIST_ARGUMENT", refused("below zero", 400)),
    Check("unknown-file-type", "error:FILE_TYPE", refused("grant exe", 400)),
)
