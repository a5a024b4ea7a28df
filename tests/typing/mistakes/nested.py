"""Mistakes inside nested objects."""

# pyright: basic

from gmi_inference.models import KlingV3OmniRequest
from gmi_inference.models.kling_v3_omni import KlingV3OmniImageListItem as Picture
from gmi_inference.models.kling_v3_omni import KlingV3OmniMultiPromptItem as Shot
from gmi_inference.models.kling_v3_omni import KlingV3OmniWatermarkInfo as Watermark

address = "https://example.com/a.png"

KlingV3OmniRequest(watermark_info=Watermark(enable=True))  # a key that is not there
KlingV3OmniRequest(image_list=[Picture(image=address)])  # another model's key
KlingV3OmniRequest(image_list=[Picture(type="end_frame")])  # a key that is required
KlingV3OmniRequest(image_list=[Picture(image_url=address, type="last_frame")])  # no such option
KlingV3OmniRequest(image_list=Picture(image_url=address))  # one where a list is wanted
KlingV3OmniRequest(image_list=[address])  # an address where an object is wanted
KlingV3OmniRequest(multi_prompt=[Shot(index="1", prompt="a boat", duration="5")])  # a text
KlingV3OmniRequest(multi_prompt=[Watermark()])  # an object of another parameter
KlingV3OmniRequest(watermark_info={"enabled": True})  # a plain dict, which only works at run time
