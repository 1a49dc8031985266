"""Every recorded response goes through the client, synchronous and asynchronous, and nothing of it is lost.

The transport replaces the service: it validates each request by the document before it responds.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

import cloudjobs
from cloudjobs import errors
from cloudjobs.auth import Token
from tests.reference import REFERENCE

from .doc_examples import ANY_URL, Operation, Way, document, named, operations, recordings, snake
from .transports import assert_same_json

TOKEN = "a-token"
CLASSES = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    429: errors.RateLimitError,
}
RECORDED = [
    pytest.param(
        Way(operation, asynchronous),
        recording,
        id=f"{operation.service}-{name}-{'async' if asynchronous else 'sync'}",
    )
    for operation in operations()
    for name, recording in recordings(operation.service).items()
    if recording["operation"] == operation.id
    for asynchronous in (False, True)
]
SUCCESSES = [case for case in RECORDED if 200 <= case.values[1]["status"] < 300]
FAILURES = [case for case in RECORDED if case not in SUCCESSES]


def expected_class(status: int) -> type[errors.APIStatusError]:
    return errors.InternalServerError if status >= 500 else CLASSES.get(status, errors.APIStatusError)


class Service:
    """Answers with one recorded response, to the request that it was recorded with."""

    def __init__(self, operation: Operation, recording: dict[str, Any]) -> None:
        self.asked = 0
        self._operation = operation
        self._recording = recording

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        operation, asked = self._operation, self._recording["request"]
        assert request.method == operation.method.upper()
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        assert path == operation.raw_path(asked["path"])
        assert sorted(parse_qsl(query, keep_blank_values=True)) == sorted(
            (name, str(value)) for name, value in asked.get("query", {}).items()
        )
        assert request.content == b""
        assert request.headers["Accept"] == "application/json"
        assert re.fullmatch(rf"cloudjobs/{re.escape(cloudjobs.__version__)}\b.*", request.headers["User-Agent"])
        assert request.headers.get("Content-Type") == operation.request_headers.get("Content-Type")
        scheme = operation.token_scheme
        sent = {name.lower(): value for name, value in request.headers.items() if value == TOKEN}
        assert sent == ({} if scheme is None else {scheme["name"].lower(): TOKEN})
        return httpx.Response(
            self._recording["status"],
            content=self._recording["body"].encode(),
            headers={"Content-Type": self._recording["content_type"]},
        )


async def ask(way: Way, recording: dict[str, Any]) -> Any:
    service = Service(way.operation, recording)
    auth = Token(TOKEN) if way.operation.token_scheme else None
    client = way.client(transport=httpx.MockTransport(service), auth=auth)
    asked = recording["request"]
    arguments = {**asked["path"], **asked.get("query", {}), **asked.get("headers", {})}
    try:
        return await way.call(client, **{snake(name): value for name, value in arguments.items()})
    finally:
        assert service.asked == 1


@pytest.mark.anyio
@pytest.mark.parametrize(("way", "recording"), SUCCESSES)
async def test_recorded_success_becomes_model_and_round_trips(way: Way, recording: dict[str, Any]) -> None:
    reply = await ask(way, recording)
    assert type(reply) is way.operation.reply
    assert_same_json(reply.to_dict(), json.loads(recording["body"]))


@pytest.mark.anyio
@pytest.mark.parametrize(("way", "recording"), SUCCESSES)
async def test_recorded_success_has_no_unknown_field(way: Way, recording: dict[str, Any]) -> None:
    reply = await ask(way, recording)
    assert reply.additional_properties == {}


@pytest.mark.anyio
@pytest.mark.parametrize(("way", "recording"), FAILURES)
async def test_recorded_failure_raises_status_error_with_message(way: Way, recording: dict[str, Any]) -> None:
    with pytest.raises(errors.APIStatusError) as caught:
        await ask(way, recording)
    error = caught.value
    assert type(error) is expected_class(recording["status"])
    assert (error.service, error.operation) == (way.operation.service, way.operation.id)
    assert error.status_code == recording["status"]
    assert error.body == recording["body"].encode()
    said = json.loads(recording["body"])
    if isinstance(said, str):
        assert (error.code, error.message) == (None, said)
    else:
        fields = way.operation.error_fields
        assert error.code == next(said[name] for name in fields["code"] if name in said)
        assert error.message == next(said[name] for name in fields["message"] if name in said)


def test_ges_missing_graph_raises_bad_request_with_code() -> None:
    body = recordings("ges")["graph-not-found"]["body"]
    transport = httpx.MockTransport(lambda request: httpx.Response(400, text=body))
    ges = cloudjobs.GesClient(ANY_URL, project_id="p", transport=transport)
    with pytest.raises(errors.BadRequestError) as caught:
        ges.list_jobs("movidde")
    assert (caught.value.code, caught.value.message) == ("GES.8000", "graph : movidde not exist")
    assert caught.value.request_id is None
    assert str(caught.value) == "ges.list_jobs returned status 400: GES.8000 graph : movidde not exist"


def test_yuanrong_string_body_is_not_found_message() -> None:
    body = recordings("yuanrong")["job-not-found"]["body"]
    transport = httpx.MockTransport(lambda request: httpx.Response(404, text=body))
    yuanrong = cloudjobs.YuanrongClient(ANY_URL, transport=transport)
    with pytest.raises(errors.NotFoundError) as caught:
        yuanrong.get_job("app-xxxxx")
    assert caught.value.message == (
        "not found app, submissionId: app-xxxxx, err: failed to get appjobInfo, submissionID: app-xxxxx"
    )
    assert caught.value.code is None


@pytest.mark.parametrize("operation", operations(), ids=named)
def test_recording_named_by_response_is_its_example(operation: Operation) -> None:
    """A response has the examples of its recordings alone; without one, an error has examples of other names."""
    named_by_responses: dict[str, str] = {}
    for status, response in operation.node["responses"].items():
        examples = response["content"]["application/json"].get("examples", {})
        if "x-recordings" not in response:
            assert not status.startswith("2")
            assert examples
            assert not examples.keys() & recordings(operation.service).keys()
            continue
        assert sorted(examples) == sorted(response["x-recordings"])
        for name, example in examples.items():
            named_by_responses[name] = status
            assert_same_json(example["value"], json.loads(recordings(operation.service)[name]["body"]))
    recorded = {
        name: str(recording["status"])
        for name, recording in recordings(operation.service).items()
        if recording["operation"] == operation.id
    }
    assert named_by_responses == recorded


def test_recordings_of_repository_are_in_client() -> None:
    root = Path(__file__).parents[2] / "openapi" / "recordings"
    in_repository = {(path.parent.name, path.stem) for path in root.glob("*/*.yaml")}
    in_client = {(service, name) for service in REFERENCE for name in recordings(service)}
    assert in_repository == in_client
    assert len(RECORDED) == 2 * len(in_client)


@pytest.mark.parametrize("service", REFERENCE)
def test_service_has_a_recorded_success(service: str) -> None:
    assert document(service)["paths"]
    assert any(200 <= recording["status"] < 300 for recording in recordings(service).values())
