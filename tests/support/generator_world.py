"""One invented model through the whole generator, and the class that comes out."""

from __future__ import annotations

import itertools
import json
import sys
from types import ModuleType
from typing import Any

from gmigen import resources
from gmigen.catalog.snapshot import Document, Snapshot
from gmigen.emit.generate import Inputs, Output, generate
from gmigen.naming.ledger import load
from gmigen.naming.names import Ledger, ModelNames
from gmigen.schema import Model, read_document
from gmigen.settings import Settings

_number = itertools.count()


def element(name: str, type: Any = "string", **more: Any) -> dict[str, Any]:
    """One element of `parameters`."""
    return {"name": name, "type": type, **more}


def text_of(*parameters: Any, model: str = "m", **more: Any) -> bytes:
    """A details document."""
    return json.dumps({"model": model, "parameters": list(parameters), **more}).encode()


def read(*parameters: Any, **more: Any) -> Model:
    """The model a document with these parameters describes."""
    model = read_document(text_of(*parameters, **more))
    assert isinstance(model, Model), model
    return model


def codes(*parameters: Any, **more: Any) -> list[tuple[str, str]]:
    """Level and code of everything found in a document with these parameters."""
    return [(problem.level, problem.code) for problem in read(*parameters, **more).problems]


def made(*documents: bytes, ledger: Ledger | None = None) -> Output:
    """What is generated from these documents."""
    held = tuple(Document(f"d{number}.json", text) for number, text in enumerate(documents))
    source = Snapshot(held, ledger=ledger or Ledger())
    return generate(Inputs(source, Settings(), [resources.templates()]))


def source_of(*parameters: Any, **more: Any) -> str:
    """The emitted module of a model with these parameters."""
    return made(text_of(*parameters, **more)).files["package", "models/m.py"]


def class_with(*parameters: Any, **more: Any) -> Any:
    """The request class of a model with these parameters."""
    return classes_of(text_of(*parameters, **more))[0]


def classes_of(*documents: bytes) -> list[Any]:
    """The request classes of these models, made in one go."""
    output = made(*documents)
    assert not output.refused, output.refused
    models = load(output.files["snapshot", "names.json"]).models
    ids = [json.loads(text)["model"] for text in documents]
    return [_class(output, models[model_id]) for model_id in ids]


def _class(output: Output, names: ModelNames) -> Any:
    module = ModuleType(f"gmigen.made_{next(_number)}")
    # Two dots up from here lies gmigen itself, whose `runtime` is the source of the copies.
    module.__package__ = "gmigen.made"
    sys.modules[module.__name__] = module
    try:
        source = output.files["package", f"models/{names.module}.py"]
        exec(compile(source, "m.py", "exec"), module.__dict__)
    finally:
        del sys.modules[module.__name__]
    return getattr(module, names.request.cls)
