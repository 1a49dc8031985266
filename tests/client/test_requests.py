"""From a call to its request: nothing that a caller gives can leave its place, and a wrong argument sends nothing."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cloudjobs import GesClient, IefClient
from cloudjobs._models import Model
from cloudjobs._operations import Operation as RuntimeOperation
from cloudjobs._operations import Parameter, request_target

from .doc_examples import ANY_URL, CARRIED, WAYS, Carried, Operation, Way, named, operations, snake
from .json_values import DETERMINISTIC
from .transports import Answers, never, reply, serving

every_way = pytest.mark.parametrize("way", WAYS, ids=named)
WITH_PROJECT = [
    Way(operation, asynchronous)
    for operation in operations()
    for asynchronous in (False, True)
    if any(parameter.get("x-client-parameter") for parameter in operation.located("path"))
]


def sync(operation: Operation) -> Way:
    return Way(operation, asynchronous=False)


def call_path_parameters(operation: Operation) -> list[str]:
    """Return path parameters that each call gives."""
    return [parameter["name"] for parameter in operation.located("path") if not parameter.get("x-client-parameter")]


PATH_VALUES = [
    pytest.param(operation, parameter["name"], id=f"{named(operation)}-{parameter['name']}")
    for operation in operations()
    for parameter in operation.located("path")
]
every_path_value = pytest.mark.parametrize(("operation", "name"), PATH_VALUES)


# Path values


def test_path_template_with_percent_signs_is_sent_unchanged() -> None:
    parameters = tuple(Parameter(name, name, "path", required=True) for name in ("b-c", "a.d"))
    operation = RuntimeOperation("s", "get", "GET", "/100%/%s/{a.d}x{b-c}%7B/{a.d}", Model, parameters)
    target = request_target(operation, {"a.d": "1%s", "b-c": "{a.d}"}, {})
    assert target.path == "/100%/%s/1%25sx%7Ba.d%7D%7B/1%25s"


@every_path_value
def test_path_value_any_string_stays_in_its_segment(operation: Operation, name: str) -> None:
    transport = Answers()
    client = sync(operation).client(transport=transport)
    method = getattr(client, operation.name)
    segments = operation.path.split("/")

    @DETERMINISTIC
    @given(
        st.text(min_size=1).filter(lambda value: value not in (".", "..")) | st.text("./%?#\\;@: \r\n\0", min_size=3)
    )
    @example("%2e%2e")
    @example("%2e")
    @example("a/b")
    @example("../..")
    @example("/..")
    @example("?x=1")
    @example("#fragment")
    @example("a%2Fb")
    @example("%")
    @example("ключ 任务 🗝")
    @example("\r\nHost: elsewhere")
    @example("@elsewhere.example.com")
    @example("~'!$&()*+,;=:")
    def holds(value: str) -> None:
        assume(value not in (".", ".."))
        transport.requests.clear()
        method(**operation.arguments(**{snake(name): value}))
        raw = transport.request.url.raw_path.decode("ascii")
        assert transport.request.url.host == "service.example.com"
        sent = raw.split("/")
        assert len(sent) == len(segments)
        assert sent[segments.index(f"{{{name}}}")] not in (".", "..", "%2e", "%2e%2e")
        assert unquote(sent[segments.index(f"{{{name}}}")], errors="strict") == value
        assert not {"?", "#", "\\"} & set(raw)
        assert not transport.request.url.query

    holds()


@every_path_value
@pytest.mark.parametrize("value", ["", ".", "..", "\ud800", "a\udfff"], ids=["empty", "dot", "dots", "high", "low"])
@pytest.mark.anyio
async def test_path_value_empty_or_dots_is_rejected_unsent(operation: Operation, name: str, value: str) -> None:
    for way in (sync(operation), Way(operation, asynchronous=True)):
        client = way.client(transport=never())
        with pytest.raises(ValueError, match=snake(name)):
            await way.call(client, **{snake(name): value})


@every_path_value
@pytest.mark.parametrize("value", [b"bytes", ["list"], {"a": 1}, object()], ids=lambda value: type(value).__name__)
def test_path_value_of_wrong_type_is_rejected_unsent(operation: Operation, name: str, value: object) -> None:
    client = sync(operation).client(transport=never())
    with pytest.raises(ValueError, match=f"^{snake(name)} must be a str, .*, got {type(value).__name__}$"):
        getattr(client, operation.name)(**operation.arguments(**{snake(name): value}))


@every_path_value
def test_path_value_too_long_is_rejected_unsent(operation: Operation, name: str) -> None:
    client = sync(operation).client(transport=never())
    with pytest.raises(ValueError, match=r"at most 60000 characters, got 1000\d\d$"):
        getattr(client, operation.name)(**operation.arguments(**{snake(name): "x" * 100_000}))


@every_way
def test_path_value_required_but_missing_raises_type_error(way: Way) -> None:
    client = way.client(transport=never(), **({"project_id": "p"} if way in WITH_PROJECT else {}))
    with pytest.raises(TypeError, match=snake(call_path_parameters(way.operation)[0])):
        getattr(client, way.operation.name)()


@pytest.mark.parametrize(
    "carried", [carried for carried in CARRIED if carried.way.operation.service == "yuanrong"], ids=named
)
@pytest.mark.anyio
async def test_path_value_on_real_server_is_one_segment(carried: Carried) -> None:
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        async with carried.client(server.url) as client:
            for job_id in ("../admin", "a/b?c#d", "%2e%2e", "задача"):
                await carried.way.call(client, submission_id=job_id)
    assert server.paths == [
        "/api/jobs/..%2Fadmin",
        "/api/jobs/a%2Fb%3Fc%23d",
        "/api/jobs/%252e%252e",
        "/api/jobs/%D0%B7%D0%B0%D0%B4%D0%B0%D1%87%D0%B0",
    ]


# Arguments


@pytest.mark.parametrize("way", WITH_PROJECT, ids=named)
@pytest.mark.anyio
async def test_client_parameter_is_used_unless_call_overrides_it(way: Way) -> None:
    shared = [parameter for parameter in way.operation.parameters if parameter.get("x-client-parameter")]
    at_client = {snake(parameter["name"]): f"client-{parameter['name']}" for parameter in shared}
    at_call = {snake(parameter["name"]): f"call-{parameter['name']}" for parameter in shared}
    own = {snake(name): name for name in call_path_parameters(way.operation)}
    transport = Answers()
    client = way.client(transport=transport, **at_client)
    for given_values in (at_client, at_call):
        transport.requests.clear()
        call = getattr(client, way.operation.name)(**own, **({} if given_values is at_client else at_call))
        if way.asynchronous:
            await call
        for parameter in shared:
            value = given_values[snake(parameter["name"])]
            if parameter["in"] == "path":
                assert value in transport.request.url.path.split("/")
            else:
                assert transport.request.headers[parameter["name"]] == value


@pytest.mark.parametrize("way", WITH_PROJECT, ids=named)
@pytest.mark.anyio
async def test_client_parameter_missing_in_client_and_call_is_named(way: Way) -> None:
    client = way.client(transport=never())
    for parameter in way.operation.located("path"):
        if parameter.get("x-client-parameter"):
            name = snake(parameter["name"])
            with pytest.raises(ValueError, match=f"^{name} is missing.*{way.operation.name}"):
                await way.call(client, **{name: None})


def test_ief_instance_id_empty_string_is_sent() -> None:
    transport = Answers()
    for at_client, at_call, sent in [
        (None, None, None),
        (None, "", ""),
        ("", None, ""),
        ("a", None, "a"),
        ("a", "b", "b"),
        ("a", "", ""),
        (None, "platinum instance", "platinum instance"),
    ]:
        transport.requests.clear()
        ief = IefClient(ANY_URL, project_id="p", ief_instance_id=at_client, transport=transport)
        ief.get_batch_job("j", ief_instance_id=at_call)
        assert transport.request.headers.get("ief-instance-id") == sent


BAD_IN_A_HEADER = {
    "carriage return": "S3CRET\rx",
    "line feed": "S3CRET\nx",
    "both": "S3CRET\r\nX-Other: 1",
    "at the end": "S3CRET\n",
    "NUL": "S3CRET\0",
    "delete": "S3CRET\x7f",
    "tab": "S3CRET\t",
    "Latin-1": "S3CRETé",
    "beyond": "S3CRETключ",
    "line separator": "S3CRET\u2028",
    "surrogate": "S3CRET\ud800",
}
HEADERS = [
    pytest.param(Way(operation, asynchronous), parameter["name"], id=f"{named(Way(operation, asynchronous))}")
    for operation in operations()
    for asynchronous in (False, True)
    for parameter in operation.located("header")
]


@pytest.mark.parametrize(("way", "name"), HEADERS)
@pytest.mark.parametrize("value", BAD_IN_A_HEADER.values(), ids=BAD_IN_A_HEADER)
@pytest.mark.anyio
async def test_header_value_with_control_character_is_rejected(way: Way, name: str, value: str) -> None:
    client = way.client(transport=never())
    with pytest.raises(ValueError, match=snake(name)) as caught:
        await way.call(client, **{snake(name): value})
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize("value", [" padded", "padded ", " "])
def test_header_value_padded_is_rejected_unsent(value: str) -> None:
    with (
        serving(lambda path: reply("200 OK", b"{}")) as server,
        IefClient(server.url, project_id="p", auth=None) as ief,
    ):
        with pytest.raises(ValueError, match="ief_instance_id"):
            ief.get_batch_job("j", ief_instance_id=value)
        assert not server.paths


QUERIES = [
    Way(operation, asynchronous)
    for operation in operations()
    for asynchronous in (False, True)
    if operation.located("query")
]


@pytest.mark.parametrize("way", QUERIES, ids=named)
@pytest.mark.anyio
async def test_query_parameters_given_are_sent_unchanged(way: Way) -> None:
    transport = Answers()
    client = way.client(transport=transport)
    await way.call(client)
    assert transport.request.url.query == b""
    for parameter in way.operation.located("query"):
        for value in (0, 1, 100_000):
            transport.requests.clear()
            await way.call(client, **{snake(parameter["name"]): value})
            assert transport.request.url.query.decode() == f"{parameter['name']}={value}"


@pytest.mark.parametrize("carried", [one for one in CARRIED if one.way.operation.service == "ges"], ids=named)
@pytest.mark.anyio
async def test_query_parameters_on_real_server_arrive(carried: Carried) -> None:
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        async with carried.client(server.url) as client:
            await carried.way.call(client, limit=2, offset=0)
    assert [path.partition("?")[2] for path in server.paths] == ["offset=0&limit=2"]


def test_query_limit_and_offset_are_sent_together() -> None:
    transport = Answers()
    GesClient(ANY_URL, project_id="p", transport=transport).list_jobs("movie", limit=2, offset=0)
    assert dict(transport.request.url.params) == {"limit": "2", "offset": "0"}


@every_way
@pytest.mark.anyio
async def test_request_headers_declared_are_sent_without_others(way: Way) -> None:
    transport = Answers()
    await way.call(way.client(transport=transport))
    for name, value in way.operation.request_headers.items():
        assert transport.request.headers.get_list(name) == [value]
    demanded = {name.lower() for name in way.operation.request_headers}
    assert not ({"content-type", "content-length", "transfer-encoding"} - demanded) & set(transport.request.headers)
