# fmt: off
# isort: skip_file
# ruff: noqa
"""What a package knows of its models without loading a class: read by programs that choose one."""

from __future__ import annotations

from importlib import import_module

# Not imported from typing: nothing here takes time to load, as it is asked before anything else.
TYPE_CHECKING = bool(0)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

TAKES = ("text", "image", "video", "audio", "file")


class ModelPrice:
    """What one request costs, informative and never a quote.

    `line` is the published price in words, empty where nothing is published. `low` and `high` are
    US dollars for the smallest request, with the API's defaults, each None where it is not known.
    """

    __slots__ = ("high", "line", "low")

    def __init__(self, line: str, low: float | None, high: float | None) -> None:
        self.line = line
        self.low = low
        self.high = high

    def __str__(self) -> str:
        return self.line or "not known"

    def __repr__(self) -> str:
        return f"ModelPrice(line={self.line!r}, low={self.low}, high={self.high})"


class ModelFacts:
    """A model of the snapshot: `id`, the name of its request class (`cls`) and of its `module`,
    its `kind` (video, image, audio, utility, workflow, or empty), what it `takes` and `gives`, its
    `vendor`, its `price`, a name that tools of language models may have (`tool_name`), and the date
    of the `snapshot`.
    """

    __slots__ = (
        *("cls", "gives", "id", "kind", "module", "price", "snapshot", "takes", "tool_name"),
        "vendor",
    )

    def __init__(
        self,
        id: str,
        cls: str,
        module: str,
        kind: str,
        vendor: str,
        takes: Iterable[str],
        gives: Iterable[str],
        price: tuple[str, int | None, int | None],
        tool_name: str,
        snapshot: str,
    ) -> None:
        self.id = id
        self.cls = cls
        self.module = module
        self.kind = kind
        self.vendor = vendor
        self.takes = tuple(takes)
        self.gives = tuple(gives)
        line, *millionths = price
        low, high = (None if one is None else one / 1e6 for one in millionths)
        self.price = ModelPrice(line, low, high)
        self.tool_name = tool_name
        self.snapshot = snapshot

    def __repr__(self) -> str:
        return f"ModelFacts({self.id!r}, takes={self.takes}, gives={self.gives})"


def catalog(package: str) -> dict[str, ModelFacts]:
    """The models of an emitted `models` package, by id."""
    try:
        told = import_module(f"{package}._facts")
    except ModuleNotFoundError as missing:
        if missing.name != f"{package}._facts":
            raise
        return {}
    made: dict[str, list[Any]] = {
        id: [id, *facts, told.SNAPSHOT] for id, facts in told.FACTS.items()
    }
    return {id: ModelFacts(*facts) for id, facts in made.items()}


def search(
    known: Mapping[str, ModelFacts],
    words: str,
    takes: str | Iterable[str] | None,
    gives: str | None,
    kind: str | None,
    vendor: str | None,
    max_usd: float | None,
) -> list[ModelFacts]:
    """Those that fit everything asked, the cheapest first, those without a known price last.

    Raises InvalidRequestError for words nothing is called by.
    """
    wanted = {takes} if isinstance(takes, str) else {*(takes or ())}
    asked: dict[str, tuple[set[str | None] | set[str], set[str]]] = {
        "takes": (wanted, {*TAKES, *(one for facts in known.values() for one in facts.takes)}),
        "gives": ({gives} - {None}, {one for facts in known.values() for one in facts.gives}),
        "kind": ({kind} - {None}, {facts.kind for facts in known.values()}),
        "vendor": ({vendor} - {None}, {facts.vendor for facts in known.values()}),
    }
    for name, (given, there) in asked.items():
        _check(name, given, there)

    def fits(facts: ModelFacts) -> bool:
        highest = facts.price.high
        told = f"{facts.id} {facts.vendor} {facts.kind}".casefold()
        return (
            wanted <= {*facts.takes}
            and (gives is None or gives in facts.gives)
            and kind in (None, facts.kind)
            and vendor in (None, facts.vendor)
            and (max_usd is None or (highest is not None and highest <= max_usd))
            and all(word in told for word in words.casefold().split())
        )

    found = [facts for facts in known.values() if fits(facts)]
    return sorted(found, key=lambda facts: (facts.price.low is None, facts.price.low or 0.0))


def _check(name: str, given: Iterable[str | None], known: set[str]) -> None:
    for word in {*given} - known:
        from ..runtime.errors import Fault, InvalidRequestError
        from ..runtime.suggest import nearest

        allowed = ", ".join(sorted(one for one in known if one))
        close = nearest(str(word), known, most=1)
        fault = Fault(
            name, "no model has this", allowed=allowed, nearest=close[0] if close else None
        )
        raise InvalidRequestError([fault])
