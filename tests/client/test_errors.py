"""Exceptions of a call: one for each kind of failure, with all details from the service."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudjobs import (
    CceClient,
    Deviation,
    DeviationKind,
    GesClient,
    IefClient,
    JobSnapshot,
    Severity,
    YuanrongClient,
    cce,
    errors,
)

from .doc_examples import ANY_URL, WAYS, Operation, Way, named, operations
from .json_values import DETERMINISTIC, anything
from .transports import Answers, one_line

every_way = pytest.mark.parametrize("way", WAYS, ids=named)
every_operation = pytest.mark.parametrize("operation", operations(), ids=named)
CLASS_OF = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    429: errors.RateLimitError,
    **dict.fromkeys(range(500, 600), errors.InternalServerError),
}
RETRYABLE = {408, 429, 500, 502, 503, 504}
ALL_CLASSES = [
    value for value in vars(errors).values() if inspect.isclass(value) and value.__module__ == errors.__name__
]


async def failure(way: Way, status: int, **reply: Any) -> errors.APIStatusError:
    """Return the error that a response becomes."""
    with pytest.raises(errors.APIStatusError) as caught:
        await way.call(way.client(transport=Answers(status, **reply)))
    return caught.value


# Statuses


@every_way
@pytest.mark.anyio
async def test_status_error_of_each_status_has_its_class(way: Way) -> None:
    for status in range(300, 600):
        error = await failure(way, status, json={})
        assert type(error) is CLASS_OF.get(status, errors.APIStatusError), status
        assert error.status_code == status
        assert error.retryable is (status in RETRYABLE), status


def test_status_error_of_unassigned_status_is_raised() -> None:
    for status, kind in [(418, errors.APIStatusError), (499, errors.APIStatusError), (599, errors.InternalServerError)]:
        with (
            pytest.raises(errors.APIStatusError) as caught,
            YuanrongClient(ANY_URL, transport=Answers(status)) as yuanrong,
        ):
            yuanrong.get_job("j")
        assert type(caught.value) is kind
        assert str(status) in str(caught.value)


def test_errors_are_public_and_share_base_class() -> None:
    assert {kind.__name__ for kind in ALL_CLASSES} == set(errors.__all__)
    assert all(issubclass(kind, errors.CloudJobsError) for kind in ALL_CLASSES)
    assert not issubclass(errors.CloudJobsError, httpx.HTTPError | ValueError)


def test_errors_of_status_derive_from_api_status_error() -> None:
    for kind in (
        errors.APIConnectionError,
        errors.InvalidResponseError,
        errors.ContractViolationError,
        errors.APIStatusError,
    ):
        assert kind.__bases__ == (errors.APIError,)
    for kind in CLASS_OF.values():
        assert kind.__bases__ == (errors.APIStatusError,)


def test_api_error_is_the_base_of_the_errors_of_one_request_alone() -> None:
    of_clients_waits_and_pages = {
        errors.ClientStateError,
        errors.MissingCredentialsError,
        errors.JobFailedError,
        errors.WaitTimeoutError,
        errors.WaitFailedError,
        errors.WaitCancelledError,
        errors.PaginationError,
    }
    assert {kind for kind in ALL_CLASSES if not issubclass(kind, errors.APIError)} == {
        errors.CloudJobsError,
        *of_clients_waits_and_pages,
    }


def test_timeout_errors_are_builtin_timeout_errors() -> None:
    assert {kind for kind in ALL_CLASSES if issubclass(kind, TimeoutError)} == {
        errors.APITimeoutError,
        errors.WaitTimeoutError,
    }
    assert issubclass(errors.APITimeoutError, errors.APIConnectionError)


# Bodies of failures

WITHOUT_WORDS = {
    "text": b"404 page not found\n",
    "HTML": b"<html><body><h1>502 Bad Gateway</h1>\r\n</body></html>",
    "empty": b"",
    "truncated": b'{"errorCode": "GES.80',
    "array": b'[{"errorCode": "C"}]',
    "null": b"null",
    "number": b"17",
    "boolean": b"false",
    "object of nothing known": b'{"detail": "no"}',
    "empty object": b"{}",
    "empty string": b'""',
    "not UTF-8": b'{"errorMessage": "\xff\xfe"}',
    "nested": b"[" * 100_000,
}


@every_way
@pytest.mark.parametrize("body", WITHOUT_WORDS.values(), ids=WITHOUT_WORDS)
@pytest.mark.anyio
async def test_status_error_without_message_keeps_body(way: Way, body: bytes) -> None:
    for status in (400, 418, 503):
        error = await failure(way, status, content=body)
        assert type(error) is CLASS_OF.get(status, errors.APIStatusError)
        assert (error.code, error.message or None, error.request_id) == (None, None, None)
        assert error.body == body
        assert one_line(error)
        assert f"{way.operation.service}.{way.operation.name}" in str(error)


@every_way
@pytest.mark.anyio
async def test_status_error_json_string_body_is_message(way: Way) -> None:
    error = await failure(way, 404, json="no such job: 17")
    assert (error.code, error.message) == (None, "no such job: 17")
    assert str(error) == f"{way.operation.service}.{way.operation.name} returned status 404: no such job: 17"


Place = str | dict[str, str]


def error_fields_of(operation: Operation) -> list[tuple[str, list[Place]]]:
    return list(operation.error_locations.items())


def saying(texts: list[tuple[Place, str | None]]) -> dict[str, Any]:
    """Return a response that says texts at places, which are fields of its body or headers; a header cannot be null."""
    return {
        "json": {place: text for place, text in texts if isinstance(place, str)},
        "headers": {place["header"]: text or "" for place, text in texts if isinstance(place, dict)},
    }


def test_error_fields_are_in_bodies_and_headers() -> None:
    places = [place for operation in operations() for _, places in error_fields_of(operation) for place in places]
    assert {type(place) for place in places} == {str, dict}


@every_way
@pytest.mark.anyio
async def test_error_field_under_each_name_is_found(way: Way) -> None:
    for part, places in error_fields_of(way.operation):
        for place in places:
            error = await failure(way, 400, **saying([(place, f"the {part} at {place}")]))
            assert getattr(error, part) == f"the {part} at {place}"
            others = {"code", "message", "request_id"} - {part}
            assert {getattr(error, other) for other in others} == {None}


@every_way
@pytest.mark.anyio
async def test_error_field_first_non_empty_name_wins(way: Way) -> None:
    for part, places in error_fields_of(way.operation):
        for number, first in enumerate(places):
            for nothing in ("", None):
                texts = [(place, f"at {place}" if place in places[number:] else nothing) for place in reversed(places)]
                assert getattr(await failure(way, 500, **saying(texts)), part) == f"at {first}"
        assert getattr(await failure(way, 500, **saying([(place, "") for place in places])), part) is None
        assert getattr(await failure(way, 500, **saying([(place, None) for place in places])), part) is None


@every_way
@pytest.mark.anyio
async def test_error_field_in_header_is_found_for_any_body(way: Way) -> None:
    for part, places in error_fields_of(way.operation):
        for place in places:
            if isinstance(place, dict):
                for body in (b"", b"<html></html>", b'"a bare string"', b"[]", b"{"):
                    headers = {place["header"].upper(): f"the {part}"}
                    assert getattr(await failure(way, 502, content=body, headers=headers), part) == f"the {part}"


def test_cce_error_with_both_styles_is_decoded() -> None:
    body = {
        "errorCode": "CCE_CM.0003",
        "errorMessage": "Resource not found",
        "error_code": "CCE_CM.0003",
        "error_msg": "Resource not found",
        "message": "resource job not found",
        "reason": "NotFound",
        "request_id": "4a5f",
    }
    cce = CceClient(ANY_URL, project_id="p", transport=Answers(404, json=body))
    with pytest.raises(errors.NotFoundError) as caught:
        cce.get_job("j")
    error = caught.value
    assert (error.code, error.message, error.request_id) == ("CCE_CM.0003", "Resource not found", "4a5f")
    assert str(error) == "cce.get_job returned status 404: CCE_CM.0003 Resource not found"
    assert json.loads(error.body) == body


@pytest.mark.parametrize(
    "call",
    [
        lambda transport: CceClient(ANY_URL, project_id="p", transport=transport).get_job("j"),
        lambda transport: GesClient(ANY_URL, project_id="p", transport=transport).list_jobs("g"),
        lambda transport: IefClient(ANY_URL, project_id="p", transport=transport).get_batch_job("j"),
    ],
    ids=["cce", "ges", "ief"],
)
def test_gateway_error_style_is_decoded(call: Callable[[Any], object]) -> None:
    body = {"error_code": "APIGW.0101", "error_msg": "The API does not exist", "request_id": "acb1"}
    with pytest.raises(errors.NotFoundError) as caught:
        call(Answers(404, json=body))
    error = caught.value
    assert (error.code, error.message, error.request_id) == ("APIGW.0101", "The API does not exist", "acb1")


@every_operation
def test_status_error_any_json_body_is_raised(operation: Operation) -> None:
    names = [name for names in operation.error_fields.values() for name in names]
    objects = st.dictionaries(st.sampled_from([*names, "other"]), anything, max_size=len(names) + 1)
    status = st.integers(300, 599)
    way = Way(operation, asynchronous=False)
    answer: dict[str, Any] = {}
    client = way.answering(lambda request: httpx.Response(**answer))
    method = getattr(client, operation.name)

    @DETERMINISTIC
    @given(status, objects | anything)
    def holds(status: int, body: object) -> None:
        answer.update(status_code=status, content=json.dumps(body))
        with pytest.raises(errors.APIStatusError) as caught:
            method(**operation.arguments())
        error = caught.value
        assert type(error) is CLASS_OF.get(status, errors.APIStatusError)
        assert {type(part) for part in (error.code, error.message, error.request_id)} <= {str, type(None)}
        assert json.loads(error.body) == body

    holds()


@every_way
@pytest.mark.anyio
async def test_error_str_of_multiline_message_is_one_line(way: Way) -> None:
    message = "first line\nsecond\r\nthird\u2028fourth"
    error = await failure(way, 500, json=message)
    assert error.message == message
    assert one_line(error)


# Copies

FAILED = JobSnapshot.from_job(cce.Job.from_dict({"metadata": {"uid": "j"}, "status": {"phase": "Failed"}}))
EXAMPLES = [
    *(
        kind(
            f"an {kind.__name__}",
            service="ges",
            operation="listJobs",
            status_code=status,
            code="C",
            message="no\nline",
            request_id="r",
            body=b"\xff",
        )
        for kind, status in {
            errors.APIStatusError: 418,
            errors.TokenError: 401,
            **{kind: status for status, kind in CLASS_OF.items()},
        }.items()
    ),
    errors.InvalidResponseError("no object", service="cce", operation="getJob", status_code=200, body=b"[]"),
    errors.ContractViolationError(
        "departs in two places",
        service="cce",
        operation="getJob",
        violations=[
            Deviation("/kind", "one of 'Job'", None, DeviationKind.ENUM),
            Deviation("/spec/subJobs/0", "no such field", None, DeviationKind.UNDOCUMENTED, Severity.NOTICE),
        ],
    ),
    errors.APIConnectionError("no reply", service="cce", operation="getJob"),
    errors.APITimeoutError("no reply in time", service="cce", operation="getJob"),
    errors.APIError("anything", service="cce", operation="getJob"),
    errors.CloudJobsError("anything", service="cce", operation="getJob"),
    errors.JobFailedError(
        "failed", service="cce", operation="getJob", snapshot=FAILED, failed_child=FAILED, reason="no room"
    ),
    errors.WaitTimeoutError("too long", service="cce", operation="getJob", snapshot=FAILED, snapshots={}, timeout=9.0),
    errors.WaitFailedError(
        "one is lost",
        service="cce",
        operation="getJob",
        results={"j": FAILED},
    ),
    errors.WaitCancelledError("given up", service="cce", operation="getJob", snapshot=None, snapshots={"j": FAILED}),
    errors.ClientStateError("closed", service="cce", operation="getJob"),
    errors.MissingCredentialsError("no credentials", service="cce", operation="getJob"),
    errors.PaginationError("no pages", service="ges", operation="listJobs", parameter="limit"),
]
COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda error, protocol=protocol: pickle.loads(pickle.dumps(error, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}


# Construction, as by mocks


@pytest.mark.parametrize("kind", ALL_CLASSES, ids=lambda kind: kind.__name__)
def test_error_constructed_for_a_mock_has_every_attribute(kind: type[errors.CloudJobsError]) -> None:
    required = {"snapshot": FAILED} if issubclass(kind, errors.JobFailedError) else {}
    derived = {"errors"} if issubclass(kind, errors.WaitFailedError) else set()
    error = kind("gone", **required)
    attributes = {name for each in kind.__mro__ for name in inspect.get_annotations(each) if not name.startswith("_")}
    assert {"service", "operation"} <= attributes
    for name in attributes:
        getattr(error, name)
    assert str(error) == "gone"
    # Each attribute can be given, and nothing else.
    given = {name: getattr(error, name) for name in attributes - derived}
    assert vars(kind("gone", **given)) == vars(error)
    with pytest.raises(TypeError, match="unexpected keyword argument 'statuscode'"):
        kind("gone", **required, statuscode=404)


def test_status_error_constructed_without_status_has_that_of_its_class() -> None:
    found = {kind: kind().status_code for kind in ALL_CLASSES if issubclass(kind, errors.APIStatusError)}
    for status, kind in CLASS_OF.items():
        assert found[kind] == min(each for each, other in CLASS_OF.items() if other is kind), status
    assert CLASS_OF.get(found[errors.APIStatusError]) is None
    assert errors.status_error_class(found[errors.APIStatusError]) is errors.APIStatusError


def test_errors_docstring_tree_matches_classes() -> None:
    drawn = re.findall(r"^ {4}([ │]*)[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)
    assert {name for _, name in drawn} == set(errors.__all__) - {"CloudJobsError"}
    above: list[type[Exception]] = [errors.CloudJobsError]
    for indent, name in drawn:
        depth = len(indent) // 4 + 1
        kind = getattr(errors, name)
        assert kind.__bases__[0] is above[depth - 1], name
        assert set(kind.__bases__[1:]) <= {TimeoutError, RuntimeError}, name
        above[depth:] = [kind]


def test_error_examples_cover_every_class() -> None:
    assert {type(error) for error in EXAMPLES} == set(ALL_CLASSES)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("duplicate", COPIES.values(), ids=COPIES)
def test_error_copy_and_pickle_keep_attributes(error: errors.CloudJobsError, duplicate: Any) -> None:
    again = duplicate(error)
    assert again is not error
    assert type(again) is type(error)
    assert (str(again), again.args) == (str(error), error.args)
    assert vars(again) == vars(error)
    assert repr(again) == repr(error)
    if isinstance(error, errors.APIStatusError):
        assert again.retryable is error.retryable


@every_way
@pytest.mark.anyio
async def test_error_raised_by_call_pickles_with_attributes(way: Way) -> None:
    error = await failure(way, 503, json={"errorCode": "C", "error_code": "C"})
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.InternalServerError
    assert vars(again) == vars(error)


@every_way
@pytest.mark.anyio
@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b" no such\nroute ", "text/plain; charset=utf-8", "no such route"),
        (b"x" * 600, "Text/Plain", "x" * 500 + "…"),
        (b"caf\xe9", "text/plain", "caf\N{REPLACEMENT CHARACTER}"),
        (b"", "text/plain", None),
        (b"<html>gone</html>", "text/html", None),
        (b"gone", "application/json", None),
    ],
)
async def test_status_error_plain_text_body_is_message(
    way: Way, content: bytes, kind: str, message: str | None
) -> None:
    error = await failure(way, 404, content=content, headers={"Content-Type": kind})
    assert (error.message, error.body) == (message, content)
