"""Request classes as an emitted module has them, with a field of every kind."""

from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field

from gmigen.requests.base import Object, Request
from gmigen.requests.fields import AlwaysSent, ExtraPayload, ListOf, Nullable, Options
from gmigen.requests.media import Base64ImageInput, ImageInput, VideoInput
from gmigen.runtime.errors import InvalidRequestError

URL = "https://example.com/a.png"


class ShotItem(Object):
    """One element of `shots`: a shot.

    Args:
        text: What is seen. Required.
        length: How long it lasts.
    """

    text: str
    length: Annotated[int | None, Field(alias="shotLength")] = None
    type: Literal[1, 2] | None = None
    cfg: float | None = None


class ClipRequest(Request):
    """A clip.

    Args:
        prompt: Text that steers
            the clip. Required.
        count: How many. Default 1, always sent.
    """

    MODEL_ID: ClassVar[str] = "clip-1"

    prompt: str
    seconds: Annotated[Literal["8", "6"] | None, Field(alias="durationSeconds")] = "8"
    count: AlwaysSent[int | None] = 1
    seed: Nullable[int] = None
    guidance: Annotated[float | None, Field(ge=0, le=1)] = None
    size: Annotated[list[Any], Options([1024, 1024], [512, 512])] | None = None
    image: ImageInput | ListOf[ImageInput] | None = None
    still: Base64ImageInput | None = None
    clip: VideoInput | None = None
    shots: ListOf[ShotItem] | None = None
    names: ListOf[str] | None = None
    tags: AlwaysSent[ListOf[str] | None] = Field(default_factory=lambda: ["a"])
    settings: dict[str, Any] | None = None
    type: Literal[1, 2] | None = None

    extra_payload: ExtraPayload = {}  # noqa: RUF012 - as it is emitted


class EmptyRequest(Request):
    """A model without parameters."""

    MODEL_ID: ClassVar[str] = "empty-1"

    # As a template of the user's own may say it.
    extra_payload: ExtraPayload = Field(default_factory=dict)


SENT = {"count": 1, "tags": ["a"]}
"""What goes out although the caller sets nothing."""


def refusal(build: Any, *arguments: Any, **given: Any) -> str:
    """What an attempt to build a request is refused with."""
    with pytest.raises(InvalidRequestError) as caught:
        build(*arguments, **given)
    return str(caught.value)
