"""A body of any size, encoding and source takes a bounded amount of memory and work."""

from __future__ import annotations

import asyncio
import gzip
import inspect
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from cloudjobs import errors
from cloudjobs._messages import BodyReader, DecompressionError, Decompressor
from cloudjobs.auth import IamPassword, Token

from .doc_examples import ANY_URL, CARRIED, Carried, named
from .transports import Bytes, reply, serving

pytestmark = pytest.mark.anyio
CCE = [carried for carried in CARRIED if carried.way.operation.service == "cce"]
every_sender = pytest.mark.parametrize("carried", CCE, ids=named)
MIB = 1024 * 1024
EMPTY = gzip.compress(b"", mtime=0)
OBJECT = b'{"not known": 1}'


def encoded(body: bytes, *encodings: str) -> bytes:
    """Return a body with encodings applied one after another."""
    for encoding in encodings:
        body = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    return body


def raw_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(body) + squeeze.flush()


def encoding_header(*encodings: str) -> str:
    return f"Content-Encoding: {', '.join(encodings)}"


# Decompression

BLOCKS = gzip.compress(b"", mtime=0)[:10] + b"\0\0\0\xff\xff" * (8 * MIB)
"""The head of a gzip member, and blocks without a byte."""
ENDLESS = {
    "empty members": lambda: encoded(EMPTY * (2 * MIB), "gzip"),
    "members of one byte": lambda: encoded(gzip.compress(b" ", mtime=0) * (2 * MIB), "gzip"),
    "empty blocks": lambda: encoded(BLOCKS, "gzip"),
}
"""Some kilobytes of `gzip, gzip`, with 40 MiB after the outer encoding."""
every_endless = pytest.mark.parametrize("endless", ENDLESS)


@every_sender
@every_endless
async def test_decompression_of_endless_body_is_rejected(carried: Carried, endless: str) -> None:
    body = ENDLESS[endless]()
    with serving(lambda path: reply("200 OK", body, encoding_header("gzip", "gzip"))) as server:
        async with carried.client(server.url) as client:
            with pytest.raises(
                errors.InvalidResponseError, match=r"decompressed: its? (compressed data )?has more than"
            ):
                await carried.way.call(client.with_options(max_response_size=4 * MIB))


@every_sender
async def test_decompression_past_deadline_raises_timeout_error(carried: Carried) -> None:
    body = encoded(BLOCKS, "gzip")
    limits = {"max_response_size": 2**40, "deadline": 0.05}
    with serving(lambda path: reply("200 OK", body, encoding_header("gzip", "gzip"))) as server:
        async with carried.client(server.url) as client:
            with pytest.raises(errors.APITimeoutError, match="deadline"):
                await carried.way.call(client.with_options(**limits))


