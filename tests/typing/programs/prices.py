"""What a clip would cost, by the snapshot."""

from gmi_inference.models import KlingV3OmniRequest, Seedance2_0_260128Request


def dollars(seconds: int) -> float:
    price = Seedance2_0_260128Request.PRICE
    if price is None or price.get("unit") != "second":
        raise LookupError("no price by the second")
    return price.get("micro_dollars", 0) * seconds / 1_000_000


told: str = f"{KlingV3OmniRequest.MODEL_ID}: ${dollars(8):.2f}"
properties = KlingV3OmniRequest.payload_schema()["properties"]
