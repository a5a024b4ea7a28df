"""What can be chosen about an emulator, with the defaults in one place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .likeness import Likeness
from .ordered import Kind

ListShape = Literal["ids", "details"]
UnknownModels = Literal["refuse", "accept"]


@dataclass(frozen=True)
class Options:
    """How the emulated service behaves. Nothing here but `unknown_models` makes it accept what it
    would refuse.

    job_seconds: from acceptance to the end of a job, on the emulator's clock.
    list_shape: `GET /models` as ids (vendor documentation) or full details (vendor SDK).
    sync_models: ids, or a predicate on an id, whose POST answers with the end of the job.
    sync_seconds: how long such a POST is held, on the emulator's clock.
    sync_outcome: whether such an answer carries `outcome`; both were recorded in public.
    echo_payload: whether a record repeats the payload or shows `{}`; both were recorded in public.
    keys: the API keys that are let in; None lets in any that is not empty, but those
        that begin with `made-up-`, which say of themselves that they are none.
    rate_limit: (requests, seconds) per model, refused beyond with 429.
    credit_micro_dollars: what the account holds; a job it cannot pay for is refused with 402.
    artifacts: file extension -> bytes, in place of the files shipped with the emulator.
    inline_images: whether Gemini's image models answer with the picture inside the record, as one
        integrator met them; else like every other image model.
    unknown_models: whether a model that is not in the catalogue is refused, or accepted unchecked.
    kinds: model id -> what it makes, where its details do not say or are not there.
    tls: https with a certificate made for this emulator: on the host of files, or on both hosts.
    like: how it answers where that is not as believed.
    seed: decides every id, and which calls a fault with a `share` meets. None: ids are fresh at
        every start, and the calls are those of the seed 0.
    """

    job_seconds: float = 1.0
    list_shape: ListShape = "ids"
    sync_models: Collection[str] | Callable[[str], bool] = ()
    sync_seconds: float = 0.0
    sync_outcome: bool = True
    echo_payload: bool = True
    keys: Collection[str] | None = None
    rate_limit: tuple[int, float] | None = None
    credit_micro_dollars: int | None = None
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    inline_images: bool = False
    unknown_models: UnknownModels = "refuse"
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    tls: bool | Literal["files"] = False
    like: Likeness = field(default_factory=Likeness)
    seed: int | None = None

    def is_sync(self, model_id: str) -> bool:
        if callable(self.sync_models):
            return self.sync_models(model_id)
        return model_id in self.sync_models
