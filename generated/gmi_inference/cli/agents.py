# fmt: off
# isort: skip_file
# ruff: noqa
"""`gmi mcp`: models as tools of an agent. A call that times out never loses a job that is paid."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mcp_types as types
from mcp.server.lowlevel import Server

from ..runtime.errors import (
    ConfigurationError,
    DownloadError,
    GMIError,
    InvalidRequestError,
    JobTimeoutError,
)
from ..runtime.version import VERSION
from .classes import request_class
from .guard import file_or_url, media, public_url
from .tools import Tool, named

if TYPE_CHECKING:
    from ..client.async_client import AsyncClient
    from ..client.jobs import AsyncJob
    from ..client.results import AsyncArtifact

LONGEST_WAIT = 50.0
"""Seconds of one `wait`; many agents give a call up after a minute."""

PICTURE = 4 * 1024 * 1024
"""Bytes of a picture that is shown; a larger one is a link."""

KEY = "submission_key"
_ID = {"id": {"type": "string", "description": "The id that starting the job gave."}}
_INSTRUCTIONS = (
    "Each tool named after a model starts one paid job and gives its id at once. Then call `wait` "
    "until it has ended, and `result` for what it made. Never start again what is still running. "
    "Media parameters take public URLs, or names of files in the folder that is open to you."
)


class Desk:
    """Answers the calls of an agent: with the tools it was given, within its budget."""

    def __init__(self, client: AsyncClient, tools: list[Tool], folder: Path | None = None) -> None:
        self._client = client
        self._tools = tools
        self._folder = folder
        self._jobs: dict[str, AsyncJob] = {}

    def server(self) -> Server[Any]:
        """What speaks the protocol."""
        return Server(
            "gmi",
            version=VERSION,
            instructions=_INSTRUCTIONS,
            on_list_tools=self._listed,
            on_call_tool=self._called,
        )

    async def _listed(self, _context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[*map(_model_tool, self._tools), *_desk_tools()])

    async def _called(
        self, context: Any, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        """Every trouble is a sentence that the agent can read, and act on."""
        given = params.arguments or {}
        try:
            if params.name == "wait":
                return await self._wait(context, given)
            if params.name == "result":
                return await self._result(given)
            if params.name == "jobs":
                return _told([job.snapshot() for job in await self._known()])
            return await self._start(named(params.name, self._tools), given)
        except GMIError as error:
            told = _text(str(error))
            return types.CallToolResult(content=[told], is_error=True)

    async def _start(self, tool: Tool, given: Mapping[str, Any]) -> types.CallToolResult:
        arguments = {name: value for name, value in given.items() if name != KEY}
        take = public_url if self._folder is None else partial(file_or_url, self._folder)
        cls = request_class(tool.model)
        assert cls is not None, "the tool is made of it"
        request = cls.model_validate(media(arguments, tool.parameters, take))
        job = await self._client.submit(request, key=given.get(KEY))
        job = self._jobs.setdefault(job.id, job)
        return _told({**job.snapshot(), "estimate": str(request.estimate()), **self._money()})

    async def _wait(self, context: Any, given: Mapping[str, Any]) -> types.CallToolResult:
        job = await self._job(given)
        seconds = given.get("seconds", LONGEST_WAIT)
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds >= 0:
            raise InvalidRequestError.of("seconds", "it is a number of seconds")
        try:
            async for event in job.events(timeout=min(seconds, LONGEST_WAIT)):
                await context.session.report_progress(event.elapsed, None, str(event))
        except JobTimeoutError:
            pass  # it goes on, as the snapshot says
        return _told(job.snapshot())

    async def _result(self, given: Mapping[str, Any]) -> types.CallToolResult:
        job = await self._job(given)
        if not (await job.refresh()).done:
            return _told({**job.snapshot(), "advice": "It still runs; call wait first."})
        result = await job.result(timeout=LONGEST_WAIT)
        shown = [await _shown(artifact) for artifact in result.artifacts]
        return types.CallToolResult(
            content=[*shown, _text(json.dumps(job.snapshot()))],
            structured_content=job.snapshot(),
        )

    async def _job(self, given: Mapping[str, Any]) -> AsyncJob:
        """A job of this desk, or of its journal: those of others are nobody's business here."""
        wanted = given.get("id")
        for job in await self._known():
            if job.id == wanted:
                return job
        raise InvalidRequestError.of("id", "no job of this id was started here")

    async def _known(self) -> list[AsyncJob]:
        with contextlib.suppress(ConfigurationError):  # nobody wants a journal
            for job in (await self._client.resume()).jobs:
                self._jobs.setdefault(job.id, job)
        return list(self._jobs.values())

    def _money(self) -> dict[str, str]:
        budget = self._client.budget
        return {} if budget is None else {"budget_left_usd": f"{budget.left:f}"}


def _model_tool(tool: Tool) -> types.Tool:
    key = {
        "type": "string",
        "description": "A name of yours for this submission: the same one never pays twice.",
    }
    properties = {**tool.parameters.get("properties", {}), KEY: key}
    about = types.ToolAnnotations(
        read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True
    )
    return types.Tool(
        name=tool.name,
        description=f"Start a job and give its id. {tool.description}",
        input_schema={**tool.parameters, "properties": properties},
        annotations=about,
    )


def _desk_tools() -> list[types.Tool]:
    looks = types.ToolAnnotations(read_only_hint=True, open_world_hint=True)
    seconds = {
        "type": "number",
        "minimum": 0,
        "description": f"At most so many seconds, {LONGEST_WAIT:g} unless said otherwise.",
    }
    return [
        types.Tool(
            name="wait",
            description="Wait for a job, a minute at most, and tell how it is. Costs nothing.",
            input_schema=_object({**_ID, "seconds": seconds}, "id"),
            annotations=looks,
        ),
        types.Tool(
            name="result",
            description="What a job made: pictures as they are, everything else as links.",
            input_schema=_object(_ID, "id"),
            annotations=looks,
        ),
        types.Tool(
            name="jobs",
            description="The jobs that were started here, also before a restart.",
            input_schema=_object({}),
            annotations=looks,
        ),
    ]


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    told = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**told, "required": list(required)} if required else told


def _text(text: str) -> types.TextContent:
    return types.TextContent(text=text)


def _told(value: Any) -> types.CallToolResult:
    structured = value if isinstance(value, dict) else {"jobs": value}
    return types.CallToolResult(
        content=[_text(json.dumps(structured))], structured_content=structured
    )


async def _shown(artifact: AsyncArtifact) -> types.ContentBlock:
    if artifact.kind == "image":
        try:
            data = await artifact.read(max_bytes=PICTURE)
        except DownloadError:
            if artifact.is_inline:
                return _text("A picture came inline that is too large to be shown.")
        else:
            return types.ImageContent(
                data=base64.b64encode(data).decode(),
                mime_type=artifact.content_type or "image/png",
            )
    return types.ResourceLink(
        name=artifact.filename, uri=str(artifact.url), mime_type=artifact.content_type
    )
