"""Responses of every status with every kind of body, to every operation: the result of the call, and that nothing is
lost."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import Any

import attrs
import pytest

from cloudjobs import errors
from tests.exhaustive import every

from .malformed_bodies import (
    CALLS,
    JSON,
    LIMIT,
    UNREADABLE,
    WAYS,
    Call,
    Kind,
    Wire,
    kinds,
    named,
    oracle,
    recorded,
    recordings,
    same,
    time_limit,
)

pytestmark = pytest.mark.anyio
every_way = pytest.mark.parametrize("way", WAYS, ids=named)
STATUSES = sorted({200, 201, 204, 299, 400, 401, 403, 404, 429, 500, *range(100, 600, every(7))})
OF_STATUS = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    429: errors.RateLimitError,
    **dict.fromkeys(range(500, 600), errors.InternalServerError),
}
SECONDS = 30
"""More than hundreds of calls take on a slow machine, and far less than a hang."""


@attrs.define
class OutcomeCheck:
    """Makes one call after another over one client, and compares the results with the sent values."""

    way: Call
    wire: Wire = attrs.field(factory=Wire)
    _client: Any = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._client = self.way.client(self.wire)

    async def outcome(self, status: int, kind: Kind) -> Any:
        """Return the result of a call, or its exception if it is a documented one."""
        self.wire.status, self.wire.body, self.wire.headers = status, kind.sent, kind.headers
        client = self._client if kind.limit is None else self._client.with_options(max_response_size=kind.limit)
        try:
            return await self.way.parsed(client)
        except errors.CloudJobsError as error:
            assert (error.service, error.operation) == (self.way.service, self.way.operation)  # noqa: PT017
            assert str(error).isprintable()  # noqa: PT017
            assert len(str(error)) < 1000  # noqa: PT017
            return error

    async def expect(self, status: int, kind: Kind) -> None:
        """Call, and fail unless the outcome is the one that the specification gives."""
        outcome = await self.outcome(status, kind)
        said = kind.said
        if not 200 <= status <= 299:
            assert type(outcome) is OF_STATUS.get(status, errors.APIStatusError)
            assert outcome.status_code == status
            # The beginning of a body that is too large shows the cause.
            assert outcome.body == kind.decompressed[: kind.limit]
            for part in (outcome.code, outcome.message, outcome.request_id):
                assert part is None or isinstance(part, str)
        elif kind.limit is not None:
            assert type(outcome) is errors.InvalidResponseError
            assert "max_response_size" in str(outcome)
            assert outcome.status_code == status
        elif kind.deep:
            assert isinstance(outcome, self.way.model | errors.InvalidResponseError)
        elif isinstance(said, dict):
            assert type(outcome) is self.way.model
            assert same(outcome.to_dict(), said)
        else:
            assert type(outcome) is errors.InvalidResponseError
            assert (outcome.status_code, outcome.body) == (status, kind.decompressed)


def test_body_kinds_number_at_least_twenty() -> None:
    assert len(kinds(b"{}")) >= 20


@every_way
@pytest.mark.parametrize("name", kinds(b"{}"))
async def test_response_of_every_status_and_body_kind_is_handled(way: Call, name: str) -> None:
    caller, kind = OutcomeCheck(way), kinds(recorded(way))[name]
    with time_limit(SECONDS):
        for status in STATUSES:
            await caller.expect(status, kind)


@every_way
async def test_response_success_truncated_at_every_byte_raises(way: Call) -> None:
    caller, whole = OutcomeCheck(way), recorded(way)
    with time_limit(SECONDS):
        for length in range(0, len(whole), every(5)):
            assert oracle(whole[:length]) is UNREADABLE
            await caller.expect(200, Kind(whole[:length], JSON))


@every_way
async def test_response_error_truncated_at_every_byte_raises(way: Call) -> None:
    caller = OutcomeCheck(way)
    failures = [one for service in ("ges", "yuanrong") for one in recordings(service).values() if one["status"] >= 400]
    assert len(failures) >= 2
    for failure in failures:
        whole = failure["body"].encode()
        for length in range(0, len(whole), every(5)):
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


def nested(shape: tuple[bytes, bytes, bytes, bytes], depth: int) -> bytes:
    """Return a body with as many layers."""
    before, start, end, after = shape
    return before + start * depth + b"{}" + end * depth + after


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_response_of_any_depth_is_decoded_or_rejected(shape: tuple[bytes, bytes, bytes, bytes]) -> None:
    for way in WAYS:
        caller = OutcomeCheck(way)
        for depth in DEPTHS:
            outcome = await caller.outcome(200, Kind(nested(shape, depth), JSON))
            assert isinstance(outcome, way.model if depth <= 50 else way.model | errors.InvalidResponseError)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_response_of_any_depth_decoded_round_trips(shape: tuple[bytes, bytes, bytes, bytes]) -> None:
    for way in CALLS:
        client = way.client(wire := Wire())
        for depth in DEPTHS:
            wire.body = nested(shape, depth)
            try:
                model = await way.parsed(client)
                for row in getattr(model, "jobs", None) or ():
                    assert row is not None
            except errors.InvalidResponseError:
                assert depth > 50
            else:
                assert (said := oracle(wire.body)) is UNREADABLE or same(model.to_dict(), said)


@every_way
async def test_status_error_of_any_depth_keeps_its_class(way: Call) -> None:
    caller = OutcomeCheck(way)
    for depth in DEPTHS:
        for name in ("errorCode", "error_code", "errorMessage", "error_msg", "request_id"):
            for start, end in (("[", "]"), ('{"a":', "}")):
                await caller.expect(404, Kind(f'{{"{name}": {start * depth}1{end * depth}}}'.encode(), JSON))


@pytest.mark.parametrize("way", WAYS[:2], ids=named)
@pytest.mark.parametrize("layers", [1, 2])
async def test_response_decompression_bomb_takes_little_memory(way: Call, layers: int) -> None:
    bomb = b" " * 32_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    assert len(bomb) < 64 * 1024, "more than comes in one piece"
    wire = Wire(bomb, headers={"Content-Encoding": ", ".join(["gzip"] * layers)})
    client = way.client(wire).with_options(max_response_size=LIMIT)
    tracemalloc.start()
    try:
        with pytest.raises(errors.InvalidResponseError, match="max_response_size"):
            await way.parsed(client)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
