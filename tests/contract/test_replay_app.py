"""The replay of documents unlike those of our services: two with one path, and unsupported ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

import cloudjobs
from cloudjobs.testing import replay_app

from .contracts import Recorded, named, recorded
from .live_helpers import ask, assert_recorded

TEXT = {"type": "string"}


def parameter(name: str, place: str = "path", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": TEXT, **more}


def operation(*parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": {}}}
    return {"operationId": "get", "parameters": [*parameters], "responses": {"200": {"content": content}}, **more}


def document(paths: dict[str, Any]) -> dict[str, Any]:
    return {"paths": paths}


def recording(status: int = 200, body: str = "well", **path: str) -> dict[str, Any]:
    said = {"status": status, "content_type": "application/json", "body": json.dumps(body)}
    return {"operation": "get", "request": {"path": path}, **said}


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Documents by service, in place of those that the client carries; where none are given, job 7 is recorded."""
    documents: dict[str, Any] = {}

    def recordings(service: str) -> dict[str, Any]:
        known = documents[service].get("recordings", [recording(id="7")])
        return {str(number): one for number, one in enumerate(known)}

    monkeypatch.setattr("cloudjobs.testing._router.services", lambda: tuple(documents))
    monkeypatch.setattr("cloudjobs.testing._router.document", lambda name: documents[name])
    monkeypatch.setattr("cloudjobs.testing._router.recordings", recordings)
    return documents


def test_replay_app_services_with_same_operation_are_rejected(made_up: dict[str, Any]) -> None:
    made_up["one"] = document({"/jobs/{id}": {"get": operation(parameter("id"))}})
    made_up["other"] = document({"/jobs/{name}": {"get": operation(parameter("name"))}})
    for names in ((), ("one", "other"), ("other", "one")):
        with pytest.raises(ValueError, match=r"one and other|other and one") as caught:
            replay_app(*names)
        assert "GET /jobs/{" in str(caught.value)
    for name in made_up:
        assert replay_app(name)


def test_replay_app_same_path_other_methods_are_accepted(made_up: dict[str, Any]) -> None:
    made_up["one"] = document({"/jobs": {"get": operation()}})
    made_up["other"] = document({"/jobs": {"post": operation()}})
    assert replay_app()


def test_replay_app_repeated_service_is_served_once(made_up: dict[str, Any]) -> None:
    made_up["one"] = document({"/jobs": {"get": operation()}})
    assert replay_app("one", "one")


