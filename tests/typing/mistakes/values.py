"""Values that are not admitted."""

# pyright: basic

from gmi_inference.models import KlingV2_6Request, PixverseV5_5I2vRequest, Veo3Request

picture = "https://example.com/a.png"

Veo3Request(prompt="a boat", aspect_ratio="4:3")  # no such option
Veo3Request(prompt="a boat", duration_seconds=8)  # a number where the API wants a text
PixverseV5_5I2vRequest(image_url=picture, prompt="it turns", duration="8")  # the other way round
PixverseV5_5I2vRequest(image_url=picture, prompt="it turns", duration=7)  # no such option
KlingV2_6Request(prompt="waves", cfg_scale=[0.5])  # a list for a number
KlingV2_6Request(prompt=["waves"])  # a list for a text
KlingV2_6Request(prompt=None)  # nothing where something is required
Veo3Request(prompt="a boat", seed="Random")  # a text for a whole number
Veo3Request(prompt="a boat", seed=1.5)  # a fraction for a whole number
Veo3Request(prompt="a boat", extra_payload=["cameraMotion"])  # a list for an object
KlingV2_6Request(prompt="waves").duration = "7"  # no such option, assigned later
