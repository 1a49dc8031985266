"""The stand-in answers each recorded request with its recorded response, and everything else as its document says."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from urllib.parse import quote

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cloudjobs
from cloudjobs.testing import Replay, replay_app
from tests.exhaustive import sample

from .contracts import METHODS, Contract, Operation, Recorded, as_text, contracts, named, operations, recorded, types_of
from .live_helpers import ask, assert_error, assert_not_found, assert_recorded

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=sample(60))
ODD = "a/b c%2F?#&=é"
SUCCESSES = [one for one in recorded() if one.is_success]
IDENTIFIED = [operation for operation in operations() if operation.identifying]
ADDRESSED = [operation for operation in operations() if operation.parameters_in("path")]


def success(operation: Operation) -> Recorded:
    return next(one for one in operation.recorded if one.is_success)


@pytest.mark.parametrize("contract", contracts().values(), ids=named)
def test_package_contains_bundled_documents_and_recordings(contract: Contract) -> None:
    assert cloudjobs.document(contract.name) == contract.full
    carried = {name: one["body"] for name, one in cloudjobs.recordings(contract.name).items()}
    assert carried == {one.id: one.text for one in contract.service.recordings.values()}


@pytest.mark.anyio
@pytest.mark.parametrize("one", recorded(), ids=named)
async def test_replay_recorded_request_returns_its_recording(one: Recorded) -> None:
    reply = await ask(replay_app(one.operation.service), one.asking(), one.headers)
    served = one.operation.served(one.path)
    assert served is not None
    assert_recorded(reply, served, one.query)


@pytest.mark.parametrize("operation", operations(), ids=named)
def test_recordings_each_is_served_for_some_request(operation: Operation) -> None:
    """So that no recording is hidden behind another, but for failures of a thing that is there."""
    there = [one.identity for one in operation.recorded if one.is_success]
    hidden = [
        one.id
        for one in operation.recorded
        if (one.is_success or one.identity not in there) and named(operation.served(one.path)) != named(one)
    ]
    assert hidden == []


@pytest.mark.anyio
@pytest.mark.parametrize("one", recorded(), ids=named)
async def test_replay_of_all_services_returns_each_recording(one: Recorded) -> None:
    reply = await ask(replay_app(), one.asking(), one.headers)
    served = one.operation.served(one.path)
    assert served is not None
    assert_recorded(reply, served, one.query)


@pytest.mark.anyio
@pytest.mark.parametrize("one", [one for one in recorded() if one.path.keys() - one.identity.keys()], ids=named)
async def test_replay_client_and_invented_parameters_are_ignored(one: Recorded) -> None:
    path = {name: one.identity.get(name, ODD) for name in one.path}
    reply = await ask(replay_app(one.operation.service), one.asking(path), one.headers)
    assert_recorded(reply, one)


@pytest.mark.anyio
@pytest.mark.parametrize("one", [one for one in SUCCESSES if "x-request-headers" in one.operation.node], ids=named)
async def test_replay_extra_request_headers_are_optional(one: Recorded) -> None:
    headers = {name: text for name, text in one.headers.items() if name not in one.operation.node["x-request-headers"]}
    assert len(headers) < len(one.headers)
    assert_recorded(await ask(replay_app(one.operation.service), one.asking(), headers), one)


@pytest.mark.anyio
@pytest.mark.parametrize("one", SUCCESSES, ids=named)
async def test_replay_each_security_alternative_is_accepted(one: Recorded) -> None:
    for way in one.operation.ways or [{}]:
        others = {name: text for name, text in one.headers.items() if name not in one.operation.credentials}
        reply = await ask(replay_app(one.operation.service), one.asking(), {**others, **way})
        assert_recorded(reply, one)


@pytest.mark.anyio
@pytest.mark.parametrize("one", [one for one in SUCCESSES if one.operation.requires_credentials], ids=named)
@pytest.mark.parametrize("text", ["", " ", "\t"], ids=["empty", "blank", "tab"])
async def test_replay_empty_credential_is_rejected_with_401(one: Recorded, text: str) -> None:
    others = {name: value for name, value in one.headers.items() if name not in one.operation.credentials}
    for way in one.operation.ways:
        reply = await ask(replay_app(one.operation.service), one.asking(), {**others, **dict.fromkeys(way, text)})
        assert_error(reply, one.operation, 401)


@pytest.mark.parametrize("operation", IDENTIFIED, ids=named)
def test_replay_unknown_id_returns_recorded_error_or_404(operation: Operation) -> None:
    one, app, unknown = success(operation), replay_app(operation.service), []
    parameters = {each["name"]: each for each in operation.parameters_in("path")}
    # A client takes `.` and `..` for steps along the path.
    texts = st.text(min_size=1).filter(lambda text: text not in (".", ".."))

    @SETTINGS
    @given(st.sampled_from(operation.identifying), texts)
    def run(name: str, text: str) -> None:
        path = {**one.path, name: text}
        reply = anyio.run(ask, app, one.asking(path), one.headers)
        if not operation.takes(parameters[name], text):
            assert_error(reply, operation, 400)
        elif operation.served(path) is None:
            assert_not_found(reply, operation)
            unknown.append(text)

    run()
    assert unknown


@pytest.mark.anyio
@pytest.mark.parametrize("operation", IDENTIFIED, ids=named)
async def test_replay_each_identifying_parameter_must_match(operation: Operation) -> None:
    one = success(operation)
    for name in one.identity:
        path = {**one.path, name: f"{one.path[name]}0"}
        assert operation.served(path) is None
        reply = await ask(replay_app(operation.service), one.asking(path), one.headers)
        assert_not_found(reply, operation)


def taking(operation: Operation, text: str) -> list[str]:
    """Return the identifying path parameters that take a text."""
    named = [each for each in operation.parameters_in("path") if each["name"] in operation.identifying]
    return [each["name"] for each in named if operation.takes(each, text)]


@pytest.mark.anyio
@pytest.mark.parametrize("operation", [one for one in IDENTIFIED if taking(one, ODD)], ids=named)
async def test_replay_encoded_slash_stays_in_its_segment(operation: Operation, monkeypatch: pytest.MonkeyPatch) -> None:
    one, name = success(operation), taking(operation, ODD)[0]
    known = deepcopy(cloudjobs.recordings(operation.service))
    known[one.id]["request"]["path"][name] = ODD
    monkeypatch.setattr("cloudjobs.testing._router.recordings", lambda service: known)
    app = replay_app(operation.service)
    target = one.asking({name: ODD})
    assert "%2F" in target
    assert_recorded(await ask(app, target, one.headers), one)
    split = await ask(app, target.replace("%2F", "/", 1), one.headers)
    assert split.status_code == 404
    assert split.text.startswith("no operation has this path")


@pytest.mark.anyio
@pytest.mark.parametrize("operation", ADDRESSED, ids=named)
async def test_replay_path_with_invalid_utf8_is_rejected_with_400(operation: Operation) -> None:
    one = success(operation)
    for name in one.path:
        target = one.asking({name: "X-X"}).replace("X-X", "%FF")
        reply = await ask(replay_app(operation.service), target, one.headers)
        assert_error(reply, operation, 400)
        assert name in reply.text


@pytest.mark.anyio
@pytest.mark.parametrize("operation", operations(), ids=named)
@pytest.mark.parametrize("method", METHODS)
async def test_replay_known_path_allows_documented_methods_head_and_options(operation: Operation, method: str) -> None:
    one = success(operation)
    reply = await ask(replay_app(operation.service), one.asking(), one.headers, method=method)
    if method == "OPTIONS":
        assert (reply.status_code, reply.content) == (204, b"")
        assert reply.headers["allow"] == ", ".join(operation.allowed)
    elif method in operation.allowed:
        assert reply.status_code == one.status
        assert bool(reply.content) == (method != "HEAD")
    else:
        assert reply.status_code == 405
        assert reply.headers["allow"] == ", ".join(operation.allowed)


@pytest.mark.anyio
@pytest.mark.parametrize("operation", operations(), ids=named)
async def test_replay_unknown_path_returns_404_with_served_paths(operation: Operation) -> None:
    one = success(operation)
    path = operation.target(one.path)
    emptied = [operation.target({**one.path, name: ""}) for name in one.path]
    others = [
        "/",
        "/no/such/path",
        f"{path}/",
        f"/{path}",
        f"{path}/no/such/part",
        "/" + path[1:].replace("/", "%2F", 1),
    ]
    for other in others + emptied:
        reply = await ask(replay_app(operation.service), other, one.headers)
        assert reply.status_code == 404, other
        assert f"{operation.method} {operation.path}\n" in reply.text


QUERIED = [
    pytest.param(operation, parameter, id=f"{named(operation)}-{parameter['name']}")
    for operation in operations()
    for parameter in operation.parameters_in("query")
]
TEXTS = [
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "-0",
        "01",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1.5",
        "1e1",
        "0x1",
        "1_0",
        "٣",
        "²",
        "NaN",
        "Infinity",
    ),
    *("true", "false", "True", "yes", "null", "[1]", '"1"', "many", "9" * 30, "9" * 5000, "1\n", "1\0", "1,2"),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("operation", "parameter"), QUERIED)
async def test_replay_query_value_is_accepted_only_as_documented(
    operation: Operation, parameter: dict[str, Any]
) -> None:
    one, name, schema = success(operation), parameter["name"], parameter["schema"]
    bounds = [schema[key] for key in ("minimum", "maximum") if key in schema]
    texts = [*TEXTS, *schema.get("enum", ()), *(str(bound + step) for bound in bounds for step in (-1, 0, 1))]
    answers = set()
    for text in texts:
        reply = await ask(replay_app(operation.service), one.asking(**{name: text}), one.headers)
        if operation.takes(parameter, text):
            assert reply.status_code == one.status, text
        else:
            assert_error(reply, operation, 400)
            assert name in reply.text
        answers.add(reply.status_code)
    assert one.status in answers
    assert 400 in answers or "string" in types_of(schema)


@pytest.mark.anyio
@pytest.mark.parametrize(("operation", "parameter"), QUERIED)
async def test_replay_repeated_or_missing_query_is_rejected(operation: Operation, parameter: dict[str, Any]) -> None:
    one, name = success(operation), parameter["name"]
    app, without = replay_app(operation.service), one.asking(**{name: None})
    joined = without + ("&" if "?" in without else "?")
    good = quote(as_text(one.query.get(name, parameter["schema"].get("default", "1"))), safe="")
    repeated = await ask(app, f"{joined}{name}={good}&{name}={good}", one.headers)
    assert_error(repeated, operation, 400)
    assert_error(await ask(app, f"{joined}{name}=%FF", one.headers), operation, 400)
    missing = await ask(app, without, one.headers)
    if parameter.get("required"):
        assert_error(missing, operation, 400)
    else:
        assert missing.status_code == one.status


@pytest.mark.anyio
@pytest.mark.parametrize("one", SUCCESSES, ids=named)
async def test_replay_undocumented_query_parameter_is_ignored(one: Recorded) -> None:
    reply = await ask(replay_app(one.operation.service), one.asking(**{"no such": "x"}), one.headers)
    assert_recorded(reply, one)


@pytest.mark.anyio
@pytest.mark.parametrize("operation", operations(), ids=named)
async def test_replay_head_has_the_headers_of_get_and_does_not_advance_a_job(operation: Operation) -> None:
    one = success(operation)
    app = replay_app(operation.service)
    whole = await ask(app, one.asking(), one.headers)
    head = await ask(app, one.asking(), one.headers, method="HEAD")
    assert (head.status_code, head.content, head.headers) == (whole.status_code, b"", whole.headers)
    replay = Replay(operation.service)
    if replay.has_jobs(operation.service):
        job = replay.add_job(operation.service)
        argument = operation.node.get("x-poll", {}).get("argument")
        target = one.asking({argument: job.id} if argument else {})
        for _ in range(5):
            await ask(replay.app, target, one.headers, method="HEAD")
        await ask(replay.app, target, one.headers)
        assert job.state == job.states[0]


@pytest.mark.anyio
@pytest.mark.parametrize("operation", operations(), ids=named)
@pytest.mark.parametrize(
    ("accept", "accepted"),
    [
        ("application/json", True),
        ("text/html, */*;q=0.1", True),
        ("Application/*", True),
        ("text/html", False),
        ("application/json;q=0, */*", False),
        ("*/*;q=0.000", False),
        ("", True),
    ],
)
async def test_replay_accept_without_json_is_406(operation: Operation, accept: str, accepted: bool) -> None:
    one = success(operation)
    reply = await ask(replay_app(operation.service), one.asking(), {**one.headers, "Accept": accept})
    assert reply.status_code == (one.status if accepted else 406)
    if not accepted:
        assert_error(reply, operation, 406)
        assert "Accept must allow application/json" in reply.text


@pytest.mark.anyio
@pytest.mark.parametrize("operation", operations(), ids=named)
async def test_replay_not_found_error_names_the_requested_thing(operation: Operation) -> None:
    one = success(operation)
    name = next(iter(one.identity))
    reply = await ask(replay_app(operation.service), one.asking({name: 'the "one"'}), one.headers)
    assert reply.status_code in (400, 404)
    assert 'the "one"' in str(reply.json())
    longest = await ask(replay_app(operation.service), one.asking({name: "n" * 3000}), one.headers)
    assert len(longest.content) < 1000
