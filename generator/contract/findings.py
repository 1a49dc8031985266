"""Findings: how an exchange does not match its document, and where the document says so; and their reports.

Text for people; JSON, JUnit and SARIF for tools.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import attrs

from .har import SkippedEntry

VIOLATION = "violation"
"""The document rules this out."""
NOTICE = "notice"
"""Worth a look, and no breach of it: an unlisted value of an open list, or a wrong request that was refused."""

_LONGEST = 160


@attrs.frozen(kw_only=True)
class Finding:
    """One way in which an exchange does not match its document. Nothing in it is secret."""

    rule: str
    """Stable name of the rule, one of `RULES`."""
    expected: str
    """The statement of the document or the rule."""
    actual: str
    """The actual value, without secrets."""
    source: str
    """The exchange it was found in."""
    severity: str = VIOLATION
    """`violation` or `notice`."""
    service: str | None = None
    """None where no document knows the path."""
    operation: str | None = None
    """Its operationId."""
    document: str | None = None
    """File of the document."""
    document_pointer: str = ""
    """JSON Pointer into the document."""
    line: int | None = None
    """Line of the document."""
    evidence: tuple[str, ...] = ()
    """Ids of the rows, facts and contradictions that support the statement."""
    pointer: str | None = None
    """JSON Pointer into the response's body; None where it is not about the body."""
    name: str = ""
    """Name of the parameter, header or field that it is about, where it is about one."""
    reproduce: str = ""
    """A command line that shows it again."""
    known: str | None = None
    """Id of the contradiction that accounts for it already, where one does."""

    @property
    def is_new(self) -> bool:
        """Whether it is a violation that no contradiction accounts for."""
        return self.severity == VIOLATION and self.known is None

    @property
    def where(self) -> str:
        """Its subject, in a few words."""
        if self.pointer is None:
            return self.rule
        return f"{self.rule} at {self.pointer or 'the whole body'}"

    @property
    def as_data(self) -> dict[str, Any]:
        """All of it, as JSON data."""
        return attrs.asdict(self) | {"evidence": list(self.evidence)}

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.actual}"


@attrs.frozen
class RawFinding:
    """A finding of one check, before its evidence is looked up and secrets are taken out."""

    rule: str
    document_pointer: str
    expected: str
    actual: str | None = None
    """The actual value, described in words."""
    value: Any = None
    """The actual value in the exchange. Used if `actual` is None."""
    name: str = ""
    """Name of the value, which may say that it is secret."""
    pointer: str | None = None
    severity: str = VIOLATION


RULES = {
    "path": "The request's path is one of a document.",
    "method": "The document has this method at the path.",
    "unknown-parameter": "The operation has each parameter of the request.",
    "parameter": "Parameters are given once, valid, and there where they are required.",
    "request-header": "The headers that the operation demands were sent.",
    "security": "The request identified its caller as the operation says.",
    "status": "The document lists the status of the response.",
    "media-type": "The document lists the media type of the response.",
    "header": "The response has the headers that the document promises, and they are valid.",
    "body": "The response's body can be read as its media type says.",
    "schema": "The response's body is valid.",
    "undocumented-field": "The response has no field that the document does not have.",
    "open-list": "The value is one of those that are known of an open list.",
    "terminal-state-left": "A job that has ended stays as it ended.",
    "progress-fell": "The progress of a job does not fall.",
    "total-changed": "The number that a job's progress counts towards stays.",
    "end-before-start": "A job does not end before it started.",
    "id-changed": "A response about a job is about the job that was asked for.",
    "child-vanished": "A sub-job that was there stays.",
    "limit-ignored": "A page has no more items than the request's limit.",
    "offset-ignored": "Pages of one listing at different offsets do not repeat each other's items.",
    "job-stuck": "A job goes on, and comes to an end.",
    "duplicate-key": "Each object of a response has a key once.",
    "json-text": "A field of JSON text has valid JSON, or an empty string.",
    "unreadable-time": "The start and the end of a job are times in a form that the document has.",
    "ended-while-running": "A job that has not ended has no end.",
    "start-changed": "The start of a job stays.",
    "type-changed": "The type of a job stays.",
    "parent-changed": "The things that a job belongs to stay.",
    "duplicate-item": "A page has each job once, and a job each sub-job.",
    "wrong-count": "The fields that count jobs agree with the rows, and the number done is not above the total.",
    "unstable-order": "The rows of a listing that has not changed stay in their order.",
    "pages-overlap": "A page of a listing that has not changed repeats no row of the pages before it.",
    "pages-skip": "A page of a listing that has not changed begins where the one before it ended.",
    "unknown-accepted": "A thing that does not exist is not found.",
    "refused": "A request that the document allows, about a thing that is there, is not refused.",
    "server-error": "A request is not answered with a failure of the server.",
}
"""Every rule, with what holds where it is kept."""


def format_value(value: Any) -> str:
    """Return a value of a response on one line, shortened."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return short(text)


def short(text: str) -> str:
    """Return a text on one line, shortened in its middle."""
    line = " ".join(printable(text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"


def printable(text: str) -> str:
    """Return a text with everything escaped that a terminal would act on or XML cannot hold."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def join_values(values: Iterable[Any]) -> str:
    """Return values with commas between, for `expected`."""
    return ", ".join(value if isinstance(value, str) and value else json.dumps(value) for value in values)


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
        """Return the findings of one exchange."""
        return [finding for finding in self.findings if finding.source == source]


def as_text(report: Report) -> str:
    """Return a paragraph for each finding, and a line for the run."""
    lines = []
    for finding in report.findings:
        what = finding.severity if finding.known is None else "known"
        whose = " ".join(part for part in (finding.service, finding.operation) if part) or "no operation"
        lines += [f"{printable(finding.source)}: {what}: {whose}: {printable(finding.where)}", *_details(finding), ""]
    lines += [f"{printable(each.source)}: skipped: {printable(each.detail)}" for each in report.skipped if each.detail]
    return "\n".join([*lines, report.summary, ""])


def as_json(report: Report) -> str:
    """Return all of it."""
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
    """Return a test case for each exchange, which fails with its new violations."""
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
    """Return SARIF 2.1.0: a result for each finding, at the statement of the document."""
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
