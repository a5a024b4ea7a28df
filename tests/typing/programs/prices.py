"""What a clip would cost, by what is published."""

from decimal import Decimal

from gmi_inference import Estimate
from gmi_inference.models import KlingV3OmniRequest, Seedance2_0_260128Request

request = Seedance2_0_260128Request(prompt="a paper boat", duration=8, resolution="1080p")
estimate: Estimate = request.estimate()
amount: Decimal | None = estimate.dollars
if amount is None:
    least, most = estimate.low, estimate.high
    raise LookupError(f"from {least} to {most}: {', '.join(estimate.unknown)}")
told: str = f"{estimate}: {estimate.arithmetic} ({estimate.certainty}, {estimate.date})"
price = KlingV3OmniRequest.PRICE
properties = KlingV3OmniRequest.payload_schema()["properties"]
