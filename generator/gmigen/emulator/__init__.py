"""The inference API on loopback, for demos and tests. Needs the `emulator` extra.

    with emulator({"Veo3": details_bytes}) as running:
        ...  # running.base_url, running.log, running.faults, running.clock

It imitates what is documented and what was recorded in public; it was never compared with the
live service.
"""

from . import faults
from .clock import Clock
from .emulator import Emulator, emulator
from .options import Options
from .provenance import coverage
from .request_log import Entry, RequestLog

__all__ = ["Clock", "Emulator", "Entry", "Options", "RequestLog", "coverage", "emulator", "faults"]
