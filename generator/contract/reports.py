"""Reports of a check: text for people; JSON, JUnit and SARIF for tools."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import attrs

from .findings import NOTICE, RULES, VIOLATION, Finding, printable
from .har import SkippedEntry

_LEVELS = {VIOLATION: "error", NOTICE: "note"}
_TOOL = "cloudjobs-contract-check"
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


@attrs.frozen
class Report:
    """The findings of one run."""

    sources: Sequence[str]
    """Where each exchange that was checked comes from, in their order."""
    findings: Sequence[Finding]
    skipped: Sequence[SkippedEntry] = ()
    """Entries of HAR files that were not checked."""

    @property
    def new(self) -> list[Finding]:
        """The violations that no contradiction accounts for: findings that fail the run."""
        return [finding for finding in self.findings if finding.is_new]

    @property
    def known(self) -> list[Finding]:
        """The violations that a contradiction accounts for."""
        return [finding for finding in self.findings if finding.severity == VIOLATION and finding.known]

    @property
    def notices(self) -> list[Finding]:
        """A finding to review that is not a violation."""
        return [finding for finding in self.findings if finding.severity == NOTICE]

    @property
    def summary(self) -> str:
        """The run in a line."""
        return (
            f"{len(self.sources)} exchange(s) checked: {len(self.new)} violation(s), {len(self.known)} known, "
            f"{len(self.notices)} notice(s)"
        ) + (
            f"; skipped: {', '.join(f'{count} {reason}' for reason, count in self.counts.items())}"
            if self.skipped
            else ""
        )

    @property
    def counts(self) -> dict[str, int]:
        """The number of skipped entries of each reason."""
        return dict(Counter(each.reason for each in self.skipped))

    def of(self, source: str) -> list[Finding]:
        """The findings of one exchange."""
        return [finding for finding in self.findings if finding.source == source]


def as_text(report: Report) -> str:
    """A paragraph for each finding, and a line for the run."""
    lines = []
    for finding in report.findings:
        what = finding.severity if finding.known is None else "known"
        whose = " ".join(part for part in (finding.service, finding.operation) if part) or "no operation"
        lines += [f"{printable(finding.source)}: {what}: {whose}: {printable(finding.where)}", *_details(finding), ""]
    lines += [f"{printable(each.source)}: skipped: {printable(each.detail)}" for each in report.skipped if each.detail]
    return "\n".join([*lines, report.summary, ""])


def as_json(report: Report) -> str:
    """All of it."""
    data = {
        "checked": len(report.sources),
        "violations": len(report.new),
        "known": len(report.known),
        "notices": len(report.notices),
        "skipped": report.counts,
        "unreadable": [{"source": each.source, "reason": each.detail} for each in report.skipped if each.detail],
        "findings": [finding.as_data for finding in report.findings],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_junit(report: Report) -> str:
    """A test case for each exchange, which fails with its new violations."""
    suite = ElementTree.Element("testsuite", name=_TOOL)
    for source in report.sources:
        found = report.of(source)
        owner = next((finding for finding in found if finding.service), None)
        name = ".".join(part for part in (owner.service, owner.operation) if part) if owner else _TOOL
        case = ElementTree.SubElement(suite, "testcase", classname=printable(name), name=printable(source), time="0")
        failures = [finding for finding in found if finding.is_new]
        if failures:
            # Several readers of JUnit show the first failure of a case alone, so all of them are one.
            failure = ElementTree.SubElement(
                case, "failure", type=failures[0].rule, message=printable("; ".join(map(str, failures)))
            )
            failure.text = _paragraphs(failures)
        if others := [finding for finding in found if not finding.is_new]:
            ElementTree.SubElement(case, "system-out").text = _paragraphs(others)
    cases = len(report.sources)
    failed = len({finding.source for finding in report.new})
    suite.attrib |= {"tests": str(cases), "failures": str(failed), "errors": "0", "skipped": "0", "time": "0"}
    whole = ElementTree.Element("testsuites", tests=str(cases), failures=str(failed), errors="0")
    whole.append(suite)
    ElementTree.indent(whole)
    return ElementTree.tostring(whole, encoding="unicode", xml_declaration=True) + "\n"


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0: a result for each finding, at the statement of the document."""
    rules = sorted({finding.rule for finding in report.findings})
    run = {
        "tool": {
            "driver": {
                "name": _TOOL,
                "rules": [{"id": rule, "shortDescription": {"text": RULES[rule]}} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, rules) for finding in report.findings],
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Report], str]] = {"text": as_text, "json": as_json, "junit": as_junit, "sarif": as_sarif}
"""The forms of a report, by name."""


def _result(finding: Finding, rules: list[str]) -> dict[str, Any]:
    # Code hosts show a result at a file: that is the document, or else the recording.
    physical: dict[str, Any] = {
        "artifactLocation": {"uri": finding.document or quote(finding.source.partition(" entry ")[0])}
    }
    if finding.line:
        physical["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.document_pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.document_pointer}]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join([f"{finding.source}: {finding}", *_details(finding)])},
        "locations": [location],
        "properties": finding.as_data,
    }
    if finding.known:
        result["suppressions"] = [{"kind": "external", "justification": f"contradiction {finding.known}"}]
    return result


def _paragraphs(findings: Sequence[Finding]) -> str:
    return "\n\n".join("\n".join([printable(str(finding)), *_details(finding)]) for finding in findings)


def _details(finding: Finding) -> Iterator[str]:
    yield f"  expected   {printable(finding.expected)}"
    yield f"  actual     {printable(finding.actual)}"
    if finding.document:
        line = f":{finding.line}" if finding.line else ""
        yield f"  document   {finding.document}{line} {printable(finding.document_pointer)}"
    if finding.evidence:
        yield f"  evidence   {', '.join(finding.evidence)}"
    if finding.known:
        yield f"  known      {finding.known}"
    if finding.reproduce:
        yield f"  reproduce  {printable(finding.reproduce)}"
