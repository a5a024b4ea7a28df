"""Making one ledger of several, or of a broken one: what is published keeps its name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ..errors import LedgerError
from .ledger import FILE, conflicts, read
from .names import Ledger, ModelNames, Scope
from .reserved import CLASSES, IMPOSSIBLE

_HUNK = re.compile(
    r"^<{7}[^\n]*\n(?P<ours>.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}\n(?P<theirs>.*?)^>{7}[^\n]*\n",
    re.MULTILINE | re.DOTALL,
)
"""What a merge leaves where both sides changed the same lines."""


def sides(text: str) -> list[Ledger]:
    """The ledgers in a text: one, or the two sides of a merge that was not settled; none where
    nothing can be read."""
    text = text.replace("\r\n", "\n")
    texts = [text]
    if _HUNK.search(text):
        texts = [_HUNK.sub(rf"\g<{side}>", text) for side in ("ours", "theirs")]
    found = []
    for each in texts:
        try:
            found.append(read(each))
        except LedgerError:
            continue
    return found


def settle(known: Iterable[Ledger], published: Ledger, keep: Collection[str] = ()) -> Ledger:
    """One ledger in which nothing is called what something else is called.

    Args:
        known: ledgers, the first of which wins where no other rule decides.
        published: the names that stand in the emitted package; they never change.
        keep: ids that keep their names where several want one and none is published.

    Raises:
        LedgerError: when two ids want one name, and nothing says whose it is.
    """
    every: dict[str, list[ModelNames]] = {}
    for ledger in (published, *known):
        for model_id, names in ledger.models.items():
            every.setdefault(model_id, []).append(names)
    settled = Ledger()
    first = sorted(every, key=lambda m: (m not in published.models, m not in keep, m))
    for model_id in first:
        names = ModelNames(every[model_id][0].module, _joined([n.request for n in every[model_id]]))
        rival = _rival(settled, names)
        if rival is None:
            settled.models[model_id] = names
        elif rival not in published.models and not {rival, model_id} & {*keep}:
            raise LedgerError(
                f"{FILE} cannot be settled: {rival!a} and {model_id!a} are both called "
                f"{names.module}, and the package says of neither that it is. Say which keeps the "
                "name: `gmigen names --settle --keep ID`."
            )
    for conflict in conflicts(settled):
        raise LedgerError(f"{FILE} cannot be settled: {conflict}.")
    return settled


def _rival(settled: Ledger, names: ModelNames) -> str | None:
    cls = names.request.cls.casefold()
    for model_id, other in settled.models.items():
        if other.module == names.module or other.request.cls.casefold() == cls:
            return model_id
    return None


def _joined(scopes: list[Scope]) -> Scope:
    """What several ledgers say of one class, the first winning; what then clashes is left out and
    named anew."""
    joined = Scope(scopes[0].cls)
    for scope in scopes:
        for wire, name in sorted(scope.attributes.items(), key=lambda item: item[0] != item[1]):
            taken = name in joined.attributes.values() or name in IMPOSSIBLE
            if wire not in joined.attributes and not taken:
                joined.attributes[wire] = name
    inner: dict[str, list[Scope]] = {}
    for scope in scopes:
        for path, nested in scope.nested.items():
            inner.setdefault(path, []).append(nested)
    classes = {joined.cls}
    for path, found in inner.items():
        candidate = _joined(found)
        names = _classes(candidate)
        if not set(names) & (classes | CLASSES) and len({*names}) == len(names):
            joined.nested[path] = candidate
            classes |= {*names}
    return joined


def _classes(scope: Scope) -> list[str]:
    return [scope.cls, *(name for nested in scope.nested.values() for name in _classes(nested))]
