"""Responses that cannot be used, and none at all: a 2xx response that is not a JSON object, and failures of the
connection."""

from __future__ import annotations

import threading
import zlib
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest

from cloudjobs import CceClient, YuanrongClient, _deviations, errors
from cloudjobs._messages import DecompressionError
from tests.exhaustive import every

from .doc_examples import ANY_URL, CARRIED, WAYS, Carried, Way, named, recordings
from .transports import Answers, Bytes, one_line, raising, reply, serving

every_way = pytest.mark.parametrize("way", WAYS, ids=named)
carried = pytest.mark.parametrize("carried", CARRIED, ids=named)

# 2xx responses that are not valid

NO_OBJECT = {
    "array": b'[{"kind": "Job"}]',
    "string": b'"done"',
    "number": b"17",
    "fraction": b"1.5",
    "true": b"true",
    "null": b"null",
    "truncated": b'{"kind": "Jo',
    "empty": b"",
    "blank": b" \n",
    "text": b"OK",
    "HTML": b"<html></html>",
    "two objects": b"{}{}",
    "not UTF-8": b'{"kind": "\xff"}',
    "nested": b'{"spec":' * 100_000,
}


@every_way
@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT)
@pytest.mark.anyio
async def test_response_not_a_json_object_raises_with_body(way: Way, body: bytes) -> None:
    for status in (200, 201):
        with pytest.raises(errors.InvalidResponseError) as caught:
            await way.call(way.client(transport=Answers(status, content=body)))
        error = caught.value
        assert (error.service, error.operation) == (way.operation.service, way.operation.id)
        assert (error.status_code, error.body) == (status, body)
        assert one_line(error)


@every_way
@pytest.mark.anyio
async def test_an_array_as_the_body_is_logged_with_both_types(
    way: Way, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_deviations.DeviationReporter, "_logged", set())
    call = f"{way.operation.service}.{way.operation.name}"
    with pytest.raises(errors.InvalidResponseError, match="must be a JSON object, got array"):
        await way.call(way.client(transport=Answers(200, content=b"[]")))
    (text,) = [text for text in caplog.messages if "deviates" in text]
    assert text == f"{call}: response deviates at the top level: expected object, got array"


def test_response_truncated_anywhere_raises_invalid_response() -> None:
    whole = recordings("yuanrong")["get-job-succeeded"]["body"].strip().encode()
    for length in range(0, len(whole), every(5)):
        yuanrong = YuanrongClient(ANY_URL, transport=Answers(content=whole[:length]))
        with pytest.raises(errors.InvalidResponseError):
            yuanrong.get_job("j")


@pytest.mark.parametrize("depth", [200, 300])
def test_response_nested_too_deep_raises_invalid_response(depth: int) -> None:
    body = b'{"spec":{"subJobs":[' * depth + b"{}" + b"]}}" * depth
    cce = CceClient(ANY_URL, project_id="p", transport=Answers(content=body))
    with pytest.raises(errors.InvalidResponseError):
        cce.get_job("j")


GZIP = {"Content-Encoding": "gzip"}


@every_way
@pytest.mark.anyio
async def test_response_invalid_gzip_raises_invalid_response(way: Way) -> None:
    client = way.answering(lambda request: httpx.Response(200, headers=GZIP, stream=Bytes(b"this is not a gzip")))
    with pytest.raises(errors.InvalidResponseError) as caught:
        await way.call(client)
    assert isinstance(caught.value.__cause__, DecompressionError)
    assert "decompressed" in str(caught.value)
    assert one_line(caught.value)


@every_way
@pytest.mark.anyio
async def test_response_invalid_gzip_error_has_status_code(way: Way) -> None:
    client = way.answering(lambda request: httpx.Response(200, headers=GZIP, stream=Bytes(b"this is not a gzip")))
    with pytest.raises(errors.InvalidResponseError) as caught:
        await way.call(client)
    assert caught.value.status_code == 200


@every_way
@pytest.mark.anyio
async def test_status_error_with_invalid_gzip_keeps_its_class(way: Way) -> None:
    client = way.answering(lambda request: httpx.Response(503, headers=GZIP, stream=Bytes(b"this is not a gzip")))
    with pytest.raises(errors.InternalServerError) as caught:
        await way.call(client)
    assert caught.value.status_code == 503


@every_way
@pytest.mark.anyio
async def test_response_gzip_in_two_chunks_is_decoded(way: Way) -> None:
    squeeze = zlib.compressobj(wbits=31)
    body = squeeze.compress(b'{"not known": 1}') + squeeze.flush()
    client = way.answering(lambda request: httpx.Response(200, headers=GZIP, stream=Bytes(body[:9], body[9:])))
    assert (await way.call(client)).to_dict() == {"not known": 1}


def squeezed(body: bytes, wbits: int = 31) -> bytes:
    """Return a body compressed as gzip (31), deflate with its header (15) or without (-15)."""
    squeeze = zlib.compressobj(wbits=wbits)
    return squeeze.compress(body) + squeeze.flush()


OBJECT = b'{"not known": 1}'


@carried
@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", squeezed(OBJECT)), ("deflate", squeezed(OBJECT, 15)), ("deflate", squeezed(OBJECT, -15)),
     ("identity", OBJECT), ("deflate, gzip", squeezed(squeezed(OBJECT, 15)))],
    ids=["gzip", "deflate", "bare deflate", "identity", "both"],
)  # fmt: skip
@pytest.mark.anyio
async def test_response_accepted_encoding_is_decoded(carried: Carried, encoding: str, body: bytes) -> None:
    with serving(lambda path: reply("200 OK", body, f"Content-Encoding: {encoding}")) as server:
        async with carried.client(server.url) as client:
            assert (await carried.way.call(client)).to_dict() == {"not known": 1}
    assert server.headers[0].get_list("Accept-Encoding") == ["gzip, deflate"]


