"""Recordings as a HAR 1.2 file, which browsers' tools, mock servers and contract checkers read."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from generator.contract.exchanges import recorded
from generator.documents import Recording, Service

_UNKNOWN_TIME = "1970-01-01T00:00:00Z"


def export_har(services: Iterable[Service]) -> dict[str, Any]:
    """One entry per recording. Times are not known: a HAR has to have them, so they are the epoch and -1."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "cloudjobs", "version": "recordings"},
            "entries": [
                _entry(service, recording) for service in services for recording in service.recordings.values()
            ],
        }
    }


def _entry(service: Service, recording: Recording) -> dict[str, Any]:
    exchange, body = recorded(service, recording), recording.text.encode()
    return {
        "startedDateTime": _UNKNOWN_TIME,
        "time": 0,
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(exchange.request_headers),
            "queryString": pairs(exchange.query),
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": recording.status,
            "statusText": HTTPStatus(recording.status).phrase if recording.status in set(HTTPStatus) else "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(exchange.headers),
            "content": {"size": len(body), "mimeType": recording.content_type, "text": recording.text},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(body),
        },
        "cache": {},
        "timings": {"send": -1, "wait": 0, "receive": -1},
        "comment": f"{service.name}/{recording.id}: {recording.source.data['summary']}",
    }


def pairs(values: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Headers or parameters, as HAR has them."""
    return [{"name": name, "value": value} for name, value in values]