@pytest.mark.parametrize("names", [("no_such_service",), (*cloudjobs.services(), "no_such_service")])
def test_replay_app_unknown_service_error_lists_services(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no_such_service") as caught:
        replay_app(*names)
    assert all(service in str(caught.value) for service in cloudjobs.services())


def secured(scheme: dict[str, Any]) -> dict[str, Any]:
    secured = document({"/jobs": {"get": operation(security=[{"scheme": []}])}})
    return {**secured, "components": {"securitySchemes": {"scheme": scheme}}}


@pytest.mark.parametrize(
    ("described", "about"),
    [
        (document({"/jobs": {"get": operation(parameter("tags", "query", schema={"type": "array"}))}}), "tags"),
        (document({"/jobs": {"get": operation(parameter("session", "cookie"))}}), "session"),
        (secured({"type": "mutualTLS"}), "security"),
        (secured({"type": "apiKey", "in": "query", "name": "key"}), "security"),
    ],
    ids=["array", "cookie", "certificate", "key in the query"],
)
def test_replay_app_unsupported_document_is_rejected_by_name(
    made_up: dict[str, Any], described: dict[str, Any], about: str
) -> None:
    made_up["one"] = described
    with pytest.raises(ValueError, match=r"^one, GET /jobs: ") as caught:
        replay_app("one")
    assert about in str(caught.value)


@pytest.mark.anyio
@pytest.mark.parametrize("paths", [("/jobs/{id}", "/jobs/last"), ("/jobs/last", "/jobs/{id}")])
async def test_replay_app_literal_path_precedes_path_parameter(made_up: dict[str, Any], paths: tuple[str, str]) -> None:
    last = {"get": operation(operationId="last")}
    items = {"/jobs/{id}": {"get": operation(parameter("id"))}, "/jobs/last": last}
    described = document({path: items[path] for path in paths})
    known = [
        recording(body="any", id="7"),
        recording(body="any", id="last"),
        {**recording(body="last"), "operation": "last"},
    ]
    made_up["one"] = {**described, "recordings": known}
    assert (await ask(replay_app("one"), "/jobs/7")).json() == "any"
    assert (await ask(replay_app("one"), "/jobs/last")).json() == "last"


@pytest.mark.anyio
async def test_replay_app_operation_overrides_path_parameters(
    made_up: dict[str, Any],
) -> None:
    stated = [
        parameter("id"),
        parameter("page", "query", schema={"type": "integer"}),
        parameter("x", "query", schema={}),
    ]
    anew = parameter("x", "query", schema={"type": "integer"})
    made_up["one"] = document({"/jobs/{id}": {"parameters": stated, "get": operation(anew)}})
    app = replay_app("one")
    assert (await ask(app, "/jobs/7?page=1&x=1")).status_code == 200
    for query in ("page=many", "x=many"):
        assert (await ask(app, f"/jobs/7?{query}")).status_code == 400


@pytest.mark.anyio
async def test_replay_app_all_recorded_parameters_must_match(made_up: dict[str, Any]) -> None:
    described = document({"/{kind}/{id}": {"get": operation(parameter("kind"), parameter("id"))}})
    known = [recording(body="first", kind="a", id="7"), recording(body="second", kind="b", id="7")]
    made_up["one"] = {**described, "recordings": known}
    app = replay_app("one")
    assert (await ask(app, "/a/7")).json() == "first"
    assert (await ask(app, "/b/7")).json() == "second"
    for other in ("/c/7", "/a/8"):
        assert (await ask(app, other)).status_code == 404


@pytest.mark.anyio
async def test_replay_app_success_precedes_error_and_404_is_default(
    made_up: dict[str, Any],
) -> None:
    described = document({"/jobs/{id}": {"get": operation(parameter("id"))}})
    known = [
        *(recording(404, "a while ago", id="7"), recording(body="well", id="7"), recording(403, "not yours", id="6")),
        *(recording(400, "what?", id="x"), recording(410, "gone", id="1"), recording(404, "never seen", id="0")),
    ]
    made_up["one"] = {**described, "recordings": known}
    app = replay_app("one")
    replies = {name: await ask(app, f"/jobs/{name}") for name in ("7", "6", "x", "1", "other")}
    assert {name: (reply.status_code, reply.json()) for name, reply in replies.items()} == {
        "7": (200, "well"),
        "6": (403, "not yours"),
        "x": (400, "what?"),
        "1": (410, "gone"),
        "other": (404, "never seen"),
    }


@pytest.mark.anyio
@pytest.mark.parametrize("query", ["word=%FF", "word=%C3%28", "word=a%ED%A0%80"])
async def test_replay_app_query_with_invalid_utf8_is_rejected(made_up: dict[str, Any], query: str) -> None:
    made_up["one"] = document({"/jobs": {"get": operation(parameter("word", "query"))}})
    reply = await ask(replay_app("one"), f"/jobs?{query}")
    assert reply.status_code == 400
    assert "word" in reply.text


@pytest.mark.anyio
async def test_replay_app_integer_path_parameter_is_parsed(made_up: dict[str, Any]) -> None:
    number = parameter("id", schema={"type": "integer", "minimum": 7})
    made_up["one"] = document({"/jobs/{id}": {"get": operation(number)}})
    app = replay_app("one")
    statuses = {text: (await ask(app, f"/jobs/{text}")).status_code for text in ("7", "8", "6", "seven", "7.0", "07")}
    assert statuses == {"7": 200, "8": 404, "6": 400, "seven": 400, "7.0": 400, "07": 400}


@pytest.mark.anyio
async def test_replay_app_security_alternative_needs_all_its_schemes(made_up: dict[str, Any]) -> None:
    described = document({"/jobs": {"get": operation(security=[{"a": [], "b": []}, {"c": []}])}})
    schemes = {name: {"type": "apiKey", "in": "header", "name": f"X-{name}"} for name in "abc"}
    made_up["one"] = {**described, "components": {"securitySchemes": schemes}}
    app = replay_app("one")
    for given in ("ab", "c", "abc", "ac"):
        assert (await ask(app, "/jobs", {f"X-{name}": "1" for name in given})).status_code == 404, given
    for given in ("", "a", "b"):
        assert (await ask(app, "/jobs", {f"X-{name}": "1" for name in given})).status_code == 401, given


@pytest.mark.anyio
async def test_replay_app_document_security_is_the_default(made_up: dict[str, Any]) -> None:
    described = document(
        {"/open": {"get": operation(security=[])}, "/closed": {"get": operation(operationId="closed")}}
    )
    schemes = {"a": {"type": "apiKey", "in": "header", "name": "X-a"}}
    made_up["one"] = {**described, "security": [{"a": []}], "components": {"securitySchemes": schemes}}
    assert (await ask(replay_app("one"), "/closed")).status_code == 401
    assert (await ask(replay_app("one"), "/open")).status_code == 404


@pytest.mark.anyio
async def test_replay_app_error_without_schema_is_plain_text(made_up: dict[str, Any]) -> None:
    made_up["one"] = document({"/jobs/{id}": {"get": operation(parameter("id"))}})
    reply = await ask(replay_app("one"), "/jobs/8")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert reply.text


@pytest.mark.anyio
async def test_replay_error_of_all_of_keeps_to_each_subschema(made_up: dict[str, Any]) -> None:
    fields = {"text": {"type": "string", "minLength": 1}, "tags": {"minItems": 1, "items": {"type": "integer"}}}
    first = {"type": "object", "required": ["text", "tags"], "properties": fields}
    second = {"properties": {"text": {"minLength": 3}, "tags": {"type": "array", "items": {"const": 7}}}}
    one = operation(parameter("id"))
    one["responses"]["404"] = {"content": {"application/json": {"schema": {"allOf": [first, second]}}}}
    made_up["one"] = document({"/jobs/{id}": {"get": one}})
    response = await ask(replay_app("one"), "/jobs/8")
    assert (response.status_code, response.json()) == (404, {"text": "xxx", "tags": [7]})


ERRORS: dict[str, tuple[dict[str, Any], Any]] = {
    "nested, with required fields": (
        {
            "type": "object",
            "required": ["error", "retry", "kind", "status"],
            "properties": {
                "error": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
                "retry": {"type": "boolean"},
                "kind": {"enum": ["refusal", "failure"]},
                "status": {"type": "integer", "minimum": 100},
            },
            "x-error": {"code": ["status"], "message": ["error.text"]},
        },
        {"error": {"text": ...}, "retry": False, "kind": "refusal", "status": 404},
    ),
    "a code from a closed list, and a request ID in a header": (
        {
            "type": "object",
            "required": ["code"],
            "properties": {"code": {"type": "string", "enum": ["E1", "E2"]}, "text": {"type": "string"}},
            "x-error": {"code": ["code"], "message": ["text"], "request_id": [{"header": "X-Request-Id"}]},
        },
        {"code": "E1", "text": ...},
    ),
    "a bare string": ({"type": "string"}, ...),
}


def failure(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/problem+json": {"schema": schema}}}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "keys", [("404", "4XX", "default"), ("4XX", "default"), ("default",)], ids=lambda keys: keys[0]
)
async def test_replay_app_error_uses_most_specific_response(made_up: dict[str, Any], keys: list[str]) -> None:
    one = operation(parameter("id"))
    for key in reversed(keys):
        shape = {"type": "object", "properties": {key: TEXT}, "x-error": {"message": [key]}}
        one["responses"][key] = failure(shape)
    made_up["one"] = document({"/jobs/{id}": {"get": one}})
    reply = await ask(replay_app("one"), "/jobs/8")
    assert list(reply.json()) == [keys[0]]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("value", "status"), [(2**31 - 1, 200), (-(2**31), 200), (2**31, 400), (-(2**31) - 1, 400), (2**63, 400)]
)
async def test_replay_app_integer_outside_its_format_is_rejected(
    made_up: dict[str, Any], value: int, status: int
) -> None:
    number = parameter("page", "query", schema={"type": "integer", "format": "int32"})
    made_up["one"] = document({"/jobs/{id}": {"get": operation(parameter("id"), number)}})
    reply = await ask(replay_app("one"), f"/jobs/7?page={value}")
    assert reply.status_code == status


