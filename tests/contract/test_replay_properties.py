"""The replay server rejects, for whatever requests schemathesis makes up, those that are wrong, and no others.

An independent reading of each request decides which status is right. `test_schemathesis.py` is the overview: it tests
the form of the responses, and gives the reasons for the explicit list of checks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    not_a_server_error,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cloudjobs.testing import replay_app

from .contracts import METHODS, Operation, Recorded, named, operations, recorded, resolved, same_json, types_of
from .live_helpers import page

CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    not_a_server_error,
]
SETTINGS = settings(derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
MANY, FEW = 100, 20

SUCCESSES = [one for one in recorded() if one.is_success]
IDENTIFIED = [operation for operation in operations() if operation.identifying]
SECURED = [operation for operation in operations() if operation.requires_credentials]
OPEN = [one for one in SUCCESSES if not one.operation.requires_credentials]
UNFAMILIAR = ("CONNECT", "PROPFIND")


def takes_any_text(parameter: dict[str, Any]) -> bool:
    """Return whether every value is valid for a parameter; one of a query can be given twice."""
    shortest = {"path": 1, "header": 0}.get(parameter["in"], -1)
    constraints = parameter["schema"].keys() & {"enum", "const", "pattern", "maxLength", "minimum", "maximum"}
    return (
        "string" in types_of(parameter["schema"])
        and not constraints
        and parameter["schema"].get("minLength", 0) <= shortest
        and (parameter["in"] == "path" or not parameter.get("required"))
    )


def can_be_wrong(operation: Operation, *but: str) -> bool:
    """Return whether an operation has a parameter that a request can get wrong, besides those of these names."""
    return not all(takes_any_text(one) for one in operation.parameters if one["name"] not in but)


NEGATABLE = [operation for operation in operations() if can_be_wrong(operation)]
UNNEGATABLE = [operation for operation in operations() if not can_be_wrong(operation)]
PINNED = [operation for operation in NEGATABLE if can_be_wrong(operation, *operation.identifying)]


def test_recordings_each_operation_has_a_success() -> None:
    assert {named(one.operation) for one in SUCCESSES} == {named(operation) for operation in operations()}


def cases(
    operation: Operation,
    document: dict[str, Any],
    *,
    mode: GenerationMode = GenerationMode.POSITIVE,
    pinned: Mapping[str, str] | None = None,
) -> SearchStrategy[Case[Any]]:
    """Return requests for one operation of a document, to the stand-in for its service."""
    schema = schemathesis.openapi.from_dict(document)
    schema.app = replay_app(operation.service)
    found = schema[operation.path][operation.method]
    strategy: SearchStrategy[Case[Any]] = found.as_strategy(
        generation_mode=mode, path_parameters=dict(pinned or {}) or None
    )
    return strategy


def for_all(strategy: SearchStrategy[Case[Any]], examples: int, check: Callable[[Case[Any]], None]) -> None:
    """Run a check on each of many requests; what fails tells its request."""

    @settings(SETTINGS, max_examples=examples)
    @given(strategy)
    def run(case: Case[Any]) -> None:
        try:
            check(case)
        except Exception as error:
            error.add_note(case.as_curl_command())
            raise

    run()


def least(operation: Operation, pinned: Mapping[str, str]) -> int:
    """Return the minimum number of requests: one if all parameters are fixed."""
    free = [one for one in operation.parameters if one["name"] not in pinned]
    if any(not one["schema"].keys() & {"enum", "const"} and types_of(one["schema"]) != ["boolean"] for one in free):
        return FEW
    return 2 if free else 1


def as_sent(operation: Operation, response: Response) -> list[str]:
    """Return the errors in the parameters of a sent request."""
    return operation.request_errors(
        str(response.request.url), {name: str(text) for name, text in response.request.headers.items()}
    )


def wrong_cases(operation: Operation, pinned: Mapping[str, str] | None = None) -> SearchStrategy[Case[Any]]:
    """Return requests with wrong parameters. A missing credential does not count as wrong."""
    document = deepcopy(operation.contract.full)
    document.pop("security", None)
    document["paths"][operation.path][operation.method.lower()].pop("security", None)
    return cases(operation, document, mode=GenerationMode.NEGATIVE, pinned=pinned)


def without_credentials(operation: Operation, case: Case[Any]) -> None:
    """Remove from a request the values that were generated for its security schemes."""
    for way in operation.schemes:
        for scheme in way:
            case.headers.pop(scheme["name"], None)


@pytest.mark.parametrize("one", SUCCESSES, ids=named)
def test_replay_valid_request_for_recorded_id_succeeds(one: Recorded) -> None:
    operation, replies = one.operation, []

    def check(case: Case[Any]) -> None:
        checks = [*CONFORMANCE, positive_data_acceptance]
        response = case.call_and_validate(headers=operation.credentials, checks=checks)
        assert as_sent(operation, response) == []
        assert 200 <= response.status_code < 300
        replies.append(response.json())

    for_all(cases(operation, operation.contract.view, pinned=one.identity), MANY, check)
    assert len(replies) >= least(operation, one.identity)
    # Without a query the whole recording is served, unless the default limit is smaller.
    assert any(same_json(reply, whole) for reply in replies for whole in (one.body, page(one, {})))


@pytest.mark.parametrize("operation", IDENTIFIED, ids=named)
def test_replay_valid_request_for_unknown_id_fails(operation: Operation) -> None:
    statuses = []

    def check(case: Case[Any]) -> None:
        response = case.call_and_validate(headers=operation.credentials, checks=CONFORMANCE)
        assert as_sent(operation, response) == []
        assert 400 <= response.status_code < 500
        assert response.status_code not in (401, 405)
        statuses.append(response.status_code)

    document = deepcopy(operation.contract.full)
    for parameter in document["components"]["parameters"].values():
        # Recorded IDs, of which schemathesis would ask for.
        parameter.pop("examples", None)
    for_all(cases(operation, document), MANY, check)
    assert len(statuses) >= FEW


@pytest.mark.parametrize("operation", PINNED, ids=named)
def test_replay_invalid_parameter_is_rejected_with_400(operation: Operation) -> None:
    one = next(one for one in SUCCESSES if one.operation is operation)
    refused = []

    def check(case: Case[Any]) -> None:
        response = case.call(headers=operation.credentials)
        case.validate_response(response, checks=[*CONFORMANCE, negative_data_rejection])
        wrong = as_sent(operation, response)
        # The error of a value can get lost in the URL: there, `true` is a string like `"true"`.
        assert response.status_code == 400 if wrong else 200 <= response.status_code < 300, wrong
        refused.extend(wrong[:1])

    # Known things: where a thing is unknown, its failure hides whether the parameters were looked at.
    for_all(wrong_cases(operation, one.identity), MANY, check)
    assert len(refused) >= FEW


@pytest.mark.parametrize("operation", NEGATABLE, ids=named)
def test_replay_invalid_request_never_succeeds(operation: Operation) -> None:
    refused = []

    def check(case: Case[Any]) -> None:
        response = case.call(headers=operation.credentials)
        case.validate_response(response, checks=[*CONFORMANCE, negative_data_rejection])
        wrong = as_sent(operation, response)
        assert not wrong or response.status_code == 400, wrong
        refused.extend(wrong[:1])

    for_all(wrong_cases(operation), MANY, check)
    assert len(refused) >= FEW


@pytest.mark.parametrize("operation", UNNEGATABLE, ids=named)
def test_wrong_cases_any_string_accepted_gives_no_case(operation: Operation) -> None:
    with pytest.raises(Unsatisfiable):
        for_all(wrong_cases(operation), 1, lambda case: None)


def bad_credentials(operation: Operation) -> dict[str, dict[str, str]]:
    """Return headers without valid credentials, by their error."""
    found: dict[str, dict[str, str]] = {"none": {}}
    for way in operation.schemes:
        for scheme in way:
            name, described = scheme["name"], scheme.get("x-auth", {})
            found[f"{name} empty"] = {name: ""}
            if "maxLength" in described:
                found[f"{name} too long"] = {name: "x" * (described["maxLength"] + 1)}
            if described.get("method") == "aksk":
                found[f"{name} of another algorithm"] = {name: "Bearer a"}
                found[f"{name} that ends too soon"] = {name: "SDK-HMAC-SHA256 "}
    return found


@pytest.mark.parametrize(
    ("operation", "headers"),
    [
        pytest.param(operation, headers, id=f"{named(operation)}-{name}")
        for operation in SECURED
        for name, headers in bad_credentials(operation).items()
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_replay_without_credentials_is_rejected_with_401(
    operation: Operation, headers: dict[str, str], known: bool
) -> None:
    one = next(one for one in SUCCESSES if one.operation is operation)
    said = []

    def check(case: Case[Any]) -> None:
        without_credentials(operation, case)
        response = case.call_and_validate(headers=dict(headers), checks=CONFORMANCE)
        assert response.status_code == 401
        said.append(message(operation, response))

    pinned = one.identity if known else {}
    for_all(cases(operation, operation.contract.full, pinned=pinned), FEW, check)
    assert len(said) >= least(operation, pinned) // 2
    assert all(said)


def message(operation: Operation, response: Response) -> str:
    """Return the message of a failure, where the document says that it stands."""
    body = response.json()
    if isinstance(body, str):
        return body
    content = operation.content(operation.contract.full, response.status_code)
    places = resolved(operation.contract.full, content["application/json"])["x-error"]["message"]
    return next(str(body[place]) for place in places if place in body)


@pytest.mark.parametrize("one", OPEN, ids=named)
def test_replay_open_operation_needs_no_credentials(one: Recorded) -> None:
    operation, statuses = one.operation, []

    def check(case: Case[Any]) -> None:
        without_credentials(operation, case)
        response = case.call_and_validate(checks=[*CONFORMANCE, positive_data_acceptance])
        statuses.append(response.status_code)

    for_all(cases(operation, operation.contract.view, pinned=one.identity), MANY, check)
    assert len(statuses) >= least(operation, one.identity)
    assert all(200 <= status < 300 for status in statuses)


@pytest.mark.parametrize("operation", operations(), ids=named)
def test_replay_other_method_returns_405_with_allow(operation: Operation) -> None:
    seen = set()

    def check(case: Case[Any]) -> None:
        for method in sorted({*METHODS, *UNFAMILIAR} - {*operation.allowed}):
            setattr(case, "method", method)  # noqa: B010 - its type has no room for unfamiliar methods
            response = case.call(headers=operation.credentials)
            assert response.status_code == 405
            assert response.headers["allow"] == [", ".join(operation.allowed)]
            seen.add((method, str(response.request.url)))

    for_all(cases(operation, operation.contract.full), FEW, check)
    assert len(seen) >= FEW
