# fmt: off
# isort: skip_file
# ruff: noqa
"""Serving the tools of an agent over standard input and output, or HTTP on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from ..client.async_client import AsyncClient
from ..runtime.budget import Budget
from .emulation import emulated
from .output import note
from .setup import journal
from .tools import tools

HOST = "127.0.0.1"
JOURNAL = "agents.jsonl"
"""Of its own: an agent is shown the jobs that agents started."""


def serve(
    models: Sequence[str],
    *,
    budget: float,
    files: Path | None,
    allow_unknown_cost: bool,
    http: int | None,
    emulate: bool,
) -> None:
    """Serve until the agent goes away. Raises ConfigurationError, ModelNotFoundError."""
    try:
        import_module("mcp.server.lowlevel")
    except ModuleNotFoundError as missing:
        if missing.name != "mcp":
            raise
        raise click.UsageError("this needs mcp: pip install 'gmi-inference[mcp]'") from None
    offered = tools(models)
    limit = Budget(budget, allow_unknown_cost=allow_unknown_cost)
    note(f"gmi: {len(offered)} models as tools, with a budget of ${budget:.2f}.")
    with emulated() if emulate else contextlib.nullcontext():
        asyncio.run(_serve(offered, limit, files, http))


async def _serve(offered: Any, budget: Budget, files: Path | None, http: int | None) -> None:
    from .agents import Desk

    place = journal(JOURNAL, begin=True)
    async with AsyncClient(journal=place, budget=budget) as client:
        server = Desk(client, offered, files).server()
        if http is None:
            from mcp.server.stdio import stdio_server

            async with stdio_server() as (read, write):
                await server.run(read, write, server.create_initialization_options())
            return
        import uvicorn

        app = server.streamable_http_app(host=HOST)
        note(f"gmi: http://{HOST}:{http}/mcp")
        await uvicorn.Server(uvicorn.Config(app, host=HOST, port=http, log_level="warning")).serve()
