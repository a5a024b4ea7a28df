"""What an application developer writes: this file knows nothing of the generator.

The demo copies it beside a freshly generated package and runs it as it stands.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gmi_inference import Client
from gmi_inference.models import (
    KlingV3OmniRequest,
    MinimaxTtsSpeech2_6HdRequest,
    Seedream5_0LiteRequest,
    Veo3Request,
)
from gmi_inference.models.kling_v3_omni import KlingV3OmniImageListItem, KlingV3OmniMultiPromptItem


def main(folder: Path) -> None:
    """Run one request of each kind and save what it made into `folder`."""
    with Client() as client:
        picture = client.run(Seedream5_0LiteRequest(prompt="a paper boat in rain"), on_update=print)
        (boat,) = picture.save(folder)
        print(f"  saved {boat}")
        for request in (
            Veo3Request(prompt="a paper boat in rain", duration_seconds="8"),
            MinimaxTtsSpeech2_6HdRequest(text="All aboard the paper boat."),
            KlingV3OmniRequest(
                # A local file: it is uploaded when the request is submitted.
                image_list=[KlingV3OmniImageListItem(image_url=boat, type="first_frame")],
                multi_shot=True,
                shot_type="customize",
                multi_prompt=[
                    KlingV3OmniMultiPromptItem(index=1, prompt="the boat sets out", duration="3"),
                    KlingV3OmniMultiPromptItem(index=2, prompt="the boat arrives", duration="2"),
                ],
            ),
        ):
            result = client.run(request, on_update=print)
            for path in result.save(folder):
                print(f"  saved {path}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
