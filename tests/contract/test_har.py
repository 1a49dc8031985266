"""Reading HAR files of browsers and tools: checked, counted and skipped entries."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from generator.cli import main
from generator.contract import Contract, HarFile, SkippedEntry, exchange_from_recording, har
from generator.contract.har import parse_har, read_har

from .contracts import contracts
from .har_shapes import ODD, SHAPES, UNUSUAL, Shape, dumped, page_load

pytestmark = pytest.mark.sampled(2)

RECORDED = next(
    exchange
    for each in contracts().values()
    for recording in each.service.recordings.values()
    if recording.status == 200
    and (exchange := attrs.evolve(exchange_from_recording(each.service, recording), request_headers=()))
    and not Contract.from_service(each.service).check(exchange)
)
"""A recorded exchange that needs no header, so that the requests of all shapes are correct."""
BODY = RECORDED.body or b""
URL = f"https://service.example{RECORDED.path}"
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def check(folder: Path, data: dict[str, Any] | bytes, *options: str) -> int:
    file = folder / "traffic.har"
    file.write_bytes(data if isinstance(data, bytes) else dumped(data).encode())
    return main(["contract", "check", "--har", str(file), *options])


def with_unknown_field() -> bytes:
    return json.dumps({**json.loads(BODY), "unknownField": 1}).encode()


@every_shape
def test_check_page_load_checks_requests_to_the_service_alone(
    shape: Shape, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, page_load(shape, URL, BODY)) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("1 exchange(s) checked: 0 violation(s)")
    for reason, count in (
        (har.OTHER_ADDRESS, 8),
        (har.TUNNEL, 1),
        (har.PREFLIGHT, 1),
        (har.WEBSOCKET, 1),
        (har.NO_RESPONSE, 1),
    ):
        assert f"{count} {reason}" in printed


@every_shape
def test_check_page_load_reports_violation_of_the_service(
    shape: Shape, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, page_load(shape, URL, with_unknown_field())) == 1
    assert "undocumented-field" in capsys.readouterr().out


@every_shape
def test_check_body_not_kept_checks_the_rest(shape: Shape, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, shape.har(shape.without_body(URL))) == 0
    assert "1 exchange(s) checked: 0 violation(s)" in capsys.readouterr().out
    wrong = shape.without_body(URL)
    wrong["response"]["headers"][0]["value"] = "image/gif"
    assert check(tmp_path, shape.har(wrong)) == 1
    assert "media-type" in capsys.readouterr().out


@every_shape
def test_check_compressed_body_is_decompressed(
    shape: Shape, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, shape.har(shape.compressed(URL, BODY))) == 0
    assert check(tmp_path, shape.har(shape.compressed(URL, with_unknown_field()))) == 1
    assert "undocumented-field" in capsys.readouterr().out


@every_shape
def test_read_failed_request_is_counted(shape: Shape) -> None:
    file = parse_har(shape.har(shape.failed(URL), shape.entry(URL, BODY)), "x.har")
    assert [each.reason for each in file.skipped] == [har.NO_RESPONSE]
    assert len(file.exchanges) == 1


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_check_odd_entry_is_named_and_others_are_checked(
    odd: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shape = SHAPES["Chrome"]
    data = shape.har(odd(shape.entry(URL, BODY)), shape.entry(URL, with_unknown_field()))
    assert check(tmp_path, data) == 1
    printed = capsys.readouterr().out
    assert "undocumented-field" in printed
    assert "traffic.har entry 1: skipped: " in printed
    assert "1 exchange(s) checked: 1 violation(s)" in printed
    assert f"1 {har.UNREADABLE}" in printed


@pytest.mark.parametrize("change", UNUSUAL.values(), ids=UNUSUAL)
def test_read_unusual_entry_has_the_same_request_and_response(change: Callable[[dict[str, Any]], Any]) -> None:
    shape = next(iter(SHAPES.values()))
    entry = shape.entry(f"{URL}?a=1&b=%C3%A9", BODY)
    changed = change(entry)
    assert dumped(changed) != dumped(entry)
    usual, unusual = (parse_har({"log": {"entries": [each]}}, "a.har").exchanges for each in (entry, changed))
    assert [each.json for each in unusual] == [each.json for each in usual] == [json.loads(BODY)]
    assert [(each.status, each.query) for each in unusual] == [(200, (("a", "1"), ("b", "é")))]


def test_read_early_hint_has_no_response() -> None:
    entry = next(iter(SHAPES.values())).entry(URL, BODY)
    file = parse_har({"log": {"entries": [{**entry, "response": {**entry["response"], "status": 103}}]}}, "a.har")
    assert [each.reason for each in file.skipped] == [har.NO_RESPONSE]


def test_check_compressed_file_or_control_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entry = next(iter(SHAPES.values())).entry(URL, BODY)
    text = dumped({"log": {"entries": [{**entry, "comment": "a bell: %"}]}})
    assert check(tmp_path, text.replace("%", "\x07").encode()) == 0
    assert check(tmp_path, gzip.compress(text.encode())) == 1
    assert "must be a HAR file, got a compressed file. Decompress it first." in capsys.readouterr().err


def test_check_only_unreadable_entries_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = SHAPES["Firefox"]
    assert check(tmp_path, shape.har(ODD["no base64"](shape.entry(URL, BODY)))) == 1
    assert "must have an entry that can be read" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_read_unicode_encoding_is_detected(encoding: str, tmp_path: Path) -> None:
    shape = SHAPES["Charles"]
    assert check(tmp_path, dumped(shape.har(shape.entry(URL, BODY))).encode(encoding)) == 0


def test_read_text_said_to_be_base64_is_read_where_it_is_json() -> None:
    shape = SHAPES["Firefox"]
    (exchange,) = parse_har(shape.har(shape.entry(URL, BODY, encoding="base64")), "x.har").exchanges
    assert exchange.body == BODY


def test_read_nan_among_timings_does_not_refuse_the_file(tmp_path: Path) -> None:
    shape = SHAPES["Insomnia"]
    entry = shape.entry(URL, BODY)
    entry["timings"]["wait"] = float("nan")
    assert check(tmp_path, shape.har(entry)) == 0


def test_read_attached_body_is_read_from_its_file(tmp_path: Path) -> None:
    shape = SHAPES["Playwright"]
    (tmp_path / "body.json").write_bytes(with_unknown_field())
    (tmp_path.parent / "outside.json").write_bytes(b"{}")
    for name, code in (("body.json", 1), ("missing.json", 0), ("../outside.json", 0)):
        entry = shape.without_body(URL)
        entry["response"]["content"]["_file"] = name
        assert check(tmp_path, shape.har(entry)) == code


@pytest.mark.parametrize(("method", "status", "reason"), [("HEAD", 200, har.HEAD), ("GET", 304, har.CACHED)])
def test_read_response_without_body_by_definition_is_skipped(method: str, status: int, reason: str) -> None:
    shape = SHAPES["Safari"]
    file = parse_har(shape.har(shape.entry(URL, method=method, status=status)), "x.har")
    assert file.skipped == (SkippedEntry("x.har entry 1", reason),)


def test_check_no_path_of_a_document_asks_for_host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = SHAPES["mitmproxy"]
    data = shape.har(shape.entry("https://service.example:8443/elsewhere", b"{}"))
    assert check(tmp_path, data) == 1
    assert "--host: the hosts are service.example:8443" in capsys.readouterr().err
    for host in ("service.example", "service.example:8443", "SERVICE.example"):
        assert check(tmp_path, data, "--host", host) == 1
        assert "violation: no operation: path" in capsys.readouterr().out
    assert check(tmp_path, data, "--host", "another.example") == 1
    assert "--host: must be a host of" in capsys.readouterr().err


def test_check_host_of_servers_excludes_same_path_elsewhere(tmp_path: Path) -> None:
    service = next(
        each.service
        for each in contracts().values()
        if "region" in each.service.document.data["servers"][0].get("variables", {})
    )
    exchange = next(exchange_from_recording(service, each) for each in service.recordings.values())
    server = service.document.data["servers"][0]
    region = server["variables"]["region"]
    own = server["url"].replace("{region}", region["default"])
    shape = SHAPES["Chrome"]
    mock = shape.entry(f"https://mock.example{exchange.path}", b'{"mock": true}')
    real = shape.entry(f"{own}{exchange.path}", exchange.body or b"", status=exchange.status)
    real["request"]["headers"] = [{"name": name, "value": value} for name, value in exchange.request_headers]
    assert check(tmp_path, shape.har(mock, real)) == 0
    assert check(tmp_path, shape.har(mock)) == 1


def test_entry_skipped_or_missing_is_refused_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = SHAPES["Chrome"]
    data = shape.har(shape.entry(URL, BODY), shape.failed(URL))
    assert check(tmp_path, data, "--entry", "1") == 0
    assert check(tmp_path, data, "--entry", "2") == 1
    assert f"got 2: {har.NO_RESPONSE}" in capsys.readouterr().err
    assert check(tmp_path, data, "--entry", "3") == 1
    assert "must be from 1 to 2" in capsys.readouterr().err


def test_json_report_counts_skipped_entries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shape = SHAPES["Chrome"]
    data = shape.har(shape.entry(URL, BODY), shape.failed(URL), ODD["no url"](shape.entry(URL, BODY)))
    assert check(tmp_path, data, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["skipped"] == {har.NO_RESPONSE: 1, har.UNREADABLE: 1}
    assert [each["source"].rpartition(" ")[2] for each in report["unreadable"]] == ["3"]


def test_read_har_of_ours_keeps_every_address(tmp_path: Path) -> None:
    shape = SHAPES["Chrome"]
    data = shape.har(shape.entry("https://service.example/elsewhere", b"{}"), creator={"name": "cloudjobs"})
    (tmp_path / "x.har").write_text(dumped(data))
    file: HarFile = read_har(tmp_path / "x.har")
    assert file.is_ours
    assert check(tmp_path, data) == 1
