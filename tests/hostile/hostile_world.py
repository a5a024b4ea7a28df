"""Documents in, generated files out, all in memory; and the class of a module that was judged."""

from __future__ import annotations

import copy
import itertools
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from gmigen import resources
from gmigen.catalog.lock import Lock
from gmigen.catalog.snapshot import Document, Snapshot
from gmigen.emit.generate import Inputs, Output, generate
from gmigen.naming.names import Ledger, ModelNames
from gmigen.pricing.claim import Claim
from gmigen.schema.overlays import Overlay
from gmigen.settings import Settings

HERE = Path(__file__).parent
BENIGN: dict[str, Any] = {
    "model": "acme-model-1",
    "org_id": "acme",
    "display_name": "Model One",
    "brief_description": "A model.",
    "detailed_description": "It makes clips.",
    "model_type": "video",
    "modalities": {"input": ["text"], "output": ["video"]},
    "tags": ["t2v"],
    "price_info": {"price": 35000, "pricing_type": "per_request", "unit": "clip"},
    "pricing_details": "Flat.",
    "parameters": [
        {"name": "prompt", "display_name": "Prompt", "type": "string", "required": True},
        {
            "name": "mode",
            "description": "How.",
            "type": "enum",
            "options": ["fast", "good"],
            "default_value": "fast",
        },
    ],
}


@dataclass(frozen=True)
class Case:
    """One hostile or broken document (or several), and what must be true of the outcome."""

    id: str
    documents: tuple[bytes, ...]
    must: tuple[str, ...]
    expect: str


def cases() -> list[Case]:
    """Every case on disk; the wide one stands for three documents too large to keep."""
    return list(itertools.chain.from_iterable(map(_read, sorted((HERE / "cases").glob("*.json")))))


def _read(path: Path) -> Iterator[Case]:
    raw = json.loads(path.read_text("utf-8"))
    document, rest = raw["document"], (tuple(raw["must"]), raw["expect"])
    if document == "<generated>":
        for name, wide in wide_documents().items():
            yield Case(f"{raw['id']}-{name}", (encoded(wide),), *rest)
        return
    if isinstance(document, str):
        yield Case(raw["id"], (document.encode("utf-8", "surrogatepass"),), *rest)
        return
    documents = document if isinstance(document, list) else [document]
    yield Case(raw["id"], tuple(map(encoded, documents)), *rest)


def wide_documents() -> dict[str, dict[str, Any]]:
    """Ten thousand parameters, a hundred thousand options, ten megabytes of description."""
    many = [{"name": f"p{number}", "type": "string"} for number in range(10_000)]
    options = {"name": "p", "type": "enum", "options": [f"o{n}" for n in range(100_000)]}
    return {
        "parameters": {**BENIGN, "parameters": many},
        "options": {**BENIGN, "parameters": [options]},
        "description": {**BENIGN, "detailed_description": "word " * 2_000_000},
    }


def encoded(document: Any) -> bytes:
    """A document as it would come over the wire."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def benign(**changed: Any) -> dict[str, Any]:
    """A harmless document, with some fields replaced."""
    return {**copy.deepcopy(BENIGN), **changed}


def made_of(
    *documents: bytes,
    ledger: Ledger | None = None,
    carried: Mapping[str, str] | None = None,
    removed: Mapping[str, str] | None = None,
    overlays: Sequence[Overlay] = (),
    claims: Sequence[Claim] = (),
    named: Collection[str] = (),
) -> Output:
    """What is generated from these documents. `removed` maps ids that left to dates."""
    held = tuple(Document(f"d{number}.json", text) for number, text in enumerate(documents))
    source = Snapshot(held, Lock(removed=removed or {}), ledger or Ledger())
    templates = [resources.templates()]
    inputs = Inputs(source, Settings(), templates, carried or {}, overlays)
    return generate(replace(inputs, claims=claims, named=named))


def names_of(output: Output) -> Mapping[str, ModelNames]:
    """The names given, by model id."""
    from gmigen.naming.ledger import load

    return load(output.files["snapshot", "names.json"]).models


def module_of(output: Output, model_id: str) -> str:
    """The source of one model's module."""
    return output.files["package", f"models/{names_of(output)[model_id].module}.py"]


def page_of(output: Output, model_id: str) -> str:
    """The documentation of one model."""
    return output.files["docs", f"models/{names_of(output)[model_id].module}.md"]


_number = itertools.count()


def class_of(source: str, name: str) -> Any:
    """The request class a module defines. Only for modules that the structure judge let pass."""
    module = ModuleType(f"gmigen.emitted_{next(_number)}")
    # Two dots up from here lies gmigen itself, whose `runtime` is the source of the copies.
    module.__package__ = "gmigen.emitted"
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return getattr(module, name)


def write_package(output: Output, root: Path, folder: str = "models") -> list[str]:
    """Put the emitted package below `root`; the import names of its model modules."""
    modules = []
    for (area, name), text in output.files.items():
        if area != "package":
            continue
        if name.startswith("models/"):
            name = f"{folder}/{name.removeprefix('models/')}"
            if not name.endswith("__init__.py"):
                modules.append(f"gmi_inference.{name.removesuffix('.py').replace('/', '.')}")
        path = root / "gmi_inference" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return modules


def parameters_of(document: Any) -> Iterable[dict[str, Any]]:
    """The elements of `parameters`, of whichever shape, each with its name."""
    raw = document.get("parameters")
    if isinstance(raw, dict):
        raw = [{**element, "name": name} for name, element in raw.items()]
    return [element for element in raw or [] if isinstance(element, dict)]
