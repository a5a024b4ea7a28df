"""A class found by an id that is known at run time only."""

import json
import sys
from typing import Any

from gmi_inference import ModelNotFoundError, run
from gmi_inference.models import request_class

try:
    cls = request_class(sys.argv[1])
except ModelNotFoundError as error:
    raise SystemExit(error.message) from None
values: dict[str, Any] = json.loads(sys.argv[2])
run(cls(**values)).save(cls.MODEL_ID)

boat = request_class("Veo3")(prompt="a boat")
extra = request_class("Veo3")(prompt="a boat", extra_payload={"cameraMotion": "dolly"})
run(boat.with_(seed=7))
