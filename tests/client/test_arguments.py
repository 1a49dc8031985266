"""Arguments as they are sent: parameters by style and explode, bodies by media type, and which calls are repeated."""

from __future__ import annotations

import email
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

import cloudjobs.errors
from cloudjobs import CceClient
from cloudjobs._operations import Operation, Parameter, RequestBody, SuccessResponse, request_target
from cloudjobs.cce.models import Job
from cloudjobs.cce.operations import GET_JOB

LIST, OBJECT = ["a", "b c"], {"k": 1, "l": True}


def target(parameter: Parameter, value: object, path: str = "/x") -> Any:
    operation: Operation[Any] = Operation("own", "getX", "GET", path, Job, (parameter,))
    return request_target(operation, {parameter.argument: value}, {})


# The first rows are the table "Style Examples" of OpenAPI 3.1, with our values.
@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("form", True, LIST, [("ids", "a"), ("ids", "b c")]),
        ("form", False, LIST, [("ids", "a,b c")]),
        ("form", True, OBJECT, [("k", "1"), ("l", "true")]),
        ("form", False, OBJECT, [("ids", "k,1,l,true")]),
        ("spaceDelimited", False, LIST, [("ids", "a b c")]),
        ("pipeDelimited", False, LIST, [("ids", "a|b c")]),
        ("deepObject", True, OBJECT, [("ids[k]", "1"), ("ids[l]", "true")]),
        ("json", False, {"k": ["ä"]}, [("ids", '{"k":["ä"]}')]),
        ("form", True, [], []),
        ("form", False, [], []),
        ("form", True, (1, 2.5, False), [("ids", "1"), ("ids", "2.5"), ("ids", "false")]),
        ("form", True, date(2026, 2, 1), [("ids", "2026-02-01")]),
        ("form", True, datetime(2026, 2, 1, tzinfo=UTC), [("ids", "2026-02-01T00:00:00+00:00")]),
    ],
)
def test_query_parameter_style_writes_value(style: Any, explode: bool, value: object, expected: object) -> None:
    assert list(target(Parameter("ids", "ids", "query", style=style, explode=explode), value).query) == expected


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("simple", False, LIST, "/a,b%20c"),
        ("simple", True, OBJECT, "/k=1,l=true"),
        ("simple", False, OBJECT, "/k,1,l,true"),
        ("label", False, "a/b", "/.a%2Fb"),
        ("label", True, LIST, "/.a.b%20c"),
        ("label", True, OBJECT, "/.k=1.l=true"),
        ("matrix", False, "a", "/;ids=a"),
        ("matrix", False, LIST, "/;ids=a,b%20c"),
        ("matrix", True, LIST, "/;ids=a;ids=b%20c"),
        ("matrix", True, OBJECT, "/;k=1;l=true"),
    ],
)
def test_path_parameter_style_writes_value(style: Any, explode: bool, value: object, expected: str) -> None:
    parameter = Parameter("ids", "ids", "path", required=True, style=style, explode=explode)
    assert target(parameter, value, "/{ids}").path == expected


def test_header_and_cookie_parameters_write_lists() -> None:
    assert target(Parameter("X-Ids", "ids", "header", style="simple"), LIST).headers == {"X-Ids": "a,b c"}
    assert target(Parameter("X-Ids", "ids", "header", style="simple", explode=True), OBJECT).headers == {
        "X-Ids": "k=1,l=true"
    }
    assert target(Parameter("sid", "sid", "cookie"), "a;b").headers == {"Cookie": "sid=a%3Bb"}


@pytest.mark.parametrize("value", [[{"a": 1}], object(), [None]])
def test_query_parameter_of_other_type_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="ids must be a str, number, date or UUID"):
        target(Parameter("ids", "ids", "query", style="form", explode=True), value)


@pytest.mark.parametrize("location", ["path", "query", "header", "cookie"])
def test_list_for_parameter_of_one_value_is_refused(location: Any) -> None:
    with pytest.raises(ValueError, match="ids must be a str, number, date or UUID, got list"):
        target(Parameter("ids", "ids", location), LIST, "/{ids}" if location == "path" else "/")


def sent(body: RequestBody, value: object, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> Any:
    """Return the request that a client sends with this body, over the real sender."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(204)

    operation: Operation[None] = Operation(
        "own", "makeX", "POST", "/x", None, body=body, responses=(SuccessResponse("204", kind="none"),)
    )
    with CceClient("http://127.0.0.1:1", transport=httpx.MockTransport(answer or respond), auth=None) as client:
        assert client._send(operation, {"body": value}).parse() is None
    return requests[0]


def test_json_body_writes_models_with_wire_names() -> None:
    job = Job.from_dict({"kind": "Job", "spec": {"clusterUID": "ü"}, "new": [None]})
    request = sent(RequestBody(), {"jobs": [job], "on": date(2026, 2, 1)})
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.content) == {"jobs": [job.to_dict()], "on": "2026-02-01"}
    assert request.headers["Content-Length"] == str(len(request.content))


def test_form_body_repeats_items_of_lists() -> None:
    request = sent(RequestBody("application/x-www-form-urlencoded"), {"a": "x y", "b": [1, True], "c": None, "d": {}})
    assert parse_qsl(request.content.decode()) == [("a", "x y"), ("b", "1"), ("b", "true"), ("d", "{}")]


def test_multipart_body_has_files_and_fields() -> None:
    request = sent(RequestBody("multipart/form-data"), {"a": "x", "f": b"\x00\xff", "g": ("n.txt", b"t", "text/plain")})
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = email.message_from_bytes(head + request.content).get_payload()
    assert [
        (part.get_param("name", header="content-disposition"), part.get_filename(), part.get_payload(decode=True))
        for part in parts
        if not isinstance(part, str)
    ] == [("a", None, b"x"), ("f", "f", b"\x00\xff"), ("g", "n.txt", b"t")]


def test_binary_and_text_bodies_are_sent_as_given() -> None:
    assert sent(RequestBody("application/octet-stream"), b"\x00").content == b"\x00"
    assert sent(RequestBody("text/plain"), "ü").content == "ü".encode()


@pytest.mark.parametrize(
    ("body", "value", "message"),
    [
        (RequestBody(required=True), None, "body is missing"),
        (RequestBody(), {"a": object()}, "must be JSON"),
        (RequestBody("text/plain"), 5, "must be bytes, a str or a file"),
        (RequestBody("multipart/form-data"), "x", "must be a model or a mapping"),
    ],
)
def test_body_of_other_type_is_refused_before_sending(body: RequestBody, value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sent(body, value)


@pytest.mark.parametrize(("status", "requests"), [(503, 1), (429, 3), (500, 1)])
def test_post_is_repeated_only_when_it_had_no_effect(status: int, requests: int) -> None:
    made = []

    def answer(request: httpx.Request) -> httpx.Response:
        made.append(request)
        return httpx.Response(status, headers={"Retry-After": "0"})

    with pytest.raises(cloudjobs.errors.APIStatusError):
        sent(RequestBody(), {}, answer)
    assert len(made) == requests


def test_get_is_repeated_as_before() -> None:
    assert GET_JOB.may_be_repeated
