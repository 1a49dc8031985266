"""Send requests to a replay in this process, and define valid responses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .contracts import Operation, Recorded, resolved, same_json, validator


async def ask(
    app: ASGIApp, target: str, headers: Mapping[str, str] | None = None, *, method: str = "GET"
) -> httpx.Response:
    """Return the response to a request for a path and query, percent-encoded as given."""
    url = httpx.URL("http://service.example.com").copy_with(raw_path=target.encode("ascii"))
    assert url.raw_path.decode("ascii") == target, "httpx has changed the address"
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.request(method, url, headers=headers)


def page(one: Recorded, query: Mapping[str, Any]) -> Any:
    """Return a recorded body; that of a listing cut to the requested limit."""
    pages = one.operation.node.get("x-pagination")
    if not pages or not one.is_success:
        return one.body
    defaults = {each["name"]: each["schema"].get("default") for each in one.operation.parameters_in("query")}
    asked = {**defaults, **query}
    offset, limit = asked[pages["offset"]] or 0, asked[pages["limit"]]
    items = one.body[pages["items"]]
    kept = [item for place, item in enumerate(items) if place >= offset and (limit is None or place < offset + limit)]
    count = {pages["count"]: len(kept)} if pages.get("count") in one.body else {}
    return {**one.body, pages["items"]: kept, **count}


def assert_recorded(reply: httpx.Response, one: Recorded, query: Mapping[str, Any] | None = None) -> None:
    """Fail unless a response is the recorded one, cut to the requested page."""
    assert reply.status_code == one.status, reply.text
    assert reply.headers["content-type"] == one.recording.content_type
    expected = page(one, one.query if query is None else query)
    if same_json(expected, one.body):
        assert reply.text == one.recording.text
    else:
        assert same_json(reply.json(), expected), reply.text


def assert_error(reply: httpx.Response, operation: Operation, status: int) -> None:
    """Fail unless a response is an error of that status, in the form of the document."""
    assert reply.status_code == status, reply.text
    full = operation.contract.full
    content = operation.content(full, status)
    assert reply.headers["content-type"] in content, "the service has a shape for its failures"
    schema = content[reply.headers["content-type"]]
    body = reply.json()
    assert list(validator(full, schema).iter_errors(body)) == []
    assert body if isinstance(body, str) else _message(body, resolved(full, schema))


def _message(body: dict[str, Any], schema: dict[str, Any]) -> Any:
    return next((body[place] for place in schema["x-error"]["message"] if body.get(place)), None)


def assert_not_found(reply: httpx.Response, operation: Operation) -> None:
    """Fail unless a response says that the resource does not exist, in recorded words if there are any, with any
    names."""
    if one := operation.recorded_not_found:
        pattern = re.escape(one.recording.text)
        for value in one.identity.values():
            pattern = pattern.replace(re.escape(value), ".*")
        assert (reply.status_code, reply.headers["content-type"]) == (one.status, one.recording.content_type)
        assert re.fullmatch(pattern, reply.text, re.DOTALL)
    else:
        assert_error(reply, operation, 404)


class Altered:
    """A server with a change in every response, which the checks must report."""

    def __init__(self, app: ASGIApp, status: int = 200, media_type: str = "application/json", body: str | None = None):
        self._app = app
        self._status = status
        self._media_type = media_type
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def altering(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(b"content-type", self._media_type.encode())]
                message = {**message, "status": self._status, "headers": headers}
            elif message["type"] == "http.response.body" and self._body is not None:
                message = {**message, "body": self._body.encode()}
            await send(message)

        await self._app(scope, receive, altering)
