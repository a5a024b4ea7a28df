"""Nothing that the emitted classes take is refused: every bundled model, every typed variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from emulator_world import client_of

import gmi_inference.models as emitted
from gmigen.emit.example import example
from gmigen.emulator import emulator
from gmigen.emulator.catalogue import Catalogue, corrections
from gmigen.schema import Model
from gmigen.schema.types import Choice, OneOf, Parameter, Type


def variants(parameter: Parameter) -> Iterator[Any]:
    """A value for each way the parameter can be given: every option, every member of a union."""

    def of(kind: Type) -> Iterator[Any]:
        if isinstance(kind, Choice):
            yield from kind.values
        elif isinstance(kind, OneOf):
            for member in kind.members:
                yield from of(member)
        else:
            alone = replace(parameter, type=kind, required=True, default=None)
            yield example(Model("m", (alone,)))[parameter.name]

    yield from of(parameter.type)


def payloads(model: Model) -> Iterator[dict[str, Any]]:
    base = example(model)
    yield base
    for parameter in model.parameters:
        for value in variants(parameter):
            yield {**base, parameter.name: value}


@pytest.fixture(scope="module")
def catalogue(bundled: Mapping[str, bytes]) -> Catalogue:
    return Catalogue(bundled, corrections())


def test_every_model_and_every_typed_variant_of_it_is_accepted_and_ends_in_files(
    bundled: Mapping[str, bytes], catalogue: Catalogue
) -> None:
    posts, models, wrong, cost = 0, 0, [], {}
    with emulator(bundled, job_seconds=0) as running, client_of(running) as client:
        for model_id in bundled:
            model = catalogue.model(model_id)
            assert isinstance(model, Model)
            request = emitted.request_class(model_id)
            price = model.price.micro_dollars if model.price else 0
            models += 1
            for payload in payloads(model):
                made = request.model_validate(payload)
                sent, estimate = made.payload(), made.estimate()
                answer = client.post("/requests", json={"model": model_id, "payload": sent})
                low = estimate.low
                cost[running.log.posts()[-1].number] = price if low is None else low * 10**6
                posts += 1
                if answer.status_code != 200:
                    wrong.append((model_id, sent, answer.text))
        assert wrong == []
        assert {post.number: post.billed for post in running.log.posts()} == cost
        assert running.log.billed_micro_dollars == sum(cost.values()) > 10**6
        assert running.log.unknown_payload_keys == {}
        assert (models, len(running.jobs)) == (len(bundled), posts)
        for job in running.jobs.values():
            assert job.files or job.model == "kling-create-element", job.model
    assert posts > 800
