"""The catalogue is served as it was given."""

from __future__ import annotations

import httpx
import pytest
from emulator_world import client_of

from gmigen.emulator import Emulator, emulator


def test_the_ids_are_listed_in_the_order_of_the_documents(
    client: httpx.Client, documents: dict[str, bytes]
) -> None:
    assert client.get("/models").json() == {"model_ids": list(documents)}


def test_the_other_list_shape_holds_every_document_in_full(documents: dict[str, bytes]) -> None:
    del documents["broken"]
    with emulator(documents, list_shape="details") as running, client_of(running) as client:
        listed = client.get("/models").json()
        assert [model["model"] for model in listed["models"]] == list(documents)


def test_details_are_the_documents_bytes_even_where_they_are_no_json(
    client: httpx.Client, documents: dict[str, bytes]
) -> None:
    for model_id in ("clip-1", "broken"):
        assert client.get(f"/models/{model_id}").content == documents[model_id]


def test_an_id_with_spaces_and_slashes_is_found_percent_encoded_and_only_so(
    client: httpx.Client, documents: dict[str, bytes]
) -> None:
    found = client.get("/models/with%20space%2Fand.dot")
    assert found.content == documents["with space/and.dot"]
    assert client.get("/models/with%20space/and.dot").json() == {"error": "404 page not found"}


def test_ids_are_case_sensitive(client: httpx.Client) -> None:
    answer = client.get("/models/Clip-1")
    assert (answer.status_code, answer.json()) == (404, {"error": "Model not found"})


@pytest.mark.parametrize("path", ["/", "/models/", "/nope", "/requests/a/b"])
def test_an_unknown_route_is_refused_and_recorded(
    running: Emulator, client: httpx.Client, path: str
) -> None:
    assert client.get(path).status_code == 404
    assert running.log.entries[-1].path.endswith(path)
    assert running.log.entries[-1].status == 404


def test_a_known_path_under_another_method_is_an_unknown_route(
    running: Emulator, client: httpx.Client
) -> None:
    assert client.delete("/models").status_code == 404
    assert running.log.entries[-1].route == "unknown"


def test_every_answer_says_that_it_comes_from_an_emulator(
    running: Emulator, client: httpx.Client
) -> None:
    window = f"{running.origin}/_emu/log"
    foreign = f"{running.files_url}/media/x/0.mp4"
    for url in ("/models", "/models/nope", "/nope", window, foreign):
        assert client.get(url).headers["X-Emulator"] == "1"


def test_a_missing_or_empty_key_is_refused(running: Emulator) -> None:
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}):
        answer = httpx.get(f"{running.base_url}/models", headers=headers, trust_env=False)
        assert answer.status_code == 401
        assert list(answer.json()) == ["error"]


def test_only_the_keys_named_are_let_in_where_keys_are_named(documents: dict[str, bytes]) -> None:
    with emulator(documents, keys=["good"]) as running:
        statuses = [
            httpx.get(
                f"{running.base_url}/models",
                headers={"Authorization": f"Bearer {key}"},
                trust_env=False,
            ).status_code
            for key in ("good", "bad")
        ]
    assert statuses == [200, 401]


def test_the_default_user_agent_of_python_is_refused_at_the_edge(client: httpx.Client) -> None:
    answer = client.get("/models", headers={"User-Agent": "Python-urllib/3.11"})
    assert (answer.status_code, answer.text) == (403, "error code: 1010")
