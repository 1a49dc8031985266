# Generated from generator/client/runtime/testing/_replay.py. Do not edit: change that, and run `make generate`.
"""The replay application: finds the operation that a request is for, by its path as it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from urllib.parse import quote, unquote_to_bytes

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from .._documents import document, recordings, services
from ._endpoints import Endpoint, endpoints


def replay(names: Sequence[str]) -> Starlette:
    """The application for the services of those names, or for all."""
    # A name that is given twice is one service.
    served = [
        endpoint
        for name in dict.fromkeys(names or services())
        for endpoint in endpoints(name, document(name), recordings(name))
    ]
    for one, other in combinations(served, 2):
        if (one.method, one.shape) == (other.method, other.shape):
            raise ValueError(
                f"{one.service} and {other.service} both have {one.method} {one.template}: serve them one at a time"
            )
    return Starlette(routes=[_Everything(served)])


class _Everything(BaseRoute):
    """Takes every request. Starlette's own routes match the decoded path, where `%2F` has become a separator."""

    def __init__(self, served: Sequence[Endpoint]) -> None:
        self._served = sorted(served, key=lambda endpoint: endpoint.generality)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        segments = _segments(request.scope)
        found = [(endpoint, path) for endpoint in self._served if (path := endpoint.match(segments)) is not None]
        if not found:
            served = "".join(f"{endpoint.method} {endpoint.template}\n" for endpoint in self._served)
            return PlainTextResponse(f"nothing is served at this path; served are\n{served}", 404)
        for endpoint, path in found:
            if endpoint.method == request.method:
                return endpoint.answer(path, request)
        allowed = ", ".join(sorted({endpoint.method for endpoint, _ in found}))
        return PlainTextResponse(f"this path is served for {allowed}", 405, headers={"allow": allowed})


def _segments(scope: Scope) -> list[str]:
    """The path in decoded segments. What is not UTF-8 becomes lone surrogates, for the parameters to refuse."""
    # raw_path is optional in ASGI; the servers and test clients that are in use give it.
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    # Where the application is mounted, the path still begins with the place that it is mounted at.
    inner = raw.removeprefix(quote(scope.get("root_path", "")).encode())
    return [unquote_to_bytes(segment).decode("utf-8", "surrogateescape") for segment in inner.split(b"/")]
