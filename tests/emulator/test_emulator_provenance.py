"""Every behaviour says where it is known from."""

from __future__ import annotations

import inspect
from typing import get_args

import httpx
from emulator_world import submitted

from gmigen.emulator import Emulator, coverage, texts
from gmigen.emulator.hosts import API_ROUTES, FILE_ROUTES, SESSION_ROUTES
from gmigen.emulator.jobs import STAGES, TERMINAL
from gmigen.emulator.ordered import Kind
from gmigen.emulator.provenance import Source
from gmigen.emulator.storage import SIGNED_TYPES


def known(about: str) -> set[str]:
    prefix = f"{about}:"
    return {
        row["name"].removeprefix(prefix)
        for row in coverage()["behaviours"]
        if row["name"].startswith(prefix)
    }


def test_every_route_is_covered_and_no_other() -> None:
    assert known("route") == {*API_ROUTES, *FILE_ROUTES, *SESSION_ROUTES}


def test_every_field_of_a_record_is_covered_and_no_other(
    running: Emulator, client: httpx.Client
) -> None:
    job_id = submitted(client)["request_id"]
    assert known("field") == set(client.get(f"/requests/{job_id}").json())


def test_every_status_word_and_outcome_shape_and_upload_type_is_covered() -> None:
    assert known("status") == {*(status for _, status in STAGES), *TERMINAL}
    assert known("outcome") == set(get_args(Kind))
    assert known("upload") == set(SIGNED_TYPES)


def test_every_error_text_is_covered_and_no_other() -> None:
    said = {
        name
        for name, value in vars(texts).items()
        if not name.startswith("_")
        and (
            isinstance(value, str)
            or (inspect.isfunction(value) and value.__module__ == texts.__name__)
        )
    }
    assert known("error") == said


def test_sources_are_the_known_ones_and_names_are_told_once() -> None:
    rows = coverage()["behaviours"]
    assert {row["source"] for row in rows} <= set(get_args(Source))
    assert len({row["name"] for row in rows}) == len(rows)


def test_nothing_on_the_path_of_an_ordinary_job_is_unconfirmed() -> None:
    sources = {row["name"]: row["source"] for row in coverage()["behaviours"]}
    ordinary = [name for name in sources if name.startswith(("route:", "field:", "status:"))]
    ordinary += ["outcome:video", "outcome:image", "outcome:speech", "outcome:music"]
    assert [name for name in ordinary if sources[name] == "unconfirmed"] == []


def test_it_claims_no_comparison_with_the_live_service(
    running: Emulator, client: httpx.Client
) -> None:
    shown = client.get(f"{running.origin}/_emu/coverage").json()
    assert shown == coverage()
    assert shown["compared_with_live_service"] is False