@carried
@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", b"this is not a gzip"), ("gzip", squeezed(OBJECT)[:-9]), ("br", OBJECT)],
    ids=["no gzip", "half of it", "not asked for"],
)
@pytest.mark.anyio
async def test_response_invalid_encoding_raises_by_status(carried: Carried, encoding: str, body: bytes) -> None:
    answers = iter(
        reply(status, body, f"Content-Encoding: {encoding}", "Connection: close")
        for status in ("200 OK", "503 Service Unavailable")
    )
    with serving(lambda path: next(answers)) as server:
        async with carried.client(server.url) as client:
            with pytest.raises(errors.InvalidResponseError, match="decompressed") as caught:
                await carried.way.call(client)
            assert caught.value.status_code == 200
            assert isinstance(caught.value.__cause__, DecompressionError)
            assert one_line(caught.value)
            with pytest.raises(errors.InternalServerError):
                await carried.way.call(client)


# No response


def below(kind: type[Exception]) -> list[type[Exception]]:
    """Return all classes below one."""
    return [found for child in kind.__subclasses__() for found in [child, *below(child)]]


@every_way
@pytest.mark.parametrize("kind", below(httpx.TransportError), ids=lambda kind: kind.__name__)
@pytest.mark.anyio
async def test_transport_error_is_wrapped_with_cause(way: Way, kind: type[Exception]) -> None:
    original = kind("what httpx says,\nin two lines")
    expected = errors.APITimeoutError if issubclass(kind, httpx.TimeoutException) else errors.APIConnectionError
    with pytest.raises(errors.CloudJobsError) as caught:
        await way.call(way.answering(raising(original)))
    error = caught.value
    assert type(error) is expected
    assert error.__cause__ is original
    assert (error.service, error.operation) == (way.operation.service, way.operation.id)
    assert kind.__name__ in str(error)
    assert one_line(error)


async def check_connection_error(
    carried: Carried,
    url: str,
    expected: type[errors.CloudJobsError],
    causes: dict[str, type[Exception]],
    **keywords: Any,
) -> None:
    """Call a server that gives no response, and look at the error."""
    async with carried.client(url, **keywords) as client:
        with pytest.raises(errors.CloudJobsError) as caught:
            await carried.way.call(client)
    error = caught.value
    assert type(error) is expected
    assert isinstance(error.__cause__, causes[carried.library])
    assert (error.service, error.operation) == (carried.way.operation.service, carried.way.operation.id)
    assert type(error.__cause__).__name__ in str(error)
    assert one_line(error)


@carried
@pytest.mark.anyio
async def test_connection_refused_raises_connection_error(carried: Carried) -> None:
    with serving(lambda path: b"") as server:
        url = server.url
    causes = {"httpx": httpx.ConnectError, "httpx2": httpx2.ConnectError, "aiohttp": aiohttp.ClientConnectorError}
    await check_connection_error(carried, url, errors.APIConnectionError, causes)


BROKEN = {
    "nothing": (b"", aiohttp.ServerDisconnectedError),
    "half a body": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 99\r\n\r\n{",
        aiohttp.ClientPayloadError,
    ),
    "no HTTP": (b"what?\r\n\r\n", aiohttp.ClientResponseError),
}


@carried
@pytest.mark.anyio
@pytest.mark.parametrize(("sent", "of_aiohttp"), BROKEN.values(), ids=BROKEN)
async def test_connection_broken_raises_connection_error(
    carried: Carried, sent: bytes, of_aiohttp: type[Exception]
) -> None:
    causes: dict[str, type[Exception]] = {
        "httpx": httpx.RemoteProtocolError,
        "httpx2": httpx2.RemoteProtocolError,
        "aiohttp": of_aiohttp,
    }
    with serving(lambda path: sent) as server:
        await check_connection_error(carried, server.url, errors.APIConnectionError, causes)


@carried
@pytest.mark.anyio
async def test_server_too_slow_raises_timeout_error(carried: Carried) -> None:
    done = threading.Event()

    def wait(path: str) -> bytes:
        done.wait(10)
        return reply("200 OK", b"{}")

    causes = {"httpx": httpx.ReadTimeout, "httpx2": httpx2.ReadTimeout, "aiohttp": aiohttp.SocketTimeoutError}
    with serving(wait) as server:
        try:
            await check_connection_error(
                carried, server.url, errors.APITimeoutError, causes, timeout=httpx.Timeout(60, read=0.05)
            )
        finally:
            done.set()


@carried
@pytest.mark.anyio
async def test_status_error_with_truncated_body_keeps_its_class(carried: Carried) -> None:
    sent = b'HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 99\r\n\r\n{"error_code": "C'
    with serving(lambda path: sent) as server:
        async with carried.client(server.url) as client:
            with pytest.raises(errors.InternalServerError) as caught:
                await carried.way.call(client)
    assert sent.endswith(caught.value.body)


@every_way
@pytest.mark.anyio
async def test_transport_custom_exception_is_not_wrapped(way: Way) -> None:
    class OfTheCaller(Exception):
        pass

    with pytest.raises(OfTheCaller):
        await way.call(way.answering(raising(OfTheCaller())))
