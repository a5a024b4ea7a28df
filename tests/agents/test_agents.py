"""`gmi mcp` and an agent: the protocol's own client, in this process and over standard input."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters

from gmi_inference import AsyncClient, Budget
from gmi_inference.cli import agents
from gmi_inference.cli.agents import Desk
from gmi_inference.tools import tools
from gmigen.emulator import Emulator, emulator, faults
from gmigen.emulator.listener import silent_socket

KEY = "sk-a-key-for-this-test"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
MODELS = ["pixverse-v6-i2v", "seedream-5.0-lite", "Veo3"]
CLIP = {"prompt": "a boat", "image": "https://a.example/b.png", "quality": "540p", "duration": 5}

Session = Callable[[Client], Awaitable[Any]]


@pytest.fixture
def running(bundled: Mapping[str, bytes]) -> Iterator[Emulator]:
    with emulator({name: bundled[name] for name in MODELS}, job_seconds=0.2) as one:
        yield one


@pytest.fixture
def desk(running: Emulator, tmp_path: Path) -> Any:
    """Runs a session of an agent at a desk with two of three models, one folder, one dollar."""
    (tmp_path / "open").mkdir(exist_ok=True)
    (tmp_path / "open/first.png").write_bytes(PNG)

    def run(session: Session, folder: Path | None = tmp_path / "open", **more: Any) -> Any:
        async def work() -> Any:
            options: dict[str, Any] = {"budget": Budget("1.00"), **more}
            async with AsyncClient(
                KEY, base_url=running.base_url, poll=0.01, journal=tmp_path / "jobs.db", **options
            ) as api:
                server = Desk(api, tools(MODELS[:2]), folder).server()
                async with Client(server) as agent:
                    return await session(agent)

        return asyncio.run(work())

    return run


async def said(agent: Client, name: str, arguments: Any = None, **more: Any) -> tuple[bool, Any]:
    """Whether a call was fine, and its structured answer or its words."""
    result = await agent.call_tool(name, arguments, **more)
    if result.is_error:
        (block,) = result.content
        return False, getattr(block, "text", "")
    return True, result.structured_content


def test_the_tools_are_the_chosen_models_and_three_that_cost_nothing(desk: Any) -> None:
    async def session(agent: Client) -> Any:
        return (await agent.list_tools()).tools

    told = {tool.name: tool for tool in desk(session)}
    assert {*told} == {"pixverse_v6_i2v", "seedream_5_0_lite", "wait", "result", "jobs"}
    clip = told["pixverse_v6_i2v"]
    assert "Costs money: " in (clip.description or "")
    assert {"prompt", "image", agents.KEY} <= clip.input_schema["properties"].keys()
    assert clip.annotations is not None
    assert clip.annotations.read_only_hint is False


def test_a_job_is_started_waited_for_and_shown(desk: Any, running: Emulator) -> None:
    heard: list[str] = []

    async def progress(_done: float, _total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async def session(agent: Client) -> Any:
        fine, started = await said(agent, "pixverse_v6_i2v", CLIP)
        assert fine, started
        fine, waited = await said(
            agent, "wait", {"id": started["id"], "seconds": 30}, progress_callback=progress
        )
        assert fine, waited
        return started, waited, await agent.call_tool("result", {"id": started["id"]})

    started, waited, result = desk(session)
    assert running.log.billed_jobs == (started["id"],)
    assert started["estimate"] == "$0.175"
    assert 0 < float(started["budget_left_usd"]) < 1
    assert (waited["status"], waited["done"]) == ("success", True)
    assert heard[-1].endswith("done (success)")
    link, text = result.content
    assert (link.type, link.uri) == ("resource_link", waited["urls"][0])
    assert json.loads(text.text)["id"] == started["id"]


def test_pictures_are_shown_as_they_are(desk: Any, running: Emulator) -> None:
    async def session(agent: Client) -> Any:
        fine, started = await said(agent, "seedream_5_0_lite", {"prompt": "a boat"})
        assert fine, started
        await said(agent, "wait", {"id": started["id"]})
        return await agent.call_tool("result", {"id": started["id"]})

    picture, _ = desk(session).content
    assert picture.type == "image"
    assert base64.b64decode(picture.data)


def test_a_file_of_the_folder_is_uploaded_by_its_name(desk: Any, running: Emulator) -> None:
    async def session(agent: Client) -> Any:
        return await said(agent, "pixverse_v6_i2v", {**CLIP, "image": "first.png"})

    fine, started = desk(session)
    assert fine, started
    (post,) = running.log.posts()
    assert post.json["payload"]["image"].startswith(running.files_url)


@pytest.mark.parametrize(
    ("name", "changes", "told"),
    [
        ("pixverse_v6_i2v", {"image": "/etc/passwd"}, "no such file"),
        ("pixverse_v6_i2v", {"image": "../secret.png"}, "no such file"),
        ("pixverse_v6_i2v", {"image": "link.png"}, "no such file"),
        ("pixverse_v6_i2v", {"image": "a\x00b"}, "no such file"),
        ("pixverse_v6_i2v", {"image": "x" * 100_000}, "no such file"),
        ("pixverse_v6_i2v", {"image": "."}, "no such file"),
        ("pixverse_v6_i2v", {"image": "file:///etc/passwd"}, "public http"),
        ("pixverse_v6_i2v", {"image": "http://169.254.169.254/"}, "private network"),
        ("pixverse_v6_i2v", {"image": "http://localhost:8080/x"}, "private network"),
        ("pixverse_v6_i2v", {"extra_payload": {"n": 100}}, "extra_payload"),
        ("pixverse_v6_i2v", {"base_url": "https://evil.example"}, "base_url: unknown"),
        ("pixverse_v6_i2v", {"submission_key": "a\nb"}, "key"),
        ("veo3", {}, "no tool of this name"),
        ("Veo3", {}, "no tool of this name"),
        ("gmi", {}, "no tool of this name"),
    ],
)
def test_a_hostile_prompt_gets_a_sentence_and_pays_nothing(
    desk: Any, running: Emulator, tmp_path: Path, name: str, changes: dict[str, Any], told: str
) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    if not (tmp_path / "open/link.png").exists():
        (tmp_path / "open/link.png").symlink_to(tmp_path / "secret.png")

    async def session(agent: Client) -> Any:
        return await said(agent, name, {**CLIP, **changes})

    fine, words = desk(session)
    assert not fine
    assert told in words
    assert "root:" not in words
    assert KEY not in words
    assert len(running.log) == 0


def test_without_a_folder_no_file_is_open(desk: Any, running: Emulator) -> None:
    async def session(agent: Client) -> Any:
        return await said(agent, "pixverse_v6_i2v", {**CLIP, "image": "first.png"})

    fine, words = desk(session, folder=None)
    assert not fine
    assert "no file is open" in words
    assert len(running.log) == 0


def test_the_budget_ends_it(desk: Any, running: Emulator) -> None:
    async def session(agent: Client) -> Any:
        return [await said(agent, "pixverse_v6_i2v", {**CLIP, "prompt": f"{n}"}) for n in range(3)]

    ended = desk(session, budget=Budget("0.40"))
    assert [fine for fine, _ in ended] == [True, True, False]
    assert "budget" in ended[-1][1]
    assert len(running.log.posts()) == 2


def test_a_job_of_somebody_else_is_nobodys_business(desk: Any, running: Emulator) -> None:
    async def session(agent: Client) -> Any:
        return [
            await said(agent, "result", {"id": "somebody-elses"}),
            await said(agent, "wait", {"id": ["x"]}),
            await said(agent, "wait", {}),
        ]

    assert all(not fine and "no job of this id" in words for fine, words in desk(session))
    assert len(running.log) == 0


def test_a_call_that_is_cut_off_loses_no_job_and_the_same_name_pays_once(
    desk: Any, running: Emulator
) -> None:
    named = {**CLIP, agents.KEY: "boat-1"}

    async def cut(agent: Client) -> None:
        task = asyncio.create_task(said(agent, "pixverse_v6_i2v", named))
        while not running.log.posts():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def again(agent: Client) -> Any:
        fine, started = await said(agent, "pixverse_v6_i2v", named)
        assert fine, started
        _, told = await said(agent, "jobs")
        return started, told["jobs"]

    running.faults.add("submit", faults.Slow(0.3))
    desk(cut)
    started, jobs = desk(again)
    assert (started["id"],) == running.log.billed_jobs
    assert [job["id"] for job in jobs] == [started["id"]]
    assert len(running.log.posts()) == 1


def test_a_failed_job_is_said_in_the_words_of_the_api(desk: Any, running: Emulator) -> None:
    running.faults.add("job", faults.Failed("no such luck"))

    async def session(agent: Client) -> Any:
        _, started = await said(agent, "pixverse_v6_i2v", CLIP)
        await said(agent, "wait", {"id": started["id"]})
        return await said(agent, "result", {"id": started["id"]})

    fine, words = desk(session)
    assert not fine
    assert "no such luck" in words


@pytest.mark.slow
def test_a_whole_session_over_standard_input(tmp_path: Path) -> None:
    (tmp_path / "first.png").write_bytes(PNG)
    server = StdioServerParameters(
        command=sys.executable,
        args=[
            *("-m", "gmi_inference", "mcp", "--models", "pixverse-v6-i2v,Veo3*", "--emulate"),
            *("--files", str(tmp_path), "--budget", "1"),
        ],
        env={"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")},
    )

    async def session() -> Any:
        async with Client(server, read_timeout_seconds=60) as agent:
            names = [tool.name for tool in (await agent.list_tools()).tools]
            fine, started = await said(agent, "pixverse_v6_i2v", {**CLIP, "image": "first.png"})
            assert fine, started
            outside = await said(agent, "pixverse_v6_i2v", {**CLIP, "image": "/etc/passwd"})
            _, waited = await said(agent, "wait", {"id": started["id"]})
            result = await agent.call_tool("result", {"id": started["id"]})
            return names, outside, waited, result

    names, outside, waited, result = asyncio.run(session())
    assert names == ["pixverse_v6_i2v", "veo3", "veo3_fast", "wait", "result", "jobs"]
    assert outside[0] is False
    assert waited["status"] == "success"
    assert result.content[0].type == "resource_link"


@pytest.mark.slow
def test_a_session_over_http_is_for_this_machine_only(tmp_path: Path) -> None:
    # Held all the while, so that nobody else is given this port before the server has it.
    held = silent_socket("127.0.0.1", 0)
    port = held.getsockname()[1]
    arguments = ["mcp", "--models", "Veo3", "--emulate", "--budget", "5", "--http", str(port)]
    server = subprocess.Popen(
        [sys.executable, "-m", "gmi_inference", *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        told = ""
        while "/mcp" not in told:
            told = server.stderr.readline()
            assert told, "it ended"
        url = told.split()[-1]
        assert url == f"http://127.0.0.1:{port}/mcp"

        async def session() -> Any:
            async with Client(url) as agent:
                return await said(agent, "veo3", {"prompt": "a boat"})

        while server.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
        fine, started = asyncio.run(session())
        assert fine, started
        # A page in a browser that was led here by name is no agent.
        foreign = httpx.post(url, headers={"Host": "evil.example"}, json={}, trust_env=False)
        assert foreign.status_code == 421
    finally:
        server.terminate()
        server.communicate(timeout=30)
        held.close()
