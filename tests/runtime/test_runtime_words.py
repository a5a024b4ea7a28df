"""The words people guess, and the one-liners: each does what it says, or says what to say."""

from __future__ import annotations

import asyncio
import io
import pickle
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from runtime_world import KEY, PNG, PROMPT, QUICK, Talk, talking
from test_runtime_wire_jobs import Boat

import gmigen.client as gmi
from gmigen.client.results import Artifact, AsyncArtifact, AsyncResult, Result
from gmigen.emulator import Emulator, emulator, faults
from gmigen.runtime import errors

pytestmark = pytest.mark.row("words")
IMAGE = "https://m.example/a.png"


@pytest.fixture
def from_environment(quick: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    monkeypatch.setenv("GMI_API_KEY", KEY)
    monkeypatch.setenv("GMI_BASE_URL", quick.base_url)
    return quick


def result(outcome: dict[str, Any]) -> Result:
    return Result(gmi.Client(KEY, base_url="http://127.0.0.1:9").job("j1"), outcome)


def test_a_result_iterates_over_its_files_and_sorts_them_by_kind() -> None:
    made = result({"media_urls": [IMAGE, "https://m.example/b.mp4", "https://m.example/c.mp3"]})
    assert [artifact.kind for artifact in made] == ["image", "video", "audio"]
    assert made.urls == [IMAGE, "https://m.example/b.mp4", "https://m.example/c.mp3"]
    kinds = (made.images, made.videos, made.audios)
    assert [len(files) for files in kinds] == [1, 1, 1]
    with pytest.raises(errors.ProtocolError, match="say which one"):
        made.as_input()
    assert result({"media_urls": [IMAGE]}).as_input() == IMAGE


def test_a_picture_that_was_read_shows_itself_in_a_notebook(talk: Talk) -> None:
    picture = talk(talk.client.run("picture-1", PROMPT)).artifact
    assert "image/png" not in picture._repr_mimebundle_()
    content = talk.read(picture)
    assert picture._repr_mimebundle_()["image/png"] == content
    shown = talk(picture.to_pil())
    assert shown.size == Image.open(io.BytesIO(content)).size


def test_a_notebook_shows_where_files_are_and_no_signature() -> None:
    def html(url: str, kind: Any) -> str:
        return Artifact(url, kind)._repr_html_()

    assert html(IMAGE, "image").startswith(f'<img src="{IMAGE}"')
    assert html("https://m.example/a.mp4", "video").startswith("<video src=")
    assert "&lt;script&gt;" in html("https://m.example/<script>", "other")
    signed = html(f"{IMAGE}?X-Goog-Signature=secret", "image")
    assert "secret" not in signed
    assert "img" not in signed
    assert IMAGE in result({"media_urls": [IMAGE]})._repr_html_()


@pytest.mark.parametrize(
    ("thing", "word", "advice"),
    [
        ("job", "cancel", "no known way to cancel"),
        ("job", "logs", "job.events"),
        ("job", "request_id", "job.id"),
        ("result", "video", "result.videos"),
        ("result", "download", "result.save"),
        ("client", "predictions", "client.submit"),
        ("client", "cancel", "no known way to cancel"),
    ],
)
def test_a_word_of_another_client_is_answered_with_ours(thing: str, word: str, advice: str) -> None:
    client = gmi.Client(KEY, base_url="http://127.0.0.1:9")
    things = {"client": client, "job": client.job("j1"), "result": result({"media_urls": [IMAGE]})}
    assert not hasattr(things[thing], word)
    with pytest.raises(AttributeError, match=advice):
        getattr(things[thing], word)
    with pytest.raises(AttributeError, match=r"has no attribute 'nonsense'$"):
        _ = things[thing].nonsense


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("arguments", "second argument"),
        ("input", "second argument"),
        ("on_queue_update", "on_update="),
        ("with_logs", "no logs"),
        ("max_retries", "one POST"),
        ("webhook_url", "calls nobody back"),
        ("nonsense", "no argument 'nonsense'.$"),
    ],
)
def test_an_argument_of_another_client_is_answered_before_anything_is_sent(
    talk: Talk, running: Emulator, name: str, advice: str
) -> None:
    wrong: dict[str, Any] = {name: 1}
    for call in (talk.client.submit, talk.client.run):
        with pytest.raises(TypeError, match=advice):
            talk(call("clip-1", PROMPT, **wrong))
    with pytest.raises(TypeError, match=advice):
        talk.all(talk.client.map([Boat("a")], **wrong))
    with pytest.raises(TypeError, match="takes no argument"):
        type(talk.client)(KEY, **wrong)
    assert running.log.posts() == ()


def test_a_batch_tells_the_number_of_each_and_keeps_their_order_on_request(
    talk: Talk, running: Emulator
) -> None:
    running.faults.add("status", faults.Status(503), nth=1)
    requests = [Boat("a"), ("clip-2", PROMPT), Boat("b"), ("clip-1", {"no": "prompt"})]
    done = talk.all(talk.client.map(requests, ordered=True))
    assert [one.index for one in done] == [0, 1, 2, 3]
    assert [one.request for one in done] == requests
    assert isinstance(done[3], errors.BadRequestError)
    assert [one.job.model for one in done[:3]] == ["clip-1", "clip-2", "clip-1"]


def test_a_job_is_waited_for_and_tells_what_was_seen(talk: Talk, running: Emulator) -> None:
    job = talk(talk.client.submit("clip-1", PROMPT))
    assert (job.done, job.failed, job.error) == (False, False, None)
    assert talk(job.wait(timeout=60)) is job
    assert (job.done, job.failed, job.error) == (True, False, None)
    running.faults.add("job", faults.Failed("rate limit exceeded(RPM)"))
    failed = talk(talk.client.submit("clip-1", PROMPT))
    talk(failed.wait(timeout=60))
    assert (failed.done, failed.failed) == (True, True)
    assert "rate limit" in failed.error


