"""Nested classes, as objects and as plain values of them."""

from gmi_inference import Client
from gmi_inference.models import KlingV3OmniRequest
from gmi_inference.models.kling_v3_omni import (
    KlingV3OmniElementListItem,
    KlingV3OmniElementListItemTagListItem,
    KlingV3OmniImageListItem,
    KlingV3OmniMultiPromptItem,
    KlingV3OmniWatermarkInfo,
)

scenes = ["a girl folds a paper boat", "the boat leaves the pier", "the open sea"]
shots = [
    KlingV3OmniMultiPromptItem(index=number, prompt=scene, duration="5")
    for number, scene in enumerate(scenes, 1)
]
girl = KlingV3OmniElementListItem(
    frontal_image="https://example.com/girl.png",
    element_name="girl",
    tag_list=[KlingV3OmniElementListItemTagListItem(tag_id="o_101")],
)
request = KlingV3OmniRequest(
    multi_shot=True,
    shot_type="customize",
    multi_prompt=shots,
    duration="15",
    element_list=[girl],
    image_list=[
        KlingV3OmniImageListItem(image_url="https://example.com/a.png", type="first_frame")
    ],
    watermark_info=KlingV3OmniWatermarkInfo(enabled=False),
)
length: int = sum(int(shot.duration) for shot in request.multi_prompt or [])

with Client() as client:
    client.run(request).save("storyboard.mp4")
