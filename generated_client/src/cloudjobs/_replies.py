# Generated from generator/client/runtime/_replies.py. Do not edit: change that, and run `make generate`.
"""Reads a reply: a model of a success, an `ApiError` of anything else, whatever its body."""

from __future__ import annotations

from typing import Any, TypeVar

import httpx
import msgspec

from ._models import Model
from ._operations import Operation
from .errors import ApiError, InvalidResponse, api_error_class

M = TypeVar("M", bound=Model)


def read(operation: Operation[M], response: httpx.Response) -> M:
    """The model of a successful reply.

    Raises:
        ApiError: The status is no success.
        InvalidResponse: The body is no JSON object.
    """
    if not response.is_success:
        raise api_error(operation, response)
    try:
        data = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _invalid(operation, response, f"is no JSON that can be read ({error})") from None
    if not isinstance(data, dict):
        raise _invalid(operation, response, f"is no JSON object but {_kind(data)}")
    return operation.reply.from_dict(data)


def api_error(operation: Operation[Any], response: httpx.Response) -> ApiError:
    """The error that a reply other than a success says."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        body = None
    shape = operation.errors
    status = response.status_code
    code = _first(body, shape.code)
    message = body if isinstance(body, str) else _first(body, shape.message)
    headers = (response.headers.get(name) for name in shape.request_id_headers)
    request_id = _first(body, shape.request_id) or next((value for value in headers if value), None)
    said = " ".join(part for part in (code, message) if part) or response.reason_phrase or "no explanation"
    return api_error_class(status)(
        f"{operation.service}.{operation.id} was answered with {status}: {said}",
        service=operation.service,
        operation=operation.id,
        status_code=status,
        code=code,
        message=message,
        request_id=request_id,
        body=response.content,
    )


def _first(body: Any, names: tuple[str, ...]) -> str | None:
    for name in names:
        value: Any = body
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value not in (None, ""):
            return value if isinstance(value, str) else str(value)
    return None


def _invalid(operation: Operation[Any], response: httpx.Response, what: str) -> InvalidResponse:
    return InvalidResponse(
        f"{operation.service}.{operation.id} was answered with {response.status_code}, and the body {what}",
        service=operation.service,
        operation=operation.id,
        status_code=response.status_code,
        body=response.content,
    )


def _kind(data: Any) -> str:
    names = {
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        type(None): "null",
    }
    return names.get(type(data), "something else")
