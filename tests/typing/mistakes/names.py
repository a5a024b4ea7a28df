"""Names that are not there."""

# pyright: basic

from gmi_inference import Cliemt  # two letters swapped for one
from gmi_inference.models import GptImage2Request, Seedream5_0LiteRequest, Veo3Request
from gmi_inference.models import Wan26T2vRequest as Wan  # the line between two digits left out

Veo3Request(prompt="a boat", duration_second="8")  # a letter left out
Veo3Request(prompt="a boat", durationSeconds="8")  # the wire name, which only works at run time
Veo3Request(promt="a boat", prompt="a boat")  # a letter too few
Veo3Request()  # what is required
GptImage2Request(quality="high")  # what is required, though something else is there
Seedream5_0LiteRequest(prompt="a boat").promt  # a field that is read
Seedream5_0LiteRequest(prompt="a boat").paylod()  # a method that is called
Veo3Request(prompt="a boat", extra={"cameraMotion": "dolly"})  # half the name of extra_payload
