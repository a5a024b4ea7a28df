"""Whether what answers is the API at all: decided before anything else is asked."""

from __future__ import annotations

from ..errors import UNREACHABLE, UserError
from .answer import Answer
from .readings import listed
from .scrub import scrubbed


class NotTheApiError(UserError):
    """Nothing can be checked; the message says what answered, and what to do."""

    exit_code = UNREACHABLE


_WHERE = "Check GMI_BASE_URL; `gmigen conformance` asks it, and the API's own address without it."


def admit(answer: Answer) -> None:
    """Raise NotTheApiError unless the first answer, to the list of models, is an API's."""
    told = scrubbed(answer.told)
    kind = answer.header("content-type") or ""
    page = "html" in kind or answer.body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))
    if answer.trouble:
        raise NotTheApiError(f"The API could not be reached: {told}. {_WHERE}")
    if page and answer.status not in (401, 403) and answer.status < 500:
        raise NotTheApiError(
            f"A web page answered where the API should be (HTTP {answer.status}): perhaps the "
            "log-in page of this network, or another site. Open a browser to log in, or check "
            "GMI_BASE_URL."
        )
    if 300 <= answer.status < 400:
        raise NotTheApiError(
            f"The address answers with a redirect (HTTP {answer.status}), which is not followed: "
            f"the key would go along. {_WHERE}"
        )
    if answer.status in (401, 403):
        raise NotTheApiError(
            f"The API refused the key ({told}). Make a key on the API keys page of "
            "https://console.gmicloud.ai, and name its organisation in GMI_ORG_ID if the account "
            "has several."
        )
    if answer.status == 429 or answer.status >= 500:
        raise NotTheApiError(f"The API is in trouble now ({told}). Try again later.")
    if answer.status != 200 or not listed(answer)[2]:
        raise NotTheApiError(
            f"What answers is not the request queue ({told}): it lists no models. {_WHERE}"
        )
