"""Recordings as a HAR 1.2 file: it has everything that HAR tools need, and the recordings are unchanged."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema_rs
import pytest

from generator.cli import main
from generator.contract import export_har
from generator.documents import Service
from tests.generator.directory_snapshots import SERVICES, contents
from tests.generator.edits import all_of, put, with_recording

Services = dict[str, Service]

PAIRS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "value"],
        "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
    },
}
SHARED = {
    "cookies": {"type": "array"},
    "headers": PAIRS,
    "headersSize": {"type": "integer", "minimum": -1},
    "bodySize": {"type": "integer", "minimum": -1},
    "httpVersion": {"type": "string"},
}
DURATION = {"type": "number", "minimum": -1}
HAR_1_2 = {
    "type": "object",
    "required": ["log"],
    "properties": {
        "log": {
            "type": "object",
            "required": ["version", "creator", "entries"],
            "properties": {
                "version": {"const": "1.2"},
                "creator": {"type": "object", "required": ["name", "version"]},
                "entries": {"type": "array", "items": {"$ref": "#/$defs/entry"}},
            },
        }
    },
    "$defs": {
        "entry": {
            "type": "object",
            "required": ["startedDateTime", "time", "request", "response", "cache", "timings"],
            "properties": {
                "time": {"type": "number", "minimum": 0},
                "request": {
                    "type": "object",
                    "required": ["method", "url", "queryString", *SHARED],
                    "properties": {
                        "method": {"type": "string"},
                        "url": {"type": "string"},
                        "queryString": PAIRS,
                        **SHARED,
                    },
                },
                "response": {
                    "type": "object",
                    "required": ["status", "statusText", "content", "redirectURL", *SHARED],
                    "properties": {
                        "status": {"type": "integer"},
                        "statusText": {"type": "string"},
                        "redirectURL": {"type": "string"},
                        "content": {
                            "type": "object",
                            "required": ["size", "mimeType"],
                            "properties": {
                                "size": {"type": "integer", "minimum": 0},
                                "mimeType": {"type": "string"},
                                "text": {"type": "string"},
                            },
                        },
                        **SHARED,
                    },
                },
                "timings": {
                    "type": "object",
                    "required": ["send", "wait", "receive"],
                    "properties": dict.fromkeys(("send", "wait", "receive"), DURATION),
                },
            },
        }
    },
}
"""The parts of the specification that every reader of HAR counts on."""


@pytest.fixture(scope="module")
def har(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The file that the verb writes, of all services."""
    file = tmp_path_factory.mktemp("har") / "new" / "recordings.har"
    assert main(["recordings", "export", "--har", str(file)]) == 0
    read: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return read


def recorded(services: Services) -> dict[str, tuple[Service, Any]]:
    """Return every recording by the name that its entry begins with."""
    return {
        f"{service.name}/{recording.id}": (service, recording)
        for service in services.values()
        for recording in service.recordings.values()
    }


def entries(har: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {entry["comment"].partition(":")[0]: entry for entry in har["log"]["entries"]}


def pairs(values: list[dict[str, str]]) -> dict[str, str]:
    return {pair["name"]: pair["value"] for pair in values}


def test_export_har_matches_the_har_1_2_schema(har: dict[str, Any]) -> None:
    jsonschema_rs.validate(HAR_1_2, har)
    for entry in har["log"]["entries"]:
        assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None


def test_export_har_has_one_entry_for_each_recording(har: dict[str, Any], services: Services) -> None:
    assert len(har["log"]["entries"]) == len(recorded(services)) > 0
    assert entries(har).keys() == recorded(services).keys()


def test_export_har_response_equals_the_recording(har: dict[str, Any], services: Services) -> None:
    for name, (_, recording) in recorded(services).items():
        response = entries(har)[name]["response"]
        assert response["status"] == recording.status
        assert response["content"]["text"] == recording.source.data["body"]
        assert response["content"]["mimeType"] == recording.content_type
        assert response["content"]["size"] == response["bodySize"] == len(recording.text.encode())
        assert pairs(response["headers"]) == {"Content-Type": recording.content_type}


def test_export_har_request_equals_the_recorded_one(har: dict[str, Any], services: Services) -> None:
    for name, (service, recording) in recorded(services).items():
        request, told = entries(har)[name]["request"], recording.source.data["request"]
        operation = service.operation(recording.operation)
        assert operation is not None
        url = urlsplit(request["url"])
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(operation.path))
        found = re.fullmatch(pattern, url.path)
        assert found
        assert {name: unquote(value) for name, value in found.groupdict().items()} == told["path"]
        query = {name: str(value) for name, value in told.get("query", {}).items()}
        assert dict(parse_qsl(url.query)) == pairs(request["queryString"]) == query
        assert request["method"] == operation.method.upper()
        assert url.scheme == "https"
        assert url.hostname == f"{service.name}.example.com"
        headers = {**operation.definition.get("x-request-headers", {}), **told.get("headers", {})}
        assert pairs(request["headers"]) == headers


