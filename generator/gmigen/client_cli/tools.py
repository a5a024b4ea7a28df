"""Models as functions that a language model may call, for people with a loop of their own."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ..client.joining import PACKAGES
from ..requests.facts import ModelFacts, catalog
from ..runtime.errors import Fault, InvalidRequestError, ModelNotFoundError
from ..runtime.suggest import did_you_mean, nearest
from .classes import request_class
from .guard import media, public_url

if TYPE_CHECKING:
    from ..client.client import Client
    from ..client.results import Result
    from ..requests.base import Request


@dataclass(frozen=True)
class Tool:
    """A model as a function: a name that any vendor allows, what it does, and its parameters as
    JSON Schema under Python names.
    """

    name: str
    model: str
    description: str
    parameters: dict[str, Any]

    def request(self, arguments: Mapping[str, Any] | str) -> Request:
        """The request that a language model asks for. Raises InvalidRequestError.

        Media are public URLs and data URIs only: no file is read, and no host of a private network
        is named.
        """
        given = media(_mapping(arguments), self.parameters, public_url)
        return _class(self.model).model_validate(given)


def tools(models: Iterable[str] = ("*",)) -> list[Tool]:
    """The tools of these models, by id or glob. Raises ModelNotFoundError for what fits none."""
    known = catalog(PACKAGES[-1])
    chosen: dict[str, ModelFacts] = {}
    for wanted in models:
        found = {id: one for id, one in known.items() if fnmatchcase(id, wanted)}
        if not found:
            near = did_you_mean(nearest(wanted, known))
            raise ModelNotFoundError(f"No model of this package is called {wanted!r}.{near}")
        chosen |= found
    return [_tool(facts) for facts in chosen.values()]


def openai(models: Iterable[str] = ("*",)) -> list[dict[str, Any]]:
    """Function schemas for `tools=` of a chat completion, of these models, by id or glob.

    Raises ModelNotFoundError for what fits no model.
    """
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in tools(models)
    ]


def call(
    name: str,
    arguments: Mapping[str, Any] | str,
    *,
    models: Iterable[str] = ("*",),
    client: Client | None = None,
    **how: Any,
) -> Result:
    """Do what a language model asks for: check the arguments, JSON or a mapping, and run it.

    Only tools of `models` are called. The client is that of the environment, unless given; `how`
    are further arguments of `Client.run`, such as `key=`. Raises InvalidRequestError, whose text
    may go back to the model, and what `Client.run` raises.
    """
    request = named(name, tools(models)).request(arguments)
    if client is not None:
        return client.run(request, **how)
    from ..client.default_client import run

    return run(request, **how)


def named(name: str, offered: Iterable[Tool]) -> Tool:
    """The tool of this name. Raises InvalidRequestError."""
    by_name = {tool.name: tool for tool in offered}
    if name not in by_name:
        near = nearest(str(name), by_name, most=1)
        told = "there is no tool of this name"
        raise InvalidRequestError([Fault("name", told, nearest=near[0] if near else None)])
    return by_name[name]


def _tool(facts: ModelFacts) -> Tool:
    cls = _class(facts.id)
    about = (inspect.getdoc(cls) or "").partition("\n\n")[0]
    told = f"{facts.id}: {' '.join(about.split())} Gives {', '.join(facts.gives)}. "
    told += (
        f"Costs money: {facts.price}." if facts.price.line else "Costs money; nobody knows what."
    )
    parameters = cls.payload_schema(names="python")
    parameters["description"] = told
    return Tool(facts.tool_name, facts.id, told, parameters)


def _class(model: str) -> type[Request]:
    found = request_class(model)
    assert found is not None, "the catalogue lists it"
    return found


def _mapping(arguments: Mapping[str, Any] | str) -> Mapping[str, Any]:
    told: Any = arguments
    if isinstance(arguments, str):
        try:
            told = json.loads(arguments or "{}")
        except (ValueError, RecursionError):
            told = None
    if not isinstance(told, Mapping):
        raise InvalidRequestError.of("arguments", "they are a JSON object")
    return told
