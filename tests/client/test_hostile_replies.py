"""Replies of every status and every kind of body, to every operation: what a caller gets, and that nothing else escapes."""

from __future__ import annotations

import json
import tracemalloc
import zlib

import attrs
import pytest

from cloudjobs import errors

from .hostile import (
    CALLS,
    JSON,
    UNREADABLE,
    URL,
    WAYS,
    Call,
    Kind,
    Wire,
    at_most,
    call_of,
    kinds,
    named,
    oracle,
    recorded,
    recordings,
    same,
)

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
STATUSES = range(100, 600)
OF_STATUS = {
    400: errors.BadRequest,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    429: errors.RateLimited,
    **dict.fromkeys(range(500, 600), errors.ServerError),
}
SECONDS = 30
"""More than hundreds of calls take on a slow machine, and far less than a hang."""


@attrs.define
class Caller:
    """Makes one call after another over one client, and holds what comes to what was sent."""

    way: Call
    wire: Wire = attrs.field(factory=Wire)

    def __attrs_post_init__(self) -> None:
        self._client = self.way.client(self.wire)

    _client: object = attrs.field(init=False)

    async def expect(self, status: int, kind: Kind) -> None:
        """Call, and fail unless the outcome is the one that the specification gives."""
        self.wire.status, self.wire.body, self.wire.headers = status, kind.sent, kind.headers
        client = self._client if kind.limit is None else self._client.with_options(max_response_size=kind.limit)
        try:
            model = await self.way.parsed(client)
        except errors.ApiError as error:
            self._is_told(error, status)
            assert not 200 <= status <= 299
            assert type(error) is OF_STATUS.get(status, errors.ApiError)
            # Of a body that is too large the beginning is enough to tell what went wrong.
            assert error.body == kind.decompressed[: kind.limit]
            for part in (error.code, error.message, error.request_id):
                assert part is None or isinstance(part, str)
        except errors.InvalidResponse as error:
            self._is_told(error, status)
            assert 200 <= status <= 299
            if kind.limit is None:
                assert error.body == kind.decompressed
                assert not isinstance(oracle(kind.decompressed), dict)
            else:
                assert "max_response_size" in str(error)
        else:
            assert 200 <= status <= 299
            assert isinstance(model, self.way.model)
            assert kind.limit is None
            assert same(model.to_dict(), oracle(kind.decompressed))

    def _is_told(self, error: errors.ApiError | errors.InvalidResponse, status: int) -> None:
        assert (error.service, error.operation) == (self.way.service, self.way.operation)
        assert error.status_code == status
        assert str(error).isprintable()
        assert len(str(error)) < 1000


def test_there_are_the_kinds_of_bodies_that_are_asked_for() -> None:
    assert len(kinds(b"{}")) >= 20


@pytest.mark.parametrize("name", kinds(b"{}"))
async def test_every_status_with_every_kind_of_body(name: str) -> None:
    way = min(CALLS, key=lambda call: len(recorded(call)))
    caller, kind = Caller(way), kinds(recorded(way))[name]
    with at_most(SECONDS):
        for status in STATUSES:
            await caller.expect(status, kind)


@every_way
async def test_every_operation_with_every_status_and_every_kind_of_body(way: Call) -> None:
    """Each status with one kind and each kind with several statuses, others for each way."""
    caller, of_way = Caller(way), list(kinds(recorded(way)).values())
    with at_most(SECONDS):
        for status in STATUSES:
            await caller.expect(status, of_way[(status + WAYS.index(way)) % len(of_way)])
        for kind in of_way:
            for status in (100, 199, 200, 299, 300, 399, 400, 499, 500, 599):
                await caller.expect(status, kind)


@every_way
async def test_a_recorded_success_cut_short_at_every_byte(way: Call) -> None:
    caller, whole = Caller(way), recorded(way)
    with at_most(SECONDS):
        # Byte by byte where a call costs least; the others are cut at bytes of their own, so that all are met.
        for length in range(0, len(whole), 1 if not way.asynchronous else 7):
            assert oracle(whole[:length]) is UNREADABLE
            await caller.expect(200, Kind(whole[:length], JSON))


@every_way
async def test_a_recorded_failure_cut_short_at_every_byte(way: Call) -> None:
    caller = Caller(way)
    failures = [one for service in ("ges", "yuanrong") for one in recordings(service).values() if one["status"] >= 400]
    assert len(failures) >= 2
    for failure in failures:
        whole = failure["body"].encode()
        for length in range(len(whole)):
            await caller.expect(failure["status"], Kind(whole[:length], JSON))


DEPTHS = (10, 50, *range(100, 1100, 50), 10_000)
SHAPES = {
    "arrays in an unknown field": (b'{"unknown": ', b"[", b"]", b"}"),
    "objects in an unknown field": (b'{"unknown": ', b'{"a":', b"}", b"}"),
    "jobs in jobs": (b"", b'{"spec":{"subJobs":[', b"]}}", b""),
    "rows": (b'{"jobs": [{"jobId": "j", "status": ', b"[", b"]", b"}]}"),
    "a row": (b'{"jobs": [', b"[", b"]", b"]}"),
    "tasks": (b'{"tasks": [', b'{"extension_info": [', b"]}", b"]}"),
    "an environment": (b'{"runtime_env": ', b'{"a":', b"}", b"}"),
}


@pytest.mark.parametrize("way", CALLS, ids=named)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_a_success_of_any_depth_is_read_and_written_or_refused(
    way: Call, shape: tuple[bytes, bytes, bytes, bytes]
) -> None:
    before, start, end, after = shape
    wire = Wire()
    client = way.client(wire)
    for depth in DEPTHS:
        wire.body = before + start * depth + b"{}" + end * depth + after
        try:
            model = await way.parsed(client)
        except errors.InvalidResponse:
            assert depth > 50
        else:
            for row in getattr(model, "jobs", None) or ():
                assert row is not None
            assert same(model.to_dict(), oracle(wire.body))


@every_way
async def test_a_failure_of_any_depth_is_the_error_of_its_status(way: Call) -> None:
    caller = Caller(way)
    for depth in DEPTHS:
        for name in ("errorCode", "error_code", "errorMessage", "error_msg", "request_id"):
            for start, end in (("[", "]"), ('{"a":', "}")):
                await caller.expect(404, Kind(f'{{"{name}": {start * depth}1{end * depth}}}'.encode(), JSON))
