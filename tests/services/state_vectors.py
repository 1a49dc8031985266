"""Test vectors of states that depend on several fields: ordered cases of `x-job`, by values, presence and bounds.

The states are written by hand from the documents here. Python, TypeScript (`make clients`) and Java run them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.clients.wait_packages import service_data
from generator.documents import Service, Workspace
from generator.documents.json_pointer import assign

ABSENT = object()
"""A field that the body lacks."""


def _kiln(life_cycle: str, result: Any = ABSENT) -> dict[str, Any]:
    return {"/state": {"life_cycle_state": life_cycle, **({} if result is ABSENT else {"result_state": result})}}


def _orchard(started: bool = True, **conditions: str) -> dict[str, Any]:
    made = [{"type": name.capitalize(), "status": status} for name, status in conditions.items()]
    return {"/status/conditions": made, **({} if started else {"/status/startTime": ABSENT})}


def _press(status: str, conclusion: str | None) -> dict[str, Any]:
    return {"/status": status, "/conclusion": conclusion}


def _sieve(is_running: Any, completion: Any = ABSENT) -> dict[str, Any]:
    return {"/is_running": is_running, "/completion_status": completion}


_ERROR = {"/error": {"code": 8, "message": "out of bronze"}}

CASES: dict[str, list[tuple[dict[str, Any], str]]] = {
    "forge": [
        ({"/done": False}, "running"),
        ({"/done": None, **_ERROR}, "running"),
        ({"/done": True, **_ERROR}, "failed"),
        ({"/done": True, **_ERROR, "/response": {"weight": 1}}, "failed"),
        ({"/done": True, "/response": {"weight": 1}}, "succeeded"),
        ({"/done": True}, "unknown"),
    ],
    "kiln": [
        (_kiln("QUEUED"), "pending"),
        (_kiln("TERMINATING", "SUCCESS"), "running"),
        (_kiln("RUNNING", "CANCELED"), "running"),
        (_kiln("TERMINATED", "SUCCESS"), "succeeded"),
        (_kiln("TERMINATED", "FAILED"), "failed"),
        (_kiln("TERMINATED", None), "failed"),
        (_kiln("TERMINATED"), "failed"),
        (_kiln("TERMINATED", "CANCELED"), "stopped"),
        (_kiln("INTERNAL_ERROR", "TIMEDOUT"), "stopped"),
        (_kiln("INTERNAL_ERROR", "SUCCESS"), "failed"),
        (_kiln("BLOCKED", "CANCELED"), "stopped"),
        (_kiln("BLOCKED", "SUCCESS"), "unknown"),
    ],
    "orchard": [
        (_orchard(complete="True"), "succeeded"),
        (_orchard(failed="True"), "failed"),
        (_orchard(failed="True", complete="True"), "succeeded"),
        (_orchard(complete="False", failed="False"), "running"),
        (_orchard(started=False), "pending"),
        (_orchard(started=False, failed="True"), "failed"),
    ],
    "press": [
        (_press("queued", None), "pending"),
        (_press("completed", "success"), "succeeded"),
        (_press("completed", "skipped"), "succeeded"),
        (_press("completed", "failure"), "failed"),
        (_press("completed", None), "failed"),
        (_press("completed", "cancelled"), "stopped"),
        (_press("in_progress", "cancelled"), "stopped"),
        (_press("in_progress", "success"), "running"),
        (_press("expected", None), "unknown"),
    ],
    "sieve": [
        (_sieve(True, 200), "running"),
        (_sieve(False, 200), "succeeded"),
        (_sieve(False, 299), "succeeded"),
        (_sieve(False, 300), "failed"),
        (_sieve(False, 199), "failed"),
        (_sieve(False, 499), "stopped"),
        (_sieve(ABSENT, 200), "succeeded"),
        (_sieve(False), "unknown"),
        (_sieve(False, None), "unknown"),
    ],
}
"""By service: fields that differ from its recording of a running job, and the state."""


def state_vectors(workspace: Workspace) -> Iterator[dict[str, Any]]:
    """Yield the vectors of each service, in the form of those that `bundle` writes."""
    for name, cases in CASES.items():
        service = workspace.read(name)
        yield {
            "service": name,
            "snapshots": [_vector(service, number, fields, state) for number, (fields, state) in enumerate(cases, 1)],
            "errors": [],
            "bodies": {},
            "waits": [],
        }


def _vector(service: Service, number: int, fields: dict[str, Any], state: str) -> dict[str, Any]:
    data = service_data(service)
    assert data is not None
    body = json.loads(json.dumps(service.recordings["running"].body))
    for pointer, value in fields.items():
        assign(body, pointer, value)
    return {
        "name": f"{service.name}, case {number}",
        "operation": data["operation"],
        "job": "",
        "response": {
            "status": 200,
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps(_without_absent(body)),
        },
        "expect": {"state": state},
    }


def _without_absent(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_absent(member) for key, member in value.items() if member is not ABSENT}
    return [_without_absent(item) for item in value] if isinstance(value, list) else value