@pytest.mark.parametrize("carried", [carried for carried in CCE if carried.way.asynchronous], ids=named)
async def test_decompression_of_large_body_lets_other_tasks_run(
    carried: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = 0
    seen: list[int] = []
    add = BodyReader.add

    def counted(body: BodyReader, chunk: bytes) -> bool:
        seen.append(turns)
        return add(body, chunk)

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(BodyReader, "add", counted)
    with serving(lambda path: reply("200 OK", encoded(b" " * (32 * MIB), "gzip"), encoding_header("gzip"))) as server:
        async with carried.client(server.url) as client:
            task = asyncio.create_task(take_turns())
            with pytest.raises(errors.InvalidResponseError):
                await carried.way.call(client)
            task.cancel()
    assert len(seen) == 512
    assert len(set(seen)) > 25


@every_sender
@pytest.mark.parametrize("count", [6, 1000])
async def test_decompression_of_over_five_encodings_is_rejected(carried: Carried, count: int) -> None:
    statuses = iter(["200 OK", "503 Busy"])
    answer = encoding_header(*["gzip"] * count)
    with serving(lambda path: reply(next(statuses), encoded(OBJECT, "gzip"), answer)) as server:
        async with carried.client(server.url) as client:
            with pytest.raises(errors.InvalidResponseError, match=f"at most 5 encodings, got {count}"):
                await carried.way.call(client)
            with pytest.raises(errors.InternalServerError):
                await carried.way.call(client)


@every_sender
async def test_decompression_of_five_encodings_succeeds(carried: Carried) -> None:
    names = ("gzip", "deflate", "gzip", "gzip", "deflate")
    with serving(lambda path: reply("200 OK", encoded(OBJECT, *names), encoding_header(*names))) as server:
        async with carried.client(server.url) as client:
            read = await carried.way.call(client.with_options(max_response_size=len(OBJECT)))
    assert read.to_dict() == {"not known": 1}


def pairs(body: bytes) -> list[bytes]:
    return [body[start : start + 2] for start in range(0, len(body), 2)]


def decompressed(header: str, *chunks: bytes) -> bytes:
    decompressor = Decompressor(header, 256 * MIB)
    body = b"".join(piece for chunk in chunks for piece in decompressor.feed(chunk))
    decompressor.end()
    return body


@pytest.mark.parametrize("size", [65535, 65536, 65537, 131072, 1_000_000])
@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress, raw_deflate])
def test_decompression_at_chunk_boundary_is_complete(compress: Any, size: int) -> None:
    header = "gzip" if compress is gzip.compress else "deflate"
    for body in (b"x" * size, bytes(range(256)) * (size // 256 + 1)):
        assert decompressed(header, compress(body)) == body
        assert decompressed(header, *pairs(compress(body[:70_000]))) == body[:70_000]


def test_gzip_members_and_padding_are_decoded() -> None:
    body = b"".join(gzip.compress(bytes([number % 256])) for number in range(9000))
    assert decompressed("gzip", body, b"\0" * 100_000, b"\0") == bytes(number % 256 for number in range(9000))


def test_gzip_padding_is_decoded_in_linear_time() -> None:
    began = time.monotonic()
    assert decompressed("gzip", gzip.compress(b"x"), *[b"\0" * 16384] * 2000) == b"x"
    assert time.monotonic() - began < 2.5


def test_gzip_one_large_chunk_is_decoded_in_linear_time() -> None:
    began = time.monotonic()
    members = gzip.compress(b"x", mtime=0) * 8000
    assert decompressed("gzip", members + bytes(16 * MIB)) == b"x" * 8000
    assert time.monotonic() - began < 2.5


def test_gzip_too_many_members_are_rejected() -> None:
    with pytest.raises(DecompressionError, match="more than 10000 gzip members"):
        decompressed("gzip", EMPTY * 10_001)


# Authentication

TOKEN = "X-Subject-Token: token-1"


class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of spaces, and how much of it was read."""

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        while self.read < 100 * MIB:
            self.read += 65536
            yield b" " * 65536

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def iam(url: str = ANY_URL) -> IamPassword:
    return IamPassword("jane", "secret", "acme", "south-1", iam_url=url, header="X-Auth-Token")


@every_sender
@pytest.mark.parametrize("size", [None, 1000])
@pytest.mark.parametrize("status", ["201 Created", "403 Forbidden"])
async def test_iam_response_too_large_raises_token_error(carried: Carried, status: str, size: int | None) -> None:
    body = b"{}" + b" " * (2000 if size else 5 * MIB)
    with serving(lambda path: reply(status, body, TOKEN, "Connection: close")) as server:
        async with carried.client(ANY_URL, auth=iam(server.url)) as client:
            limited = client if size is None else client.with_options(max_response_size=size)
            with pytest.raises(errors.TokenError) as caught:
                await carried.way.call(limited)
    assert len(caught.value.body) == (size or MIB) + 1
    if status == "201 Created":
        assert f"returned status 201 and more than {size or MIB} bytes" in str(caught.value)


@every_sender
async def test_iam_response_at_size_limit_is_accepted(carried: Carried) -> None:
    def answer(path: str) -> bytes:
        if path.startswith("/v3/auth"):
            return reply("201 Created", OBJECT.ljust(1000), TOKEN)
        return reply("200 OK", b"{}")

    with serving(answer) as server:
        async with carried.client(server.url, auth=iam(server.url)) as client:
            await carried.way.call(client.with_options(max_response_size=1000))


@every_sender
@pytest.mark.parametrize("names", [("gzip",), ("gzip", "gzip")])
async def test_iam_compressed_response_is_limited_after_decoding(carried: Carried, names: tuple[str, ...]) -> None:
    body = encoded(b" " * (20 * MIB), *names)
    with serving(lambda path: reply("403 Forbidden", body, encoding_header(*names), "Connection: close")) as server:
        async with carried.client(ANY_URL, auth=iam(server.url)) as client:
            tracemalloc.start()
            try:
                with pytest.raises(errors.TokenError):
                    await carried.way.call(client)
                assert tracemalloc.get_traced_memory()[1] < 12 * MIB
            finally:
                tracemalloc.stop()


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_iam_response_in_plain_httpx_client_is_limited(asynchronous: bool) -> None:
    endless = Endless()
    transport = httpx.MockTransport(
        lambda request: httpx.Response(201, headers={"X-Subject-Token": "token-1"}, stream=endless)
    )
    http = (httpx.AsyncClient if asynchronous else httpx.Client)(transport=transport, auth=iam())
    with pytest.raises(errors.TokenError, match="more than 1048576 bytes"):
        await answer if inspect.isawaitable(answer := http.get(ANY_URL)) else answer
    assert endless.read < 2 * MIB


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("kind", ["function", "iam"])
async def test_response_401_before_retry_is_read_up_to_limit(asynchronous: bool, kind: str) -> None:
    bodies: list[Endless] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/v3/auth"):
            return httpx.Response(201, headers={"X-Subject-Token": f"token-{len(bodies)}"}, stream=Bytes(b"{}"))
        bodies.append(Endless())
        return httpx.Response(401, stream=bodies[-1]) if len(bodies) == 2 else httpx.Response(200, stream=Bytes(b"{}"))

    tokens = iter(f"token-{number}" for number in range(9))
    auth = iam() if kind == "iam" else Token(lambda: next(tokens), header="X-Auth-Token")
    (carried,) = (one for one in CCE if one.way.asynchronous is asynchronous and one.library == "httpx")
    client = carried.way.client(transport=httpx.MockTransport(answer), auth=auth)
    for _ in range(2):
        await carried.way.call(client)
    assert len(bodies) == 3
    assert bodies[1].read < 2 * MIB
