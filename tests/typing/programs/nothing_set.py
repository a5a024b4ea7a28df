"""None stands for what is not set, wherever a parameter may be left out."""

from typing import Literal

from gmi_inference.models import KlingV2_6Request, Veo3Request


def clip(
    prompt: str,
    seconds: Literal["8", "6"] | None = None,
    shape: Literal["16:9", "9:16"] | None = None,
    strength: float | None = None,
) -> tuple[Veo3Request, KlingV2_6Request]:
    return (
        Veo3Request(prompt=prompt, duration_seconds=seconds, aspect_ratio=shape, seed=None),
        KlingV2_6Request(prompt=prompt, cfg_scale=strength, extra_payload={"prompt": ...}),
    )
