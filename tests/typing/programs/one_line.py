"""One line with the client of the environment, and the files it gives."""

from pathlib import Path

import gmi_inference
from gmi_inference.models import Veo3Request

result = gmi_inference.run(Veo3Request(prompt="a paper boat in rain", duration_seconds="8"))
saved: list[Path] = result.save("boat.mp4")
