"""Every check, in the order of the report."""

from __future__ import annotations

from collections.abc import Sequence

from . import catalogue, refusals, requests, transport, uploads
from .judgement import Check

READ_ONLY: Sequence[Check] = (
    *catalogue.CHECKS,
    *refusals.CHECKS,
    *requests.CHECKS,
    *uploads.CHECKS,
    *transport.CHECKS,
)
"""What costs nothing."""
