"""An OpenAPI 3.1 document of the queue: one way to submit, whose payload the model decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..schema.types import Model
from ..text.facts import price_line
from ..text.markdown import inline
from .schemas import payload

SERVER = "https://console.gmicloud.ai/api/v1/ie/requestqueue/apikey"

_STATUSES = (
    *("created", "queued", "dispatched", "processing"),
    *("success", "failed", "cancelled"),
)

_JOB = {
    "type": "object",
    "description": "A job as the API tells of it. `outcome` is there when it has ended.",
    "properties": {
        "request_id": {"type": "string"},
        "model": {"type": "string"},
        "status": {
            "type": "string",
            "description": f"One of {', '.join(_STATUSES)}; another word means: still running.",
        },
        "outcome": {"type": ["object", "null"]},
        "created_at": {"type": ["number", "string"]},
        "updated_at": {"type": ["number", "string"]},
    },
    "required": ["request_id"],
}


def document(models: Sequence[tuple[Model, str]], version: str) -> dict[str, Any]:
    """The queue's API for these models, each with the name its schemas are to have.

    Args:
        models: at least one, and what each is called: `Veo3Request`.
        version: of the catalogue, as it was taken.
    """
    schemas: dict[str, Any] = {"Job": _JOB}
    for model, name in models:
        schemas[name] = _request(model, name)
        schemas[_payload_name(name)] = payload(model, _words)
    job = {"description": "The job.", "content": _content({"$ref": _place("Job")})}
    refused = {"description": "The request was refused, or could not be answered."}
    answers = {"200": job, "default": refused}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GMI Cloud inference queue",
            "version": version,
            "description": "Made from a snapshot of the catalogue; not published by the vendor.",
        },
        "servers": [{"url": SERVER}],
        "security": [{"key": []}],
        "paths": {
            "/requests": {
                "post": {
                    "operationId": "submit",
                    "summary": "Submit a job. It may be charged, so it is not to be sent twice.",
                    "requestBody": {"required": True, "content": _content(_any_of(models))},
                    "responses": answers,
                }
            },
            "/requests/{request_id}": {
                "get": {
                    "operationId": "look",
                    "summary": "Look at a job.",
                    "parameters": [
                        {
                            "name": "request_id",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                        }
                    ],
                    "responses": answers,
                }
            },
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _request(model: Model, name: str) -> dict[str, Any]:
    """What is submitted: the model's id, which tells the requests apart, and its payload."""
    price = price_line(model)
    told = f"Published price: {price}" if price else ""
    about = " ".join(filter(None, (_words(model.summary), _words(told))))
    return {
        "type": "object",
        **({"description": about} if about else {}),
        "properties": {
            "model": {"type": "string", "const": model.id},
            "payload": {"$ref": _place(_payload_name(name))},
        },
        "required": ["model", "payload"],
    }


def _any_of(models: Sequence[tuple[Model, str]]) -> dict[str, Any]:
    return {
        "oneOf": [{"$ref": _place(name)} for _, name in models],
        "discriminator": {
            "propertyName": "model",
            "mapping": {model.id: _place(name) for model, name in models},
        },
    }


def _payload_name(request: str) -> str:
    return f"{request.removesuffix('Request')}Payload"


def _place(name: str) -> str:
    return f"#/components/schemas/{name}"


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _words(text: str) -> str:
    """Descriptions are Markdown here, so that what is meant for it is escaped."""
    return inline(text).text
