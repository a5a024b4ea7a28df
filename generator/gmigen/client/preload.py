"""Pay for the imports of a first request at a time of one's own choosing."""

from __future__ import annotations


def preload() -> None:
    """Load now what the first request would load, for servers that cannot pause for it."""
    import asyncio
    import ssl
    from importlib import import_module

    import pydantic

    _ = asyncio, ssl, pydantic
    for name in ("..runtime.http.pools", ".many.sync", ".many.aio", ".default_client"):
        import_module(name, __package__)
