"""The catalogue as it is now beside the classes of this package."""

from typing import Any

from gmi_inference import Client, models

with Client() as client:
    ids: list[str] = client.models.list()
    details: dict[str, Any] = client.models.get(ids[0])

known = {getattr(models, name).MODEL_ID for name in models.__all__ if name.endswith("Request")}
print(*sorted({*ids} - known), sep="\n")
