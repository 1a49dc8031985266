"""Test vectors, run with the Python client."""

from __future__ import annotations

from typing import Any

import pytest

import cloudjobs
from generator.clients.vectors import vectors
from generator.documents import Workspace
from tests.services.project import ROOT

from .vectors import Runner, differences


@pytest.fixture(scope="module", params=cloudjobs.services())
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    return vectors(Workspace(ROOT).read(request.param)).data


def test_vectors_with_python_client_have_expected_values(made: dict[str, Any]) -> None:
    found = list(Runner(made).results())
    assert [line for vector, printed in found for line in differences(vector, printed)] == []
    assert {len(made["snapshots"]) > 30, len(made["waits"]) > 70} == {True}


def test_vectors_have_each_state_and_kind_of_result(made: dict[str, Any]) -> None:
    results = [wait["expect"]["result"].get("error", "succeeded") for wait in made["waits"]]
    assert set(results) == {"succeeded", "job-failed", "timeout", "not-found", "status", "connection"}
    keys = {key for vector in made["snapshots"] for key in vector["expect"]}
    assert {"id", "state", "started_at", "ended_at", "reason", "children", "progress"} <= keys
    assert made["errors"]


def test_differences_of_other_value_names_it() -> None:
    vector = {"name": "a", "expect": {"state": "failed", "children": 2, "progress": 0.5}}
    printed = {"state": "running", "children": [{}], "progress": "0.500000"}
    assert differences(vector, printed) == [
        "a: state must be 'failed', got 'running'",
        "a: children must be 2, got 1",
    ]
