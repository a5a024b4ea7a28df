"""All judges that need no child process, over one generation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import properties
from hostile_world import class_of, module_of, names_of, page_of, parameters_of

from gmigen.emit.generate import Output


def judged(output: Output, documents: Iterable[bytes]) -> list[str]:
    """What is wrong with anything that was generated from these documents."""
    wrong = [*properties.paths(output.files)]
    names = names_of(output)
    wrong += properties.index(output.files["docs", "index.md"], (n.module for n in names.values()))
    living = {names[model.id].module for model in output.models}
    for name, model in names.items():
        source = output.files.get(("package", f"models/{model.module}.py"))
        if source is not None and model.module not in living:
            wrong += [f"removed {name!a}: {told}" for told in properties.source_problems(source)]
    wrong += properties.listing(output.files["package", "models/__init__.py"])
    for name in ("_facts", "_known", "_prices"):
        wrong += properties.data(output.files["package", f"models/{name}.py"])
    for problem in output.problems:
        if any(code in problem.message for code in ("Traceback", "object at 0x")):
            wrong.append(f"P11 {problem.message[:80]}")
    by_id = {document.get("model"): document for document in _parsed(documents)}
    for model in output.models:
        wrong += [f"{model.id!a}: {told}" for told in _judged_model(output, model.id, by_id)]
    return wrong


def _judged_model(output: Output, model_id: str, by_id: dict[Any, Any]) -> Iterator[str]:
    source, names = module_of(output, model_id), names_of(output)[model_id]
    problems = properties.source_problems(source)
    yield from problems
    yield from properties.page(page_of(output, model_id), names)
    elements = list(parameters_of(by_id[model_id]))
    yield from properties.identifiers(source, names, [element["name"] for element in elements])
    if not problems:
        # The structure has been judged, so running the module is safe.
        cls = class_of(source, names.request.cls)
        attributes = names.request.attributes
        yield from properties.fidelity(cls, attributes, by_id[model_id], elements)


def _parsed(documents: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for text in documents:
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(document, dict):
            yield document
