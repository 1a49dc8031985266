"""Schemathesis holds the document of each service against its recordings and against the replay server.

    make contract                 every service
    make contract SERVICE=ges     one service

1. Every recording is a response that the document allows; a changed copy is reported.
2. The replay server keeps to the document in the phases examples, coverage and fuzzing, valid and invalid.
3. It keeps to it in sequences of requests (phase stateful), made by links from `x-poll` and `x-pagination`.
4. A server with a fault is reported by the same checks.

Checks are listed here, because some of schemathesis's own send requests to the server in the document. Responses that
are only inferred are left out, because with `default` among them every status is documented. Requests are for recorded
things, because a request for an unknown thing has no documented success. Schemathesis does not see a `limit` that is
ignored, a job that never ends or progress that falls; the checker's rules do (`test_sequence_rules.py`).
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, Response
from schemathesis import checks as of
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput
from schemathesis.schemas import BaseSchema
from starlette.types import ASGIApp

from cloudjobs.testing import replay_app
from generator.documents.json_pointer import child, find, resolve
from generator.documents.mappings import JobMapping
from generator.documents.schema_view import flatten
from tests.exhaustive import sample

from .contracts import Contract, Recorded, contracts, named, recorded
from .live_helpers import Altered

CONFORMANCE = [
    of.not_a_server_error,
    of.status_code_conformance,
    of.content_type_conformance,
    of.response_headers_conformance,
    of.response_schema_conformance,
]
BY_REQUEST = [of.positive_data_acceptance, of.negative_data_rejection, of.unsupported_method]
SLOW = [HealthCheck.filter_too_much, HealthCheck.too_slow]
SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=sample(25), suppress_health_check=SLOW)


def successes(contract: Contract) -> list[Recorded]:
    """Return the first recorded success of each operation."""
    found = [one for one in recorded() if one.operation.contract is contract and one.is_success]
    return list({one.operation.id: one for one in reversed(found)}.values())


def schema_of(contract: Contract, app: ASGIApp | None = None) -> BaseSchema:
    """Return the document as schemathesis reads it, for recorded things and with links between requests.

    Path parameters take the recorded values only. A link leads from a job to the same job by its own ID, and from a
    page of jobs to the next.
    """
    document = deepcopy(contract.view)
    for one in successes(contract):
        pointer = child("/paths", one.operation.path, one.operation.method.lower())
        operation, parameters = resolve(document, pointer), []
        for each in one.operation.parameters:
            if each["in"] == "path":
                value = one.path[each["name"]]
                each |= {"schema": {"enum": [value]}, "examples": {"recorded": {"value": value}}}
            parameters.append(each)
        arguments = {f"path.{name}": f"$request.path.{name}" for name in one.path}
        if argument := operation.get("x-poll", {}).get("argument"):
            (body,) = (where for where, _ in find(document, f"{child(pointer, 'responses', 200)}/content/*/schema"))
            (field, *_) = JobMapping.from_extension(flatten(document, body).first("x-job")).id
            arguments[f"path.{argument}"] = f"$response.body#/{field.replace('.', '/')}"
        if pages := operation.get("x-pagination"):
            arguments[f"query.{pages['offset']}"] = f"$response.body#/{pages['count']}"
        operation["parameters"] = parameters
        operation["responses"]["200"]["links"] = {"next": {"operationId": one.operation.id, "parameters": arguments}}
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app or replay_app(contract.name)
    return schema


def headers_of(contract: Contract) -> dict[str, str]:
    """Return valid credentials for every operation of a service."""
    return {name: text for one in successes(contract) for name, text in one.operation.credentials.items()}


each_contract = pytest.mark.parametrize("contract", contracts().values(), ids=named)


# 1. Recordings


def validate(one: Recorded, status: int, content_type: str, body: str) -> None:
    """Validate a response to the request of a recording."""
    operation = schema_of(one.operation.contract)[one.operation.path][one.operation.method]
    case = operation.Case(path_parameters=one.path, query=one.query, headers=one.headers)
    request = requests.Request(one.operation.method, f"https://service.example.com{one.asking()}").prepare()
    headers = {"content-type": [content_type]}
    response = Response(status, headers, body.encode(), request, elapsed=0.0, verify=True)
    case.validate_response(response, checks=CONFORMANCE)


@pytest.mark.parametrize("one", recorded(), ids=named)
def test_recording_keeps_to_its_document(one: Recorded) -> None:
    validate(one, one.status, one.recording.content_type, one.recording.text)


@pytest.mark.parametrize("one", recorded(), ids=named)
@pytest.mark.parametrize(
    "change",
    [{"status": 418}, {"content_type": "text/html"}, {"body": "[7]"}, {"body": '{"a'}],
    ids=["undocumented status", "other media type", "other body", "incomplete body"],
)
def test_changed_recording_is_reported(one: Recorded, change: dict[str, Any]) -> None:
    recording = {"status": one.status, "content_type": one.recording.content_type, "body": one.recording.text}
    with pytest.raises(FailureGroup):
        validate(one, **{**recording, **change})


# 2. The replay server: examples, coverage, fuzzing


def check_replay(case: Case[Any], contract: Contract) -> Response:
    """Send a request to the replay server, and check the response.

    A request that keeps to the document as it was sent may succeed: `format` asserts nothing, so that schemathesis
    takes some valid requests for invalid ones, such as one with an integer beyond 64 bits.
    """
    response = case.call(headers=headers_of(contract))
    operation = next(each.operation for each in successes(contract) if each.operation.path == case.path)
    given = {str(name): str(text) for name, text in response.request.headers.items()}
    is_valid = not operation.request_errors(str(response.request.url), given)
    excluded = [of.negative_data_rejection] if is_valid else []
    case.validate_response(response, checks=[*CONFORMANCE, *BY_REQUEST], excluded_checks=excluded)
    return response


def replay_test(contract: Contract) -> Any:
    """Return a test of the replay server of one service, with an item for each operation."""

    @schema_of(contract).parametrize()
    @SETTINGS
    def test(case: Case[Any]) -> None:
        check_replay(case, contract)

    return test


for each in contracts().values():
    globals()[f"test_replay_{each.name}_keeps_to_its_document"] = replay_test(each)


# 3. The replay server: sequences of requests


@each_contract
def test_replay_keeps_to_its_document_in_sequences(contract: Contract) -> None:
    lengths = []

    class Sequences(schema_of(contract).as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            lengths.append(0)

        def step(self, step: StepInput) -> StepOutput:
            lengths[-1] += step.is_applied
            return StepOutput(check_replay(step.case, contract), step.case)

    Sequences.run(settings=settings(SETTINGS, stateful_step_count=4))
    assert max(lengths) > 2


# 4. Faults


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"status": 418}, "Undocumented status code"),
        ({"status": 500}, "Server error"),
        ({"media_type": "text/html"}, "Undocumented Content-Type"),
        ({"body": "[7]"}, "Response violates schema"),
        ({"body": '{"a'}, "JSON deserialization error"),
    ],
    ids=["undocumented status", "server error", "other media type", "other body", "incomplete body"],
)
@each_contract
def test_faulty_server_is_reported(contract: Contract, change: dict[str, Any], title: str) -> None:
    schema = schema_of(contract, Altered(replay_app(contract.name), **change))
    for one in successes(contract):
        case = schema[one.operation.path][one.operation.method].Case(path_parameters=one.path)
        with pytest.raises(FailureGroup) as caught:
            case.call_and_validate(headers=headers_of(contract), checks=CONFORMANCE)
        assert title in [failure.title for failure in caught.value.exceptions]
