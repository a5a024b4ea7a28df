"""A file of prices -> its claims, and a finding for each one that cannot be taken.

Total and strict: whatever the bytes are, nothing is raised, and a claim with one thing wrong is
left out whole. A wrong price is worse than none.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from ..problems import Problem
from .claim import CERTAINTIES, Claim, Extra, Rate
from .units import UNITS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MOST_MILLIONTHS = 10**12
"""A million US dollars: more is a slip of the pen."""

MOST = 1000
"""Claims in a file, models or rates in a claim, values in a condition."""

T = TypeVar("T")


class _WrongError(Exception):
    """Never leaves this module."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_prices(
    file: str, content: bytes, *, bundled: bool = False
) -> tuple[list[Claim], list[Problem]]:
    """The claims of a file, in order of preference, and what is wrong with the others."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        value = tomllib.loads(text, parse_float=Decimal)
        _keys(value, ("price",), "it")
        entries = value.get("price")
        if not isinstance(entries, list) or not 0 < len(entries) <= MOST:
            raise _WrongError("price-shape", "it holds no list of [[price]]")
    except _WrongError as wrong:
        return [], [_problem(file, "", wrong.code, str(wrong))]
    except (ValueError, RecursionError, ArithmeticError) as error:
        return [], [_problem(file, "", "price-shape", f"it is not TOML: {error}"[:200])]
    claims, problems = [], []
    for number, entry in enumerate(entries, 1):
        try:
            claims.append(_claim(file, entry, bundled))
        except _WrongError as wrong:
            named = entry.get("models") if isinstance(entry, dict) else None
            first = named[0] if isinstance(named, list) and named else ""
            told = f"price {number}: {wrong}"
            model = first if isinstance(first, str) else ""
            problems.append(_problem(file, model, wrong.code, told))
    return claims, problems


def _problem(file: str, model: str, code: str, message: str) -> Problem:
    return Problem("warning", model, "", code, f"prices/{file} is not used: {message}"[:400])


def _claim(file: str, entry: Any, bundled: bool) -> Claim:
    if not isinstance(entry, dict):
        raise _WrongError("price-shape", "it is no table")
    known = (*Claim.__dataclass_fields__, "usd")
    _keys(entry, tuple(name for name in known if name not in ("file", "bundled")), "the price")
    unit = _unit(entry.get("unit"))
    certainty = entry.get("certainty")
    if certainty not in CERTAINTIES:
        told = ", ".join(CERTAINTIES)
        raise _WrongError("price-shape", f"`certainty` is one of {told}")
    claim = Claim(
        file=file,
        models=tuple(_each(entry.get("models"), _text, "models")),
        unit=unit,
        certainty=certainty,
        source=_text(entry.get("source"), "source"),
        date=_date(entry.get("date", "")),
        rates=_rates(entry),
        doubt=_unit(entry["doubt"]) if "doubt" in entry else "",
        doubted=_rates({"rates": entry["doubted"]}) if "doubted" in entry else (),
        by=tuple(_each(entry.get("by", []), _text, "by", empty=True)),
        only=_table(entry, "only", _words),
        block=_whole(entry.get("block", 0), "block"),
        span=_span(entry["span"]) if "span" in entry else None,
        of=_text(entry["of"], "of") if "of" in entry else "",
        clips=tuple(_each(entry.get("clips", []), _text, "clips", empty=True)),
        pixels=_sized(entry["pixels"], "pixels") if "pixels" in entry else None,
        plus=tuple(_each(entry.get("plus", []), _extra, "plus", empty=True)),
        absent=_table(entry, "absent", _plain),
        assumed=_table(entry, "assumed", _plain),
        note=_text(entry["note"], "note") if "note" in entry else "",
        bundled=bundled,
    )
    if (unit == "block") != (claim.block > 0):
        raise _WrongError("price-unit", "a block says how many seconds it has in `block`")
    if claim.doubt and not claim.rates:
        raise _WrongError("price-shape", "a doubt about the unit of no rate")
    return claim


def _rates(entry: Mapping[str, Any]) -> tuple[Rate, ...]:
    if "usd" in entry and "rates" in entry:
        raise _WrongError("price-contradiction", "it gives both `usd` and `rates`")
    given = [{"usd": entry["usd"]}] if "usd" in entry else entry.get("rates", [])
    rates = tuple(_each(given, _rate, "rates", empty=True))
    said: dict[str, Rate] = {}
    for rate in rates:
        other = said.setdefault(rate.conditions, rate)
        if other.usd != rate.usd:
            told = "two rates of the same conditions are not the same"
            raise _WrongError("price-contradiction", told)
    return rates


def _rate(value: Any, place: str) -> Rate:
    _is_table(value, place)
    _keys(value, ("usd", "when", "given", "over"), "a rate")
    given = _table(value, "given", _flag)
    over = _sized(value["over"], "over") if "over" in value else None
    return Rate(_usd(value.get("usd")), _table(value, "when", _words), given, over)


def _extra(value: Any, place: str) -> Extra:
    _is_table(value, place)
    _keys(value, ("usd", "per"), "what is added")
    return Extra(_usd(value.get("usd")), _text(value.get("per"), "per"))


def _usd(value: Any) -> tuple[int, int]:
    """Dollars, or the least and the most, as exact millionths."""
    low, high = value if isinstance(value, list) and len(value) == 2 else (value, value)
    least, most = _millionths(low), _millionths(high)
    if least > most:
        raise _WrongError("price-contradiction", "the least is more than the most")
    return least, most


def _millionths(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _WrongError("price-shape", "`usd` is no number of dollars")
    amount = Decimal(value)
    if not amount.is_finite():
        raise _WrongError("price-nan", f"`usd` is {amount}, which is no amount")
    if amount.is_signed() and amount != 0:
        raise _WrongError("price-negative", f"`usd` is negative: {str(amount)[:40]}")
    if amount.adjusted() > 5:
        raise _WrongError("price-shape", "`usd` is more than any price")
    if amount != 0 and (amount.adjusted() < -6 or amount.scaleb(6) % 1 != 0):
        raise _WrongError("price-shape", "`usd` is finer than a millionth of a dollar")
    return int(amount.scaleb(6))


def _unit(value: Any) -> str:
    if not isinstance(value, str) or value not in UNITS:
        word = repr(value[:40]) if isinstance(value, str) else type(value).__name__
        told = f"{word} is no unit; known are {', '.join(UNITS)}"
        raise _WrongError("price-unit", told)
    return value


def _date(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    parts = text.split("-")
    fits = all(part.isascii() and part.isdigit() for part in parts) and len(parts) <= 3
    if text == value and (not text or (fits and [*map(len, parts)] == [4, 2, 2][: len(parts)])):
        return text
    raise _WrongError("price-shape", "`date` is no text like 2026, 2026-09 or 2026-09-30")


def _span(value: Any) -> tuple[int, int]:
    low, high = value if isinstance(value, list) and len(value) == 2 else (None, None)
    told = _whole(low, "span"), _whole(high, "span")
    if told[0] > told[1]:
        raise _WrongError("price-contradiction", "`span` ends before it begins")
    return told


def _sized(value: Any, place: str) -> tuple[str, int]:
    """A parameter that holds a size, and a number of pixels above 0."""
    if not isinstance(value, list) or len(value) != 2:
        raise _WrongError("price-shape", f"`{place}` is no parameter and number of pixels")
    return _text(value[0], place), max(1, _whole(value[1], place))


def _words(value: Any, place: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(_each(values, lambda one, at: str(_plain(one, at)).casefold(), place))


def _plain(value: Any, place: str) -> str | int | bool:
    short = len(value) <= 200 if isinstance(value, str) else False
    if not short and not (isinstance(value, int) and abs(value) < 10**15):
        raise _WrongError("price-shape", f"`{place}` is no text, whole number or boolean")
    return value  # type: ignore[no-any-return]


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise _WrongError("price-shape", f"`{place}` is neither true nor false")
    return value


def _whole(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**9:
        raise _WrongError("price-shape", f"`{place}` is no whole number from 0 on")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 1000:
        raise _WrongError("price-shape", f"`{place}` is no text")
    return value


def _table(entry: Mapping[str, Any], name: str, read: Callable[[Any, str], T]) -> dict[str, T]:
    value = entry.get(name, {})
    _is_table(value, name)
    return {key: read(one, f"{name}.{key}") for key, one in value.items()}


def _each(value: Any, read: Callable[[Any, str], T], place: str, *, empty: bool = False) -> list[T]:
    if not isinstance(value, list) or len(value) > MOST or not (value or empty):
        raise _WrongError("price-shape", f"`{place}` is no list of 1 to {MOST}")
    return [read(one, place) for one in value]


def _is_table(value: Any, place: str) -> None:
    if not isinstance(value, dict) or len(value) > MOST:
        raise _WrongError("price-shape", f"`{place}` is no table")


def _keys(value: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    for key in value:
        if key not in known:
            raise _WrongError(
                "price-shape", f"{what} says `{key[:60]}`; known are {', '.join(known)}"
            )
