"""`contract check`: ten of ten faulty recordings, no false alarm, and reports that people and tools can read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from generator.cli import main
from generator.contract import Contracts, check_sequence, exchange_from_recording, export_har
from generator.contract.findings import FORMATS, Report
from generator.contract.har import parse_har
from generator.documents import Service

from .contracts import contracts
from .faulty import FaultyRecording, faulty

SERVICES: list[Service] = [contract.service for contract in contracts().values()]
KNOWN = Contracts.from_services(SERVICES)
FAULTY = faulty(SERVICES)


def written(folder: Path, har: dict[str, Any]) -> Path:
    file = folder / "traffic.har"
    file.write_text(json.dumps(har), encoding="utf-8")
    return file


def in_one(each: list[FaultyRecording]) -> dict[str, Any]:
    """Return all their entries in one HAR file."""
    entries = [entry for one in each for entry in one.har["log"]["entries"]]
    return {"log": {**FAULTY[0].har["log"], "entries": entries}}


def test_faulty_recordings_are_ten() -> None:
    assert len({one.id for one in FAULTY}) == 10


@pytest.mark.parametrize("one", FAULTY, ids=lambda one: one.id)
def test_checker_faulty_recording_yields_one_complete_finding(one: FaultyRecording) -> None:
    (exchange,) = parse_har(one.har, "faulty.har").exchanges
    (finding,) = KNOWN.check(exchange) + check_sequence(KNOWN, [exchange])
    assert (finding.rule, finding.pointer) == (one.rule, one.pointer)
    assert finding.is_new
    assert finding.source == "faulty.har entry 1"
    assert finding.reproduce == "python -m generator contract check --har faulty.har --entry 1"
    assert finding.expected
    assert finding.actual
    if one.rule != "path":
        assert finding.service == one.service
        assert finding.document == f"openapi/{one.service}.yaml"
        assert finding.line
        assert finding.evidence
        assert all(name.startswith(f"{one.service}.") for name in finding.evidence)


def test_checker_recordings_and_export_have_no_new_findings() -> None:
    exported = list(parse_har(export_har(SERVICES), "export.har").exchanges)
    ours = [exchange_from_recording(service, each) for service in SERVICES for each in service.recordings.values()]
    assert len(exported) == len(ours) > 0
    for exchanges in (ours, exported):
        findings = [finding for exchange in exchanges for finding in KNOWN.check(exchange)]
        findings += check_sequence(KNOWN, exchanges)
        assert {finding.known for finding in findings} == {"ges.more-jobs-than-asked-for"}


def test_check_command_recordings_exit_0_and_list_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["contract", "check"]) == 0
    printed = capsys.readouterr().out
    assert "known      ges.more-jobs-than-asked-for" in printed
    assert "0 violation(s), 1 known, 0 notice(s)" in printed


def test_check_command_faulty_har_exits_1_and_lists_findings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, in_one(FAULTY))
    assert main(["contract", "check", "--har", str(file)]) == 1
    printed = capsys.readouterr().out
    assert "10 exchange(s) checked: 10 violation(s), 0 known, 0 notice(s)" in printed
    for number, one in enumerate(FAULTY, 1):
        assert f"{file} entry {number}: violation: " in printed
        assert f"--har {file} --entry {number}\n" in printed
        assert one.pointer is None or f"{one.rule} at {one.pointer}\n" in printed


def test_check_command_entry_option_checks_one_entry(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, in_one(FAULTY))
    assert main(["contract", "check", "--har", str(file), "--entry", "2"]) == 1
    assert "1 exchange(s) checked: 1 violation(s)" in capsys.readouterr().out
    assert main(["contract", "check", "--har", str(file), "--entry", "11"]) == 1
    assert "must be from 1 to 10" in capsys.readouterr().err


def test_check_command_services_option_limits_documents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, export_har(SERVICES))
    assert main(["contract", "check", "--har", str(file), "--services", "cce"]) == 1
    assert "(openapi/cce.yaml)" in capsys.readouterr().out


def test_check_command_stuck_options_report_stuck_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    har = export_har([service for service in SERVICES if service.name == "cce"])
    (entry,) = har["log"]["entries"]
    har["log"]["entries"] = [{**entry, "startedDateTime": f"2026-01-01T00:0{minute}:00.000Z"} for minute in range(4)]
    file = written(tmp_path, har)
    for options, code in (
        ([], 0),
        (["--stuck-after", "4"], 1),
        (["--stuck-after", "5"], 0),
        (["--stuck-seconds", "180"], 1),
        (["--stuck-seconds", "181"], 0),
    ):
        assert main(["contract", "check", "--har", str(file), *options]) == code
        assert ("job-stuck at /status/phase" in capsys.readouterr().out) is bool(code)


ENTRY = '{"log": {"entries": [{"request": {"method": "GET", "url": "%s", "headers": []}, "response": %s}]}}'
NO_HAR = {
    "is not there": (None, "cannot be read (No such file or directory)"),
    "is not JSON": ("{", "must be a HAR file, got invalid JSON ("),
    "holds NaN": ('{"log": NaN}', "must be a HAR file with a list at /log/entries"),
    "is nested without end": ("[" * 100_000, "must be a HAR file"),
    "has no log": ("{}", "must be a HAR file with a list at /log/entries"),
    "has no list of entries": ('{"log": {"entries": {}}}', "must be a HAR file with a list at /log/entries"),
    "has no readable entry": (ENTRY % ("http://[", '{"status": 200}'), "must have an entry that can be read"),
}


@pytest.mark.parametrize(("text", "says"), NO_HAR.values(), ids=NO_HAR.keys())
def test_check_command_invalid_har_is_one_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, says: str
) -> None:
    file, output = tmp_path / "traffic.har", tmp_path / "report.txt"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    assert main(["contract", "check", "--har", str(file), "--output", str(output)]) == 1
    problem, summary = capsys.readouterr().err.splitlines()
    assert problem.startswith(f"{file}: ")
    assert says in problem
    assert summary == "1 problem(s); nothing was written."
    assert not output.exists()


@pytest.mark.parametrize("options", [("--entry", "999"), ("--stuck-seconds", "5")], ids=lambda options: options[0])
def test_check_option_of_har_files_without_one_is_refused(
    options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["contract", "check", *options]) == 1
    printed = capsys.readouterr()
    expected = f"{options[0]}: must be used with --har. Add --har FILE, or leave the option out."
    assert (printed.out, printed.err.splitlines()) == ("", [expected, "1 problem(s)."])


@pytest.mark.parametrize(
    "arguments", [("--har",), ("--format", "html"), ("--entry", "0"), ("--stuck-after", "x"), ("--stuck-seconds", "0")]
)
def test_check_command_invalid_arguments_exit_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["contract", "check", *arguments])
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("form", FORMATS)
def test_check_command_output_option_writes_each_format(
    tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, output = written(tmp_path, in_one(FAULTY)), tmp_path / "reports" / "report"
    assert main(["contract", "check", "--har", str(file), "--format", form, "--output", str(output)]) == 1
    assert "10 violation(s)" in capsys.readouterr().out
    assert main(["contract", "check", "--har", str(file), "--format", form]) == 1
    assert output.read_text(encoding="utf-8") == capsys.readouterr().out


def report() -> Report:
    """Return violations, a known finding, and a notice, with characters that neither a terminal nor XML accepts."""
    traffic = in_one(FAULTY)
    traffic["log"]["entries"] += export_har(SERVICES)["log"]["entries"]
    page = traffic["log"]["entries"][0]["response"]["content"]
    hostile = r'"\u001b[2J": 1, "progress": "\u001b[2J\u0000\ufffe <![CDATA[&"'
    page["text"] = page["text"].replace('"progress": -1', hostile)
    exchanges = list(parse_har(traffic, "traffic.har").exchanges)
    findings = [finding for exchange in exchanges for finding in KNOWN.check(exchange)]
    return Report([each.source for each in exchanges], findings + check_sequence(KNOWN, exchanges))


def test_reports_unprintable_data_is_escaped_in_each_format() -> None:
    made = report()
    assert made.new
    assert made.known
    for write in FORMATS.values():
        assert all(letter.isprintable() or letter == "\n" for letter in write(made))


def test_json_report_has_all_fields_of_each_finding() -> None:
    made = report()
    data = json.loads(FORMATS["json"](made))
    assert (data["checked"], data["violations"], data["known"]) == (16, len(made.new), 1)
    assert [each["rule"] for each in data["findings"]] == [finding.rule for finding in made.findings]
    wanted = {"service", "document", "line", "document_pointer", "evidence", "reproduce", "known"}
    assert wanted <= data["findings"][0].keys()


def test_junit_report_has_a_case_for_each_exchange() -> None:
    made = report()
    whole = ElementTree.fromstring(FORMATS["junit"](made))
    (suite,) = whole
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == list(made.sources)
    failed = {case.get("name") for case in cases if case.find("failure") is not None}
    assert failed == {finding.source for finding in made.new}
    assert suite.get("tests") == whole.get("tests") == str(len(cases))
    assert suite.get("failures") == whole.get("failures") == str(len(failed))
    (known,) = (case for case in cases if "known " in (case.findtext("system-out") or ""))
    assert known.find("failure") is None
    for finding in made.new:
        assert finding.document_pointer in "".join(case.findtext("failure") or "" for case in cases)


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "properties": {"shortDescription": TEXT},
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
                            "properties": {
                                "message": TEXT,
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "locations": {
                                    "type": "array",
                                    "minItems": 1,
                                    "items": {
                                        "type": "object",
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "required": ["artifactLocation"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "type": "object",
                                                        "required": ["uri"],
                                                        "properties": {"uri": {"pattern": r"^[\w.~/-]+$"}},
                                                    },
                                                    "region": {
                                                        "type": "object",
                                                        "properties": {"startLine": {"type": "integer", "minimum": 1}},
                                                    },
                                                },
                                            }
                                        },
                                    },
                                },
                                "suppressions": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["kind"],
                                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What readers of SARIF 2.1.0 rest on."""


def test_sarif_report_matches_schema_and_names_locations() -> None:
    made = report()
    sarif = json.loads(FORMATS["sarif"](made))
    jsonschema.validate(sarif, SARIF)
    (run,) = sarif["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == len(made.findings)
    for result, finding in zip(run["results"], made.findings, strict=True):
        assert rules[result["ruleIndex"]] == result["ruleId"] == finding.rule
        assert ("suppressions" in result) is (finding.known is not None)
        where = result["locations"][0]["physicalLocation"]
        if finding.document:
            assert where["artifactLocation"]["uri"] == finding.document
            assert where["region"]["startLine"] == finding.line