@pytest.mark.anyio
@pytest.mark.parametrize(("status", "media_type"), [(304, "text/plain"), (400, "application/problem+json")])
async def test_replay_app_redirect_fault_does_not_use_default_error(
    made_up: dict[str, Any], status: int, media_type: str
) -> None:
    one = operation(parameter("id"))
    one["responses"]["default"] = failure({"type": "string"})
    made_up["one"] = document({"/jobs/{id}": {"get": one}})
    app = replay_app("one")
    reply = await ask(app, "/jobs/8", {"Prefer": f"code={status}"})
    assert (reply.status_code, reply.headers["content-type"].partition(";")[0]) == (status, media_type)


@pytest.mark.anyio
async def test_replay_app_error_that_cannot_be_built_is_plain_text(made_up: dict[str, Any]) -> None:
    one = operation(parameter("id"))
    fixed = {"type": "object", "required": ["code"], "properties": {"code": {"type": "string", "pattern": "^E[0-9]$"}}}
    one["responses"]["404"] = failure(fixed)
    made_up["one"] = document({"/jobs/{id}": {"get": one}})
    reply = await ask(replay_app("one"), "/jobs/8")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "text/plain; charset=utf-8")


@pytest.mark.anyio
@pytest.mark.parametrize("shape", ERRORS)
async def test_replay_app_error_has_message_in_mapped_field(made_up: dict[str, Any], shape: str) -> None:
    schema, expected = ERRORS[shape]
    one = operation(parameter("id"))
    one["responses"]["default"] = failure(schema)
    made_up["one"] = document({"/jobs/{id}": {"get": one}})
    reply = await ask(replay_app("one"), "/jobs/8")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")
    message = "no response is recorded for id '8'"
    filled = json.dumps(expected, default=lambda _: message) if expected is not ... else json.dumps(message)
    assert reply.json() == json.loads(filled)


@pytest.mark.anyio
@pytest.mark.parametrize("one", recorded(), ids=named)
async def test_replay_app_mounted_below_path_returns_recordings(one: Recorded) -> None:
    app = Starlette(routes=[Mount("/some place", replay_app(one.operation.service))])
    served = one.operation.served(one.path)
    assert served is not None
    assert_recorded(await ask(app, f"/some%20place{one.asking()}", one.headers), served, one.query)