def test_what_reconciles_finds_jobs_of_the_colour_it_is_asked_in(
    from_environment: Emulator,
) -> None:
    from_environment.faults.add("submit", faults.Status(504, "gateway", process=True), nth=None)
    for kind in (gmi.AsyncJob, gmi.Job):
        with pytest.raises(gmi.SubmissionUnknownError) as raised:
            gmi.submit("clip-1", PROMPT)
        found = raised.value
        looked = found.reconcile() if kind is gmi.Job else asyncio.run(found.areconcile())
        assert [type(job) for job in looked.jobs] == [kind]


def test_the_one_liners_use_the_environment(from_environment: Emulator, tmp_path: Path) -> None:
    job = gmi.submit("clip-1", PROMPT)
    assert gmi.job(job.id) == job
    assert gmi.job(job.id).result(timeout=60).urls == job.result().urls
    assert gmi.upload(PNG, name="cat.png").startswith("http")
    done = asyncio.run(gmi.arun("clip-1", PROMPT))
    (path,) = asyncio.run(done.save(tmp_path / "boat.mp4"))
    assert path.stat().st_size > 0
    assert len(from_environment.log.posts()) == 2


@pytest.mark.row("C")
@pytest.mark.row("U4")
def test_what_can_only_cost_money_is_refused_unless_it_is_meant(
    talk: Talk, running: Emulator
) -> None:
    with pytest.raises(errors.InvalidRequestError, match="allow_empty=True"):
        talk(talk.client.submit("clip-1", {}))
    assert running.log.posts() == ()
    with pytest.raises(errors.BadRequestError):
        talk(talk.client.submit("clip-1", {}, allow_empty=True))
    assert len(running.log.posts()) == 1


@pytest.mark.row("U9")
@pytest.mark.parametrize(
    ("plain", "awaited"),
    [
        (gmi.Client, gmi.AsyncClient),
        (gmi.Job, gmi.AsyncJob),
        (Result, AsyncResult),
        (Artifact, AsyncArtifact),
    ],
)
def test_both_colours_have_the_same_words(plain: type, awaited: type) -> None:
    def words(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert words(awaited) - {"aclose"} == words(plain) - {"aclose"}


@pytest.mark.row("C")
@pytest.mark.parametrize("key", ["mod", "blocked", "moderati"])
def test_a_key_that_is_part_of_a_word_leaves_the_words_that_are_judged(
    key: str, colour: str, running: Emulator
) -> None:
    reason = "It was blocked by moderation."
    running.faults.add("job", faults.Failed(reason))
    with (
        talking(colour, running, api_key=key) as talk,
        pytest.raises(errors.ContentPolicyError) as caught,
    ):
        talk(talk.client.run("clip-1", PROMPT))
    assert reason in str(caught.value)


class Wrapped:
    """Like pydantic's SecretStr."""

    def get_secret_value(self) -> str:
        return KEY


@pytest.mark.row("R22")
@pytest.mark.parametrize(
    "figures",
    [{"min": float("nan")}, {"min": 5, "max": 1}, {"min": 0}, {"max": float("inf")}, {"min": "x"},
     {"ratio": 2}, {"tolerance": float("nan")}, {"tolerance": -1}, {"prior": "long"},
     {"stalled_after": None}, {"min": 10**400}],
)  # fmt: skip
def test_a_pace_that_cannot_be_meant_is_a_sentence(figures: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="Poll needs"):
        gmi.Poll(**figures)


@pytest.mark.row("R22")
def test_what_can_be_no_model_and_no_name_makes_no_request(talk: Talk, running: Emulator) -> None:
    before = len(running.log)
    for model in ("", "\ud800", "a\0b", "x" * 100_000, 7, b"clip-1"):
        with pytest.raises(errors.InvalidRequestError):
            talk(talk.client.jobs.list(model=model))
    with pytest.raises(errors.InvalidRequestError, match="name"):
        talk(talk.client.upload(PNG, name=7))
    assert len(running.log) == before


@pytest.mark.parametrize("kind", [gmi.Client, gmi.AsyncClient])
def test_a_secret_is_a_key_and_nonsense_is_a_sentence(kind: Any) -> None:
    kind(Wrapped(), base_url="http://127.0.0.1:9")
    for wrong in ({"timeout": "10"}, {"timeout": float("nan")}, {"poll": "fast"}, {"journal": 7}):
        with pytest.raises(errors.ConfigurationError):
            kind(KEY, base_url="http://127.0.0.1:9", **wrong)
    with pytest.raises(errors.ConfigurationError, match="api_key="):
        kind(7)
    with pytest.raises(errors.ConfigurationError, match="proxy="):
        kind(KEY, base_url="http://127.0.0.1:9", proxy="nonsense")


def test_a_default_client_lives_for_as_long_as_somebody_holds_it(
    from_environment: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = gmi.submit("clip-1", PROMPT)
    with emulator({}, job_seconds=0.0) as other:
        monkeypatch.setenv("GMI_BASE_URL", other.base_url)
        with pytest.raises(errors.ModelNotFoundError):
            gmi.submit("clip-1", PROMPT)
        assert job.result(timeout=60).url


def test_without_a_key_public_files_can_be_saved(
    from_environment: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with gmi.Client(poll=QUICK) as client:
        kept = pickle.dumps(client.run("clip-1", PROMPT))
    monkeypatch.delenv("GMI_API_KEY")
    woken = pickle.loads(kept)
    assert woken.save(tmp_path / "boat.mp4") == [tmp_path / "boat.mp4"]
    with pytest.raises(errors.ConfigurationError, match="no API key"):
        woken.job.refresh()