def test_export_har_contains_no_credentials(har: dict[str, Any], services: Services) -> None:
    names = {
        scheme["name"].lower()
        for service in services.values()
        for scheme in service.document.data["components"].get("securitySchemes", {}).values()
    }
    assert names
    for entry in har["log"]["entries"]:
        assert not names & {name.lower() for name in pairs(entry["request"]["headers"])}
        assert entry["request"]["cookies"] == entry["response"]["cookies"] == []
        assert urlsplit(entry["request"]["url"]).username is None


def test_export_har_path_values_stay_in_their_segment(services: Services) -> None:
    service = with_recording(services["ges"], "list-jobs-page", put("/request/path/graph_name", "a/b?c#d é"))
    entry = entries(export_har([service]))["ges/list-jobs-page"]
    assert "/graphs/a%2Fb%3Fc%23d%20%C3%A9/jobs/status?" in entry["request"]["url"]


def test_export_har_recorded_headers_are_included(services: Services) -> None:
    service = with_recording(services["ief"], "get-batch-job-successful", put("/request/headers", {"X-Trace": "1"}))
    [entry] = export_har([service])["log"]["entries"]
    assert pairs(entry["request"]["headers"]) == {"Content-Type": "application/json", "X-Trace": "1"}


def test_export_har_status_without_phrase_has_empty_text(services: Services) -> None:
    service = with_recording(services["ges"], "graph-not-found", put("/status", 499))
    assert entries(export_har([service]))["ges/graph-not-found"]["response"]["statusText"] == ""


def test_export_har_non_ascii_body_size_is_in_bytes(services: Services) -> None:
    service = with_recording(services["yuanrong"], "job-not-found", all_of(put("/content_type", "text/plain")))
    service.recordings["job-not-found"].source.data["body"] = "找不到"
    response = entries(export_har([service]))["yuanrong/job-not-found"]["response"]
    assert (response["content"]["text"], response["bodySize"]) == ("找不到", 9)


def test_export_command_services_option_selects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], services: Services
) -> None:
    name = SERVICES[0]
    file = tmp_path / "some.har"
    assert main(["recordings", "export", "--services", name, "--har", str(file)]) == 0
    har = json.loads(file.read_text(encoding="utf-8"))
    assert entries(har).keys() == {f"{name}/{recording}" for recording in services[name].recordings}
    assert capsys.readouterr().out == f"{file}: {len(services[name].recordings)} recorded responses\n"


def test_export_command_existing_file_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "recordings.har"
    file.write_text("old", encoding="utf-8")
    assert main(["recordings", "export", "--har", str(file)]) == 0
    assert list(contents(tmp_path)) == ["recordings.har"]
    assert file.stat().st_mode & 0o777 == 0o644
    assert json.loads(file.read_text(encoding="utf-8"))["log"]["version"] == "1.2"


def test_export_command_unwritable_path_is_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    before = contents(tmp_path)
    target = tmp_path / "file" / "recordings.har"
    assert main(["recordings", "export", "--har", str(target)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith(f"{target}: cannot be written (")
    assert said[0].endswith("Name a file in a folder that can be written.")
    assert said[1:] == ["1 problem(s); nothing was written."]
    assert contents(tmp_path) == before


def test_export_command_folder_as_file_is_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "recordings.har"
    target.mkdir()
    assert main(["recordings", "export", "--har", str(target)]) == 1
    assert capsys.readouterr().err.startswith(f"{target}: cannot be written (Is a directory)")


def test_export_command_folder_as_file_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "recordings.har"
    target.mkdir()
    before = contents(tmp_path)
    assert main(["recordings", "export", "--har", str(target)]) == 1
    assert contents(tmp_path) == before
