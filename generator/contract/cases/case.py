"""A case: an exchange with what a check must say of it, and the entry of the evidence that says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from generator.contract.exchange import Exchange
from generator.contract.findings import VIOLATION, Finding


@attrs.frozen
class Expected:
    """The finding that a check must have."""

    rule: str
    pointer: str | None = None
    """Into the reply's body."""
    severity: str = VIOLATION

    def is_met(self, findings: list[Finding]) -> bool:
        """Whether a check had this finding, and no other."""
        return {(each.rule, each.pointer, each.severity) for each in findings} == {attrs.astuple(self)}

    def __str__(self) -> str:
        where = "" if self.pointer is None else f" at {self.pointer or 'the whole body'}"
        return f"{self.severity} {self.rule}{where}"


@attrs.frozen(kw_only=True)
class Example:
    """What every example has."""

    id: str
    """Unique among the cases of a service; begins with the entry of the evidence."""
    evidence: str
    """Id of the entry of the evidence that it comes from."""
    claim: str
    """What that says."""
    exchanges: tuple[Exchange, ...] = attrs.field(repr=False)
    """One exchange, or several that follow each other."""
    places: tuple[str, ...] = attrs.field(default=(), repr=False)
    """Pointers of what it is about, in the document."""


@attrs.frozen(kw_only=True)
class Case(Example):
    """One example of what passes, or does not."""

    expected: Expected | None = None
    """None where it must pass."""
    of_whole: bool = False
    """It is about the whole document, responses included that are only inferred."""
    is_history: bool = False
    """It is held against the rules over several replies, and against them alone."""

    def holds(self, findings: list[Finding]) -> bool:
        """Whether a check of the exchange said what it must."""
        return not findings if self.expected is None else self.expected.is_met(findings)

    def __str__(self) -> str:
        return f"{self.id}: {self.claim}; must {'pass' if self.expected is None else f'be a {self.expected}'}"


@attrs.frozen(kw_only=True)
class Told(Example):
    """One example of what a reply tells by the extensions of the document; it has one exchange."""

    of: str
    """What it tells of: `job`, `page` or `error`."""
    tells: Mapping[str, Any]
    """What it tells, or some of it."""
    pointer: str = ""
    """Of the job, into the body."""

    def holds(self, told: Mapping[str, Any] | None) -> bool:
        """Whether this is what was told."""
        return told is not None and all(_same(told[key], value) for key, value in self.tells.items())

    def __str__(self) -> str:
        return f"{self.id}: must tell that {self.claim}"


def _same(told: Any, expected: Any) -> bool:
    if isinstance(told, list) and isinstance(expected, int):
        return len(told) == expected
    if isinstance(told, float) and isinstance(expected, int | float):
        return abs(told - expected) < 1e-9
    return bool(told == expected)


@attrs.frozen(kw_only=True)
class Draft:
    """An exchange in parts, of which a case changes one."""

    service: str
    method: str
    template: str
    path: Mapping[str, str]
    query: Mapping[str, Any] = attrs.field(factory=dict)
    more_query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict)
    demanded: Mapping[str, str] = attrs.field(factory=dict)
    credentials: frozenset[str] | None = None
    reply_headers: Mapping[str, str] = attrs.field(factory=dict)
    status: int
    media_type: str
    body: Any

    def exchange(self, name: str) -> Exchange:
        """The whole exchange."""
        address = self.template
        for key, value in self.path.items():
            address = address.replace(f"{{{key}}}", quote(value, safe=""))
        pairs = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in self.query.items()]
        query = urlencode([*pairs, *self.more_query])
        return Exchange(
            method=self.method,
            url=f"https://{self.service}.example.com{address}{f'?{query}' if query else ''}",
            request_headers=tuple({**self.demanded, **self.headers}.items()),
            status=self.status,
            headers=(("Content-Type", self.media_type), *self.reply_headers.items()),
            body=(json.dumps(self.body) if "json" in self.media_type else str(self.body)).encode(),
            source=name,
            stated=frozenset(name.lower() for name in self.headers),
            credentials=self.credentials,
        )
