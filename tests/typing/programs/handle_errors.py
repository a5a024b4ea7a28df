"""What can go wrong, from the nearest cause to the widest."""

import time

from gmi_inference import (
    Client,
    Fault,
    GMIError,
    InsufficientCreditsError,
    InvalidRequestError,
    JobFailedError,
    JobTimeoutError,
    ModelNotFoundError,
    RateLimitError,
    Result,
)
from gmi_inference.models import Seedream5_0LiteRequest


def picture(client: Client, prompt: str) -> Result | None:
    try:
        return client.run(Seedream5_0LiteRequest(prompt=prompt, max_images=4), timeout=300)
    except InvalidRequestError as error:
        faults: tuple[Fault, ...] = error.faults
        print(*(f"{fault.field}: {fault.message} ({fault.nearest})" for fault in faults))
    except RateLimitError as error:
        time.sleep(error.retry_after or 30.0)
    except ModelNotFoundError as error:
        print("perhaps", " or ".join(error.near))
    except InsufficientCreditsError as error:
        raise SystemExit(f"{error.status_code}: {error.message}") from error
    except JobTimeoutError as error:
        print("still running:", error.job_id)
    except JobFailedError as error:
        print(error.code, error.reason, error.job.id if error.job else "?")
    except GMIError as error:
        print(error)
    return None
