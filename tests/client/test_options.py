"""Options of single calls, raw responses, callbacks of deviations, and credentials over plain HTTP."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from typing import Any

import httpx
import pytest

from cloudjobs import Deviation, DeviationKind, GesClient, Severity, YuanrongClient, _deviations, errors
from cloudjobs.auth import Token

from .malformed_bodies import URL, WAYS, Call, Wire, call_of, named, recorded
from .mutations import text

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
DEPARTING = b'{"not known": 1}'


# Options of single calls


@every_way
async def test_timeout_option_reaches_transport(way: Call) -> None:
    client = way.client(wire := Wire())
    own = {"connect": 1.0, "read": 2.0, "write": 3.0, "pool": 4.0}
    for timeout, expected in [
        (7, dict.fromkeys(own, 7.0)),
        (None, dict.fromkeys(own)),
        (httpx.Timeout(**own), own),
    ]:
        await way.parsed(client.with_options(timeout=timeout))
        assert wire.requests[-1].extensions["timeout"] == expected
    await way.parsed(client.with_options(strict=False))
    assert wire.requests[-1].extensions["timeout"] == {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}


@every_way
async def test_headers_option_merges_and_last_wins(way: Call) -> None:
    client = way.client(wire := Wire())
    first = client.with_options(headers={"X-One": "1", "X-Two": "2"})
    await way.parsed(first.with_options(headers={"x-two": "two", "X-Three": "3"}))
    sent = wire.requests[-1].headers
    assert [sent.get_list(name) for name in ("X-One", "X-Two", "X-Three")] == [["1"], ["two"], ["3"]]
    await way.parsed(client)
    assert not {"x-one", "x-two", "x-three"} & {*wire.requests[-1].headers}


@every_way
async def test_headers_option_replaces_default_header(way: Call) -> None:
    client = way.client(wire := Wire())
    await way.parsed(client)
    ours = wire.requests[-1].headers["User-Agent"]
    assert ours.startswith("cloudjobs/")
    for name in ("accept", "Accept"):
        await way.parsed(client.with_options(headers={name: "application/xml"}))
        assert wire.requests[-1].headers.get_list("Accept") == ["application/xml"]
    for name in ("user-agent", "User-Agent"):
        await way.parsed(client.with_options(headers={name: "mine/1.0"}))
        assert wire.requests[-1].headers.get_list("User-Agent") == [f"mine/1.0 {ours}"]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0", "aé", "a\x7f", " a", "a ", "\ta"], ids=repr)
@every_way
async def test_headers_option_invalid_value_is_rejected_unshown(way: Call, value: str) -> None:
    client = way.client(Wire())
    with pytest.raises(ValueError, match="X-Mine") as caught:
        client.with_options(headers={"X-Mine": value.replace("a", "secret")})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "X Mine", "X-Mine:", "X-Mine\r\n", "é"], ids=repr)
def test_headers_option_invalid_name_is_rejected(name: str) -> None:
    with pytest.raises(ValueError, match="header"):
        YuanrongClient(URL, transport=Wire()).with_options(headers={name: "value"})


@pytest.mark.parametrize(
    "options",
    [
        *({"timeout": value} for value in (-1, float("nan"), float("inf"), 1e300, "5", httpx.Timeout(5, read=-1))),
        *({"max_response_size": value} for value in (-1, 1.5, "5", None, True)),
        {"deadline": "5"},
        *({"headers": headers} for headers in ({"X-Mine": None}, {"X-Mine": 5}, {5: "5"})),
    ],
    ids=repr,
)
@every_way
async def test_options_invalid_value_is_rejected_at_once(way: Call, options: dict[str, Any]) -> None:
    ((name, value),) = options.items()
    expected = "X-Mine|header" if name == "headers" else f"{name} (is|must be)"
    error = TypeError if options == {"timeout": "5"} else ValueError
    client = way.client(Wire())
    with pytest.raises(error, match=expected):
        client.with_options(**options)
    if name == "timeout":
        with pytest.raises(error, match=expected):
            type(client)(URL, timeout=value)


@every_way
async def test_options_do_not_change_original_client(way: Call) -> None:
    seen: list[Deviation] = []
    client = way.client(wire := Wire(DEPARTING), on_deviation=seen.append)
    before = repr(client)
    strict = client.with_options(
        timeout=1, headers={"X-One": "1"}, strict=True, on_deviation=None, max_response_size=1000
    )
    assert type(strict) is type(client)
    assert strict is not client
    with pytest.raises(errors.ContractViolationError):
        await way.parsed(strict)
    assert not seen
    await way.parsed(client)
    assert seen
    assert "X-One" not in wire.requests[-1].headers
    assert repr(client) == before
    # Other options are unchanged, also in the copy of a copy.
    await way.parsed(strict.with_options(strict=False))
    assert wire.requests[-1].headers["X-One"] == "1"
    with pytest.raises(errors.InvalidResponseError):
        await way.parsed(strict.with_options(strict=False, max_response_size=1))


@every_way
async def test_options_headers_are_copied(way: Call) -> None:
    headers = {"X-One": "1"}
    client = way.client(wire := Wire()).with_options(headers=headers)
    headers["X-One"] = "2"
    await way.parsed(client)
    assert wire.requests[-1].headers["X-One"] == "1"


def test_options_unknown_name_raises_type_error() -> None:
    with pytest.raises(TypeError):
        YuanrongClient(URL, transport=Wire()).with_options(retries=1)  # type: ignore[call-arg]


@every_way
async def test_max_response_size_equal_to_body_is_accepted(way: Call) -> None:
    body = recorded(way)
    client = way.client(wire := Wire(body))
    await way.parsed(client.with_options(max_response_size=len(body)))
    limited = client.with_options(max_response_size=len(body) - 1)
    for call in (way.parsed, way.raw):
        with pytest.raises(errors.InvalidResponseError, match="max_response_size") as caught:
            await call(limited)
        assert str(len(body) - 1) in str(caught.value)
        assert caught.value.status_code == 200
    wire.status = 503
    with pytest.raises(errors.InternalServerError) as failed:
        await way.parsed(limited)
    assert failed.value.body == body[:-1]


@every_way
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_max_response_size_applies_after_decompression(way: Call, encoding: str) -> None:
    compress = gzip.compress if encoding == "gzip" else zlib.compress
    bomb = compress(b'{"a": "' + b"x" * 5_000_000 + b'"}')
    assert len(bomb) < 10_000
    client = way.client(Wire(bomb, headers={"Content-Encoding": encoding}))
    with pytest.raises(errors.InvalidResponseError, match=r"10000 bytes.*max_response_size"):
        await way.parsed(client.with_options(max_response_size=10_000))
    model = await way.parsed(client.with_options(max_response_size=5_000_009))
    assert len(model.additional_properties["a"]) == 5_000_000


# Whole responses


@every_way
async def test_raw_response_has_status_headers_body_and_model(way: Call) -> None:
    body = recorded(way)
    way = way.about(json.loads(body))
    raw = await way.raw(way.client(Wire(body, 203, {"X-Request-Id": "r1", "Content-Type": "application/json"})))
    assert raw.status_code == 203
    assert raw.content == body
    assert raw.headers["x-request-id"] == "r1"
    assert raw.headers["X-Request-Id"] == "r1"
    model = raw.parse()
    assert type(model) is way.model
    assert raw.parse() is model
    assert raw.deviations == ()
    assert repr(raw) == f"<RawResponse 203, {len(body)} bytes>"


@every_way
async def test_raw_response_of_error_status_raises_only_in_parse(way: Call) -> None:
    for status in (199, 300, 404, 429, 500, 599):
        raw = await way.raw(way.client(Wire(b'"why"', status)))
        assert (raw.status_code, raw.content) == (status, b'"why"')
        for _ in range(2):
            with pytest.raises(errors.APIStatusError, match="why") as caught:
                raw.parse()
            assert (caught.value.status_code, caught.value.body) == (status, b'"why"')


@every_way
async def test_raw_response_undecodable_keeps_body(way: Call) -> None:
    raw = await way.raw(way.client(Wire(b"{")))
    assert raw.content == b"{"
    for _ in range(2):
        with pytest.raises(errors.InvalidResponseError):
            raw.parse()


@every_way
async def test_raw_response_has_deviations_after_parse(way: Call) -> None:
    raw = await way.raw(way.client(Wire(DEPARTING)))
    assert raw.deviations == ()
    raw.parse()
    found = {found.pointer: found.kind for found in raw.deviations}
    assert found["/not known"] is DeviationKind.UNDOCUMENTED
    raw.parse()
    assert len(raw.deviations) == len(found)


def test_raw_response_has_row_deviations_after_access() -> None:
    body = text({"jobs": [{"jobId": "a", "status": "failed", "x": 1}, {"jobId": 2, "status": "failed"}]})
    raw = GesClient(URL, project_id="p", transport=Wire(body)).with_raw_response.list_jobs("movie")
    page = raw.parse()
    assert page.jobs is not None
    assert raw.deviations == ()
    assert page.jobs[1].job_id == 2  # type: ignore[comparison-overlap]
    assert [found.pointer for found in raw.deviations] == ["/jobs/1/jobId"]
    for _ in page.jobs:
        pass
    assert [found.pointer for found in raw.deviations] == ["/jobs/1/jobId", "/jobs/0/x"]


@every_way
async def test_raw_response_strict_raises_same_error_each_time(way: Call) -> None:
    seen: list[Deviation] = []
    raw = await way.raw(way.client(Wire(DEPARTING), strict=True, on_deviation=seen.append))
    raised = []
    for _ in range(2):
        with pytest.raises(errors.ContractViolationError) as caught:
            raw.parse()
        raised.append([found.pointer for found in caught.value.violations])
    assert raised[0] == raised[1]
    assert len(raw.deviations) == len(raised[0])
    assert len(seen) == len(raised[0])


@every_way
@pytest.mark.parametrize(
    "name", ["a\nb", "a\u2028b", "a\u001b[31m", "a" * 10_000], ids=["break", "separator", "escape", "long"]
)
async def test_contract_violation_str_is_one_line(way: Call, name: str) -> None:
    body = text({name: 1, **json.loads(recorded(way))})
    way = way.about(json.loads(recorded(way)))
    with pytest.raises(errors.ContractViolationError) as caught:
        await way.parsed(way.client(Wire(body), strict=True))
    assert [found.pointer for found in caught.value.violations] == [f"/{name}"]
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 2000


# Callbacks of deviations


@every_way
async def test_on_deviation_receives_each_deviation(way: Call) -> None:
    seen: list[Deviation] = []
    raw = await way.raw(way.client(Wire(DEPARTING), on_deviation=seen.append))
    raw.parse()
    assert seen == list(raw.deviations)
    assert DeviationKind.UNDOCUMENTED in {found.kind for found in seen}
    other: list[Deviation] = []
    again = way.client(Wire(DEPARTING), on_deviation=seen.append).with_options(on_deviation=other.append)
    await way.parsed(again)
    assert other == seen


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, at a moment at which nothing has been logged."""
    monkeypatch.setattr(_deviations.DeviationReporter, "_logged", set())
    caplog.set_level(logging.INFO, logger="cloudjobs")
    return caplog


