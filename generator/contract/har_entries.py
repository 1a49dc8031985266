"""Reads HAR files, strictly: whoever checks one wants to know that all of it was checked."""

from __future__ import annotations

import base64
import binascii
import json
import shlex
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from generator.contract.exchanges import Exchange, Pairs, header, no_constant
from generator.documents import violations
from generator.errors import Problem, Refused

_SAVE = "Save one with `contract record`, or with a browser's developer tools"
_HEADERS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}
_HAR = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["entries"],
            "properties": {"entries": {"type": "array", "items": {"$ref": "#/$defs/entry"}}},
        }
    },
    "$defs": {
        "entry": {
            "type": "object",
            "required": ["request", "response"],
            "properties": {
                "request": {
                    "type": "object",
                    "required": ["method", "url", "headers"],
                    "properties": {
                        "method": {"type": "string", "minLength": 1},
                        "url": {"type": "string", "minLength": 1},
                        "headers": _HEADERS,
                        "postData": {
                            "type": ["object", "null"],
                            "properties": {"mimeType": {"type": "string"}, "text": {"type": "string"}},
                        },
                    },
                },
                "response": {
                    "type": "object",
                    "required": ["status", "headers", "content"],
                    "properties": {
                        # 0 where no reply came, as browsers write it.
                        "status": {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 999}, {"const": 0}]},
                        "headers": _HEADERS,
                        "content": {
                            "type": "object",
                            "properties": {
                                "size": {"type": "number"},
                                "mimeType": {"type": "string"},
                                "text": {"type": "string"},
                                "encoding": {"type": "string"},
                            },
                        },
                    },
                },
            },
        }
    },
}


def read_har(file: Path) -> list[Exchange]:
    """The exchanges of a HAR file, in its order; entries that never got a reply are left out.

    Raises `Refused` with one problem where it is no HAR file.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"), parse_constant=no_constant)
    except OSError as error:
        raise Refused(Problem(file, f"cannot be read ({error.strerror})", "Name a HAR file")) from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise Refused(Problem(file, f"is no HAR file: it is not JSON ({reason})", _SAVE)) from None
    try:
        wrong = violations(_HAR, data)
    except UnicodeEncodeError:
        wrong = [("", "half a surrogate pair stands in the place of something else")]
    if wrong:
        pointer, message = wrong[0]
        raise Refused(Problem(file, f"is no HAR file: {message}", _SAVE, pointer=pointer or None))
    return list(exchanges_of(data, str(file)))


def exchanges_of(har: dict[str, Any], name: str) -> Iterator[Exchange]:
    """The exchanges of HAR data whose form is right. Raises `Refused`."""
    for number, entry in enumerate(har["log"]["entries"], 1):
        if entry["response"]["status"]:
            yield _entry(name, number, entry)


def _entry(name: str, number: int, entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    here = f"/log/entries/{number - 1}"
    try:
        urlsplit(request["url"])
    except ValueError as error:
        message = f"has an address that cannot be read ({error})"
        raise Refused(Problem(name, message, _SAVE, pointer=f"{here}/request/url")) from None
    try:
        json.dumps([request, response["headers"]], ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = "has half a surrogate pair outside the reply's body, which nobody can have sent"
        raise Refused(Problem(name, message, _SAVE, pointer=here)) from None
    headers = _pairs(response["headers"])
    content = response["content"]
    if header(headers, "content-type") is None and "/" in content.get("mimeType", ""):
        headers += (("Content-Type", content["mimeType"]),)
    return Exchange(
        method=request["method"].upper(),
        url=request["url"],
        request_headers=_pairs(request["headers"]),
        status=response["status"],
        headers=headers,
        body=_body(name, here, content),
        source=f"{name} entry {number}",
        reproduce=f"python -m generator contract check --har {shlex.quote(name)} --entry {number}",
        started=_time(entry.get("startedDateTime")),
    )


def _body(name: str, here: str, content: dict[str, Any]) -> bytes | None:
    text = content.get("text")
    if text is None:
        # Browsers let go of the bodies of old entries, and then write the size alone.
        return None if content.get("size", 0) > 0 else b""
    if content.get("encoding") == "base64":
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            message = f"is said to be base64, and is not ({error})"
            raise Refused(Problem(name, message, _SAVE, pointer=f"{here}/response/content/text")) from None
    return str(text).encode("utf-8", "surrogatepass")


def _pairs(headers: list[dict[str, str]]) -> Pairs:
    # HTTP/2 has the request line among the headers, as names with a colon.
    return tuple((pair["name"], pair["value"]) for pair in headers if not pair["name"].startswith(":"))


def _time(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo and moment.timestamp() > 0 else None
