"""Findings of the checker, and their reports: as text for people, as JSON, JUnit and SARIF for tools."""

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
"""The exchange violates the document."""
NOTICE = "notice"
"""Not a violation, but to be reviewed: an unknown value of an open list, or an invalid request that was rejected."""

_LONGEST = 160


@attrs.frozen(kw_only=True)
class Finding:
    """A difference between an exchange and its document. It contains no secrets."""

    rule: str
    """Stable name of the rule, from `RULES`."""
    expected: str
    """The value that the document or the rule requires."""
    actual: str
    """The actual value, without secrets."""
    source: str
    """Source of the exchange."""
    severity: str = VIOLATION
    """`violation` or `notice`."""
    service: str | None = None
    """Name of the service; None if no document has the path."""
    operation: str | None = None
    """operationId of the operation."""
    document: str | None = None
    """File of the document."""
    document_pointer: str = ""
    """JSON Pointer into the document."""
    line: int | None = None
    """Line of the document."""
    evidence: tuple[str, ...] = ()
    """Ids of the rows, facts and contradictions that support the statement."""
    pointer: str | None = None
    """JSON Pointer into the response body; None if the finding is not about the body."""
    name: str = ""
    """Name of the parameter, header or field that the finding is about, if any."""
    reproduce: str = ""
    """A command line that reproduces the finding."""
    known: str | None = None
    """Id of the contradiction that explains the finding, if any."""

    @property
    def is_new(self) -> bool:
        """Whether it is a violation that no contradiction explains."""
        return self.severity == VIOLATION and self.known is None

    @property
    def where(self) -> str:
        """The rule, with the pointer if there is one."""
        if self.pointer is None:
            return self.rule
        return f"{self.rule} at {self.pointer or 'the whole body'}"

    @property
    def as_data(self) -> dict[str, Any]:
        """The finding as JSON data."""
        return attrs.asdict(self) | {"evidence": list(self.evidence)}

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.actual}"


@attrs.frozen
class RawFinding:
    """A finding before its evidence is added and its secrets are removed."""

    rule: str
    document_pointer: str
    expected: str
    actual: str | None = None
    """The actual value, as text."""
    value: Any = None
    """The actual value in the exchange. Used if `actual` is None."""
    name: str = ""
    """Name of the value. If it is the name of a secret, the value is redacted."""
    pointer: str | None = None
    severity: str = VIOLATION


RULES = {
    "path": "A document has the path of the request.",
    "method": "The document has the method of the request at its path.",
    "unknown-parameter": "The operation has all parameters of the request.",
    "parameter": "Each parameter is valid and given once, and all required ones are given.",
    "request-header": "The request has the headers that the operation requires.",
    "security": "The request has the credentials that the operation declares.",
    "status": "The document lists the status of the response.",
    "media-type": "The document lists the media type of the response.",
    "header": "The response has the headers that the document requires, and documented headers are valid.",
    "body": "The response body can be read by its media type.",
    "schema": "The response body matches its schema.",
    "undocumented-field": "The document has all fields of the response.",
    "open-list": "A value of an open list is one of its known values.",
    "terminal-state-left": "The final state of a job does not change.",
    "progress-fell": "The progress of a job does not fall.",
    "total-changed": "The total of a job's progress does not change.",
    "end-before-start": "A job does not end before it started.",
    "id-changed": "The job in a response has the requested ID.",
    "child-vanished": "A sub-job does not disappear from its job.",
    "limit-ignored": "A page has no more items than the request's limit.",
    "offset-ignored": "Pages of one listing at different offsets do not repeat each other's items.",
    "job-stuck": "A job that has not ended changes.",
    "duplicate-key": "Each object of a response has each key once.",
    "json-text": "A field for JSON text has valid JSON, or an empty string.",
    "unreadable-time": "The start and the end of a job have a time format of the document.",
    "ended-while-running": "Fields for the end of a job are empty until it has ended.",
    "start-changed": "The start of a job does not change.",
    "type-changed": "The type of a job does not change.",
    "parent-changed": "The parents of a job do not change.",
    "duplicate-item": "A page has each job once, and a job each sub-job.",
    "wrong-count": "Fields with counts match the rows, and the number of completed jobs is at most the total.",
    "unstable-order": "The rows of an unchanged listing stay in their order.",
    "pages-overlap": "A page of an unchanged listing repeats no row of earlier pages.",
    "pages-skip": "A page of an unchanged listing begins where the page before it ended.",
    "unknown-accepted": "A request for an ID that does not exist fails.",
    "refused": "A valid request for a job that exists is not rejected.",
    "server-error": "A response does not have a 5xx status.",
}
"""Each rule, with the statement that is true if it is not violated."""


def format_value(value: Any) -> str:
    """Return a value of a response on one line, shortened."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return short(text)


def short(text: str) -> str:
    """Return a text on one line, shortened in its middle."""
    line = " ".join(printable(text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"


def printable(text: str) -> str:
    """Return a text with control characters escaped, which a terminal would interpret and XML does not allow."""
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
    """Sources of the checked exchanges, in order."""
    findings: Sequence[Finding]
    skipped: Sequence[SkippedEntry] = ()
    """Entries of HAR files that were not checked."""

    @property
    def new(self) -> list[Finding]:
        """The violations that no contradiction explains. They fail the run."""
        return [finding for finding in self.findings if finding.is_new]

    @property
    def known(self) -> list[Finding]:
        """The violations that a contradiction explains."""
        return [finding for finding in self.findings if finding.severity == VIOLATION and finding.known]

    @property
    def notices(self) -> list[Finding]:
        """The findings to review that are not violations."""
        return [finding for finding in self.findings if finding.severity == NOTICE]

    @property
    def summary(self) -> str:
        """The numbers of the run in one line."""
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
    """Return a paragraph for each finding, and the summary."""
    lines = []
    for finding in report.findings:
        what = finding.severity if finding.known is None else "known"
        whose = " ".join(part for part in (finding.service, finding.operation) if part) or "no operation"
        lines += [f"{printable(finding.source)}: {what}: {whose}: {printable(finding.where)}", *_details(finding), ""]
    lines += [f"{printable(each.source)}: skipped: {printable(each.detail)}" for each in report.skipped if each.detail]
    return "\n".join([*lines, report.summary, ""])


def as_json(report: Report) -> str:
    """Return the report as JSON."""
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
            # Some readers of JUnit show only the first failure of a case, so all findings are one failure.
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
    # Code hosts show a result at a file: here the document, or else the recording.
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
