"""Run test vectors with a Python client, and print the values in the form that all languages share.

A line is a JSON object: a snapshot, an error, or the outcome of a wait. Progress has six decimals and times are in UTC,
so that all languages print equal values equally.
"""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

URL = "https://service.example.com"


class Clock:
    """A clock on which a sleep ends at once."""

    def __init__(self, chance: float = 0.5) -> None:
        self.chance = chance
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return sum(self.slept)

    def now(self) -> float:
        return 1_700_000_000.0 + sum(self.slept)

    def random(self) -> float:
        return self.chance

    def sleep(self, seconds: float, until: threading.Event | None = None) -> None:
        self.slept.append(seconds)


class _Truncated(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


class Script(httpx.MockTransport):
    """Sends the responses of a wait in their order; the last one is repeated."""

    def __init__(self, vectors: Mapping[str, Any], responses: list[dict[str, Any]]) -> None:
        self.requests = 0
        self._vectors, self._responses = vectors, responses
        super().__init__(self._send)

    def _send(self, request: httpx.Request) -> httpx.Response:
        further = self._vectors.get("further_pages")
        if further and request.url.params.get(further["parameter"], "0") != "0":
            return httpx.Response(200, json=self._vectors["bodies"][further["body"]])
        step = self._responses[min(self.requests, len(self._responses) - 1)]
        self.requests += 1
        assert self.requests < 100, "the wait does not end"
        if step.get("fails") == "body":
            return httpx.Response(200, stream=_Truncated())
        if "fails" in step:
            raise httpx.ConnectError("connection failed")
        content = json.dumps(self._vectors["bodies"][step["body"]]) if "body" in step else step["text"]
        return httpx.Response(step["status"], headers=step["headers"], content=content.encode())


class Runner:
    """Runs the vectors of one service with the client of a package."""

    def __init__(self, vectors: Mapping[str, Any], package: str = "cloudjobs") -> None:
        self._vectors = vectors
        self._package = package
        self._service = vectors["service"]
        self._errors = importlib.import_module(f"{package}.errors")
        self._paths = importlib.import_module(f"{package}._models")
        operations = vars(importlib.import_module(f"{package}.{self._service}.operations")).values()
        self._operations = {each.id: each for each in operations if type(each).__name__ == "Operation"}

    def results(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield each vector with the printed values."""
        for vector in self._vectors["snapshots"]:
            yield vector, {"name": vector["name"], **self.snapshot(vector)}
        for vector in self._vectors["errors"]:
            yield vector, {"name": vector["name"], **self.error(vector)}
        for vector in self._vectors["waits"]:
            yield vector, {"name": vector["name"], **self.wait(vector)}

    def snapshot(self, vector: Mapping[str, Any]) -> dict[str, Any]:
        """Return the snapshot of the job in a response."""
        response = self._call(vector)
        steps = [f"[{each}]" if each.isdecimal() else f".{each}" for each in vector["job"].split("/")[1:]]
        job = self._paths.value_at(response, "".join(steps).removeprefix(".") or "$")
        found = importlib.import_module(self._package).JobSnapshot.from_job(job)
        return as_data(found.children[vector["child"]] if "child" in vector else found)

    def error(self, vector: Mapping[str, Any]) -> dict[str, Any]:
        """Return the error of a response."""
        try:
            self._call(vector)
        except self._errors.APIStatusError as error:
            return {"code": error.code, "message": error.message, "request_id": error.request_id}
        raise AssertionError(f"{vector['name']}: the call must fail")

    def wait(self, vector: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outcome of a wait."""
        clock, script, states = Clock(vector["random"]), Script(self._vectors, vector["responses"]), list[str]()
        operation = self._operations[self._vectors["operation"]]
        taken = {each.name for each in operation.parameters if each.argument == operation.poll.argument}
        given = {name: value for name, value in vector["arguments"].items() if name not in taken}
        client, others = self._client(operation, given, script)
        client._clock = clock

        def tell(snapshot: Any) -> None:
            states.append(str(snapshot.state))

        try:
            done = client.wait_for_job(**others, job_id=vector["job_id"], on_progress=tell, **vector["options"])
            result: dict[str, Any] = {"state": str(done.state)}
        except self._errors.JobFailedError as error:
            result = {"error": "job-failed", "state": str(error.snapshot.state), "reason": error.reason}
        except self._errors.WaitTimeoutError as error:
            result = {"error": "timeout", "state": error.snapshot and str(error.snapshot.state)}
        except self._errors.NotFoundError:
            result = {"error": "not-found"}
        except self._errors.APIStatusError as error:
            result = {"error": "status", "status": error.status_code}
        except self._errors.APIConnectionError:
            result = {"error": "connection"}
        slept = [round(seconds, 2) for seconds in clock.slept]
        return {"requests": script.requests, "slept": slept, "states": states, "result": result}

    def _call(self, vector: Mapping[str, Any]) -> Any:
        recorded = vector["response"]
        content = recorded["body"].encode()
        transport = httpx.MockTransport(
            lambda request: httpx.Response(recorded["status"], headers=recorded["headers"], content=content)
        )
        operation = self._operations[vector["operation"]]
        given = {each.name: "1" for each in operation.parameters if each.required}
        client, others = self._client(operation, given, transport, max_retries=0)
        method: Any = getattr(client, operation.name)
        return method(**others)

    def _client(
        self, operation: Any, given: Mapping[str, str], transport: httpx.BaseTransport, **options: Any
    ) -> tuple[Any, dict[str, str]]:
        """Return a client, and the arguments of a call that the client does not take."""
        module = importlib.import_module(f"{self._package}.{self._service}")
        name = next(each for each in vars(module) if each.endswith("Client") and not each.startswith("Async"))
        parameters = {each.name: each for each in operation.parameters}
        of_client = {parameters[key].argument: value for key, value in given.items() if _is_of_client(parameters[key])}
        others = {parameters[key].argument: value for key, value in given.items() if not _is_of_client(parameters[key])}
        if operation.schemes:
            of_client["auth"] = importlib.import_module(f"{self._package}.auth").Token("a-token")
        return getattr(module, name)(URL, transport=transport, **of_client, **options), others


def _is_of_client(parameter: Any) -> bool:
    return bool(parameter.is_client_parameter)


def as_data(snapshot: Any) -> dict[str, Any]:
    """Return a snapshot in the form that all languages print."""
    started, ended = (moment and moment.isoformat() for moment in (snapshot.started_at, snapshot.ended_at))
    return {
        "id": snapshot.id,
        "state": str(snapshot.state),
        "progress": None if snapshot.progress is None else f"{snapshot.progress:.6f}",
        "started_at": started,
        "ended_at": ended,
        "reason": snapshot.reason,
        "code": snapshot.code,
        "children": [as_data(child) for child in snapshot.children],
    }


def differences(vector: Mapping[str, Any], printed: Mapping[str, Any]) -> list[str]:
    """Return the expected values of a vector that were not printed."""
    found = []
    for key, expected in vector["expect"].items():
        value, wanted = printed[key], expected
        if key == "children":
            value = len(value)
        elif key == "progress" and expected is not None:
            wanted = f"{expected:.6f}"
        elif key == "result":
            # A reason that no vector states is not compared.
            value = {each: value[each] for each in value if expected.get(each) is not None or each != "reason"}
            wanted = {each: expected[each] for each in expected if expected[each] is not None}
        elif key == "states":
            wanted = list(expected)
        if value != wanted:
            found.append(f"{vector['name']}: {key} must be {wanted!r}, got {value!r}")
    return found
