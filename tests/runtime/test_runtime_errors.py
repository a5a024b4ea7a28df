"""Errors: what they are kinds of, that they pickle, and what they may say."""

from __future__ import annotations

import copy
import pickle

import pytest

from gmigen.client.jobs import Job
from gmigen.runtime import errors
from gmigen.runtime.errors import Fault, InvalidRequestError

KINDS = sorted(
    (
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.GMIError)
    ),
    key=lambda kind: kind.__name__,
)


def made(kind: type[errors.GMIError]) -> errors.GMIError:
    if issubclass(kind, InvalidRequestError):
        return kind([Fault("prompt", "it is missing", "NoneType", "a text", "prompt_")])
    return kind("It went wrong. Do this next.", job=Job("j1", model="Veo3"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_survives_pickling_and_copying(kind: type[errors.GMIError]) -> None:
    error = made(kind)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert twin.job == error.job
        assert {**vars(twin), "job": None} == {**vars(error), "job": None}


def test_details_survive_pickling() -> None:
    error = errors.RateLimitError("Slow down.", status_code=429, retry_after=3.0, request_id="j")
    twin = pickle.loads(pickle.dumps(error))
    assert (twin.status_code, twin.retry_after, twin.request_id) == (429, 3.0, "j")


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (InvalidRequestError, ValueError),
        (errors.JobTimeoutError, TimeoutError),
        (errors.APITimeoutError, TimeoutError),
        (errors.ModelNotFoundError, errors.NotFoundError),
        (errors.JobNotFoundError, errors.APIStatusError),
        (errors.JobUnreachableError, errors.JobError),
    ],
)
def test_errors_are_what_their_names_promise(kind: type[Exception], base: type) -> None:
    assert issubclass(kind, base)


def test_an_unknown_submission_is_never_taken_for_a_connection_error() -> None:
    kind = errors.SubmissionUnknownError
    assert not issubclass(kind, (errors.APIConnectionError, errors.APIStatusError, OSError))


def test_every_fault_of_a_request_has_its_line() -> None:
    error = InvalidRequestError(
        [Fault("a", "is missing"), Fault("b", "is too\nlong", "str", "up to 5", "bb")]
    )
    assert str(error).splitlines() == [
        "a: is missing",
        "b: is too long (allowed: up to 5) [got str]; did you mean bb?",
    ]


def test_a_thousand_faults_do_not_make_a_thousand_lines() -> None:
    error = InvalidRequestError([Fault(f"f{n}", "x" * 10_000) for n in range(1000)])
    assert len(str(error)) < 5000
    assert len(error.faults) == 1000
    assert "more" in str(error)
