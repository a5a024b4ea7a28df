"""The only room that talks to the network: catalogue and details -> snapshot."""

from .collect import Collected, collect_from_api, collect_from_folder
from .store import FetchError, Stored, store

__all__ = [
    "Collected",
    "FetchError",
    "Stored",
    "collect_from_api",
    "collect_from_folder",
    "store",
]
