"""Findings: how an exchange does not match its document, and where the document says so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import attrs

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
    """A value of a response on one line, shortened."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return short(text)


def short(text: str) -> str:
    """A text on one line, shortened in its middle."""
    line = " ".join(printable(text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"


def printable(text: str) -> str:
    """A text with everything escaped that a terminal would act on or XML cannot hold."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def join_values(values: Iterable[Any]) -> str:
    """Values with commas between, for `expected`."""
    return ", ".join(value if isinstance(value, str) and value else json.dumps(value) for value in values)
