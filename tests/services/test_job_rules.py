"""`x-job` that its schema cannot satisfy: an error of `lint` with file, line, place and fix, and no unknown states."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.documents.json_pointer import assign

from .project import HERE, add_service, make_project, problems

BROKEN: dict[str, tuple[str, str, Any, str]] = {
    "a field that no schema has": ("depot", "reason", "fail_text", "must name a field of the schema, got fail_text. "),
    "a field below a string": ("depot", "reason", "status.text", "got status.text: status is not an object"),
    "an item of an object": ("depot", "children", "entities[0]", "got entities[0]: entities is not an array"),
    "an item by a field that items lack": (
        "orchard",
        "reason",
        "status.conditions[kind=Failed].message",
        ": the items of status.conditions have no kind",
    ),
    "an item by a value that is never there": (
        "orchard",
        "reason",
        "status.conditions[type=Broken].message",
        ": type is never Broken",
    ),
    "an object as the ID": (
        "depot",
        "id",
        "entities",
        "must name a string or an integer, got entities, which is object",
    ),
    "children without x-job": ("orchard", "children", "status.conditions", "which has no x-job"),
    "a boolean as a time": (
        "sieve",
        "started",
        {"field": "is_running", "formats": ["epoch-ms"]},
        "must name a string or a number, got is_running, which is boolean",
    ),
    "a number as a date": (
        "sieve",
        "started",
        {"field": "start_time_in_millis", "formats": ["datetime"]},
        "must name a string, got start_time_in_millis, which is integer",
    ),
    "an object as progress": (
        "depot",
        "progress",
        {"field": "entities", "format": "percent"},
        "must name a number or a string, got entities",
    ),
    "a number as a fraction": (
        "sieve",
        "progress",
        {"field": "completion_status", "format": "fraction"},
        "must name a string, got completion_status, which is integer",
    ),
    "a value that a closed list lacks": (
        "depot",
        "state",
        {"field": "status", "succeeded": ["SUCESS"]},
        "must be a value that status can have, got SUCESS. The field is string: its values are INIT, RUNNING",
    ),
    "a string for a boolean": (
        "forge",
        "state",
        {"field": "done", "succeeded": ["true"]},
        "must be a value that done can have, got true. The field is boolean",
    ),
    "a number for a string": (
        "depot",
        "state",
        {"cases": [{"is": "failed", "when": {"error_code": [42]}}]},
        "must be a value that error_code can have, got 42. The field is string or null",
    ),
    "bounds of a string list": (
        "depot",
        "state",
        {"cases": [{"is": "failed", "when": {"entities": {"minimum": 1}}}]},
        "must name a number, got entities, which is object",
    ),
    "no final state": (
        "depot",
        "state",
        {"field": "status", "running": ["RUNNING"]},
        "must declare a final state, got running",
    ),
    "an empty string as a value": (
        "tannery",
        "state",
        {"field": "status.phase", "pending": [""], "failed": ["Failed"]},
        "must not be an empty string",
    ),
    "one value in two states": (
        "forge",
        "state",
        {"field": "done", "succeeded": [True], "failed": [True]},
        "must have each value in one state, got true in two",
    ),
    "an unknown test": ("forge", "state", {"cases": [{"is": "failed", "when": {"error": "there"}}]}, "is not valid"),
    "a path that cannot be read": ("forge", "id", "name[", "is not valid"),
}


def first_job(document: dict[str, Any]) -> str:
    name = next(name for name, schema in document["components"]["schemas"].items() if "x-job" in schema)
    return f"/components/schemas/{name}/x-job"


@pytest.mark.parametrize("broken", BROKEN)
def test_lint_of_x_job_that_no_response_can_have_names_place_and_fix(broken: str, tmp_path: Path) -> None:
    service, key, value, message = BROKEN[broken]
    document = deepcopy(yaml.safe_load((HERE / service / f"{service}.yaml").read_text("utf-8")))
    job = first_job(document)
    assign(document, f"{job}/{key}", value)
    workspace = make_project(tmp_path, [])
    add_service(tmp_path, service, document)
    found = problems(workspace)
    assert any(message in text for text in found), found
    for text in found:
        assert f"openapi/{service}.yaml:" in text
        assert f"{job}/{key}" in text
