# fmt: off
# isort: skip_file
# ruff: noqa
"""One flow under way, stepped by whichever driver performs its effects."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from .effects import Effect, Flow

T = TypeVar("T")


class Running(Generic[T]):
    """Ask for the `next` effect, then `answer` it or `fail` it; None at the end, with `value`."""

    __slots__ = ("_answer", "_error", "_flow", "value")

    value: T

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self._answer: Any = None
        self._error: BaseException | None = None

    def next(self) -> Effect | None:
        """The next effect to perform; None when the flow has returned. Raises what it raises."""
        error, answer = self._error, self._answer
        self._error = self._answer = None
        try:
            return self._flow.send(answer) if error is None else self._flow.throw(error)
        except StopIteration as end:
            self.value = end.value
            return None

    def answer(self, value: Any) -> None:
        """What the effect brought."""
        self._answer = value

    def fail(self, error: BaseException, *, private: bool) -> None:
        """What the effect was interrupted by; the flow sees it raised at its yield.

        With `private` its traceback is cut: frames of the HTTP library hold the key in a header.
        """
        if private:
            error.__cause__ = error.__context__ = None
            error = error.with_traceback(None)
        self._error = error

    def close(self) -> None:
        """Leave the flow where it stands."""
        self._flow.close()
