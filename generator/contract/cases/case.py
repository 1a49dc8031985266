"""A case: an exchange with what a check must say of it, and the entry of the evidence that says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from generator.contract.exchanges import Exchange
from generator.contract.findings import VIOLATION, Finding


@attrs.frozen
class Expected:
    """The finding that a check must have."""

    rule: str
    pointer: str | None = None
    """Into the reply's body."""
    severity: str = VIOLATION

    def is_among(self, findings: list[Finding]) -> bool:
        """Whether a check had it."""
        return any((each.rule, each.pointer, each.severity) == attrs.astuple(self) for each in findings)

    def __str__(self) -> str:
        where = "" if self.pointer is None else f" at {self.pointer or 'the whole body'}"
        return f"{self.severity} {self.rule}{where}"


@attrs.frozen(kw_only=True)
class Case:
    """One example."""

    id: str
    """Unique among the cases of a service; begins with the entry of the evidence."""
    evidence: str
    """Id of the row, observation, fact or contradiction that it comes from."""
    claim: str
    """What that says."""
    exchange: Exchange = attrs.field(repr=False)
    expected: Expected | None = None
    """None where the exchange must pass."""
    of_whole: bool = False
    """It is about the whole document, responses included that are only inferred."""

    def holds(self, findings: list[Finding]) -> bool:
        """Whether a check of the exchange said what it must."""
        return not findings if self.expected is None else self.expected.is_among(findings)

    def __str__(self) -> str:
        return f"{self.id}: {self.claim}; must {'pass' if self.expected is None else f'be a {self.expected}'}"


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
            headers=(("Content-Type", self.media_type),),
            body=(json.dumps(self.body) if "json" in self.media_type else str(self.body)).encode(),
            source=name,
            stated=frozenset(name.lower() for name in self.headers),
            credentials=self.credentials,
        )