def lines(log: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Return level and text of the records of the library."""
    return [(record.levelname, record.getMessage()) for record in log.records if record.name.startswith("cloudjobs")]


LISTING = call_of("ges")


def page_of(*rows: dict[str, Any], **fields: Any) -> bytes:
    """Return a page of rows, each with the required fields."""
    return text({"jobs": [{"jobId": "j", "status": "failed", **row} for row in rows], **fields})


def read_all(body: bytes) -> None:
    """Read a page and every row, with a new client."""
    page = GesClient(URL, project_id="p", transport=Wire(body)).list_jobs("movie")
    page.check()


def test_deviation_is_logged_once_per_service_and_pointer(log: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        read_all(page_of({"progress": 101}, {"progress": 102}, {"progress": 103}))
    ((level, line),) = lines(log)
    assert level == "WARNING"
    assert line.startswith("ges.list_jobs: ")
    assert "/jobs/*/progress" in line
    assert "range" in line
    read_all(page_of({"progress": "none"}, {"canStop": 1}))
    assert [line.split(": ")[1].split()[-1] for _, line in lines(log)][1:] == ["/jobs/*/progress", "/jobs/*/canStop"]


def test_deviation_log_joins_indices_at_every_depth(log: pytest.LogCaptureFixture) -> None:
    file = {"fileName": "f", "totalLines": "9"}
    groups = {"files": [{"edgeFiles": [file, file]}, {"edgeFiles": [file]}]}
    read_all(page_of(groups, groups))
    ((_, line),) = lines(log)
    assert "/jobs/*/files/*/edgeFiles/*/totalLines" in line


def test_deviation_log_separates_services(log: pytest.LogCaptureFixture) -> None:
    for way in WAYS[::2]:
        client = way.client(Wire(DEPARTING))
        for _ in range(2):
            getattr(client, way.operation.replace("J", "_j").replace("B", "_b"))(**way.arguments)
    said = [line for _, line in lines(log) if "undocumented" in line]
    assert len(said) == 4
    names = {way.operation.replace("J", "_j").replace("B", "_b") for way in WAYS}
    assert {line.split(":")[0].partition(".")[2] for line in said} == names
    assert {line.partition(".")[0] for line in said} == {way.service for way in WAYS}


def test_notice_is_logged_as_info(log: pytest.LogCaptureFixture) -> None:
    read_all(page_of({"status": "paused"}))
    ((level, line),) = lines(log)
    assert level == "INFO"
    assert "/jobs/*/status" in line


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "fields",
    [
        {"progress": SECRET}, {"canStop": SECRET}, {"jobId": [SECRET]}, {"status": SECRET}, {"x": SECRET}, {SECRET: 1},
        {"files": [{SECRET: SECRET}]}, {"files": {"x": SECRET}}, {"startTime": {SECRET: 1}},
    ],
    ids=repr,
)  # fmt: skip
def test_deviation_log_contains_no_value(log: pytest.LogCaptureFixture, fields: dict[str, Any]) -> None:
    read_all(page_of(fields))
    assert lines(log)
    assert SECRET not in log.text
    assert SECRET not in str([record.__dict__ for record in log.records])


def test_deviation_log_replaces_map_keys(log: pytest.LogCaptureFixture) -> None:
    body = text({"type": "DRIVER", "submission_id": "j", "status": "RUNNING", "metadata": {SECRET: 1, "other": 2}})
    YuanrongClient(URL, transport=Wire(body)).get_job("j")
    ((_, line),) = lines(log)
    assert "/metadata/*" in line
    assert SECRET not in line


def test_on_deviation_exception_propagates() -> None:
    def fail(deviation: Deviation) -> None:
        raise KeyError(deviation.pointer)

    with pytest.raises(KeyError):
        YuanrongClient(URL, transport=Wire(DEPARTING), on_deviation=fail).get_job("j")


def test_on_deviation_notice_has_severity() -> None:
    seen: list[Deviation] = []
    body = text({"type": "DRIVER", "submission_id": "j", "status": "PAUSED"})
    job = YuanrongClient(URL, transport=Wire(body), on_deviation=seen.append, strict=True).get_job("j")
    assert job.status == "PAUSED"
    assert [(found.pointer, found.severity, found.actual) for found in seen] == [("/status", Severity.NOTICE, "PAUSED")]


# Credentials over plain HTTP

LOCAL = ["http://127.0.0.1", "http://127.0.0.1:8080/v1", "http://127.1.2.3", "http://localhost:80", "http://LOCALHOST",
         "http://[::1]:8080", "http://jobs.localhost", "http://[::ffff:127.0.0.1]"]  # fmt: skip
AFAR = ["http://service.example.com", "http://10.0.0.1", "http://0.0.0.0", "http://[::]", "http://[fe80::1]",
        "http://localhost.example.com", "http://127.0.0.1.example.com", "http://notlocalhost", "HTTP://example.com",
        "http://128.0.0.1"]  # fmt: skip


@every_way
@pytest.mark.parametrize("url", AFAR)
async def test_credentials_over_remote_plain_http_are_rejected(way: Call, url: str) -> None:
    for auth in (Token("t" * 20, header="X-T"), httpx.BasicAuth("user", "t" * 20)):
        with pytest.raises(ValueError, match="allow_insecure") as caught:
            way.client(Wire(), url, auth=auth)
        assert "t" * 20 not in str(caught.value)


@every_way
@pytest.mark.parametrize("url", [*LOCAL, URL, "https://10.0.0.1"])
async def test_credentials_over_https_or_loopback_are_sent(way: Call, url: str) -> None:
    await way.parsed(way.client(wire := Wire(), url, auth=Token("secret", header="X-T")))
    assert wire.requests[0].headers["X-T"] == "secret"


@every_way
async def test_credentials_over_allowed_plain_http_are_sent(way: Call) -> None:
    for url in AFAR[:2]:
        await way.parsed(way.client(wire := Wire(), url, auth=Token("secret", header="X-T"), allow_insecure=True))
        assert wire.requests[0].headers["X-T"] == "secret"


@every_way
async def test_plain_http_without_credentials_is_allowed(way: Call) -> None:
    await way.parsed(way.client(wire := Wire(), AFAR[0]))
    assert wire.requests[0].url.scheme == "http"
