"""The checker: it compares exchanges with documents, without the responses that are only inferred.

A `Contract` is one document, compiled once for many exchanges. `Contracts` has the contracts of several services, and
finds the document and the operation of an exchange by its path. Neither reads files or opens connections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import attrs

from ..documents import OperationRef, Recording, Service, Source, without_inferred
from ..documents.json_pointer import resolve
from ..documents.workspace import METHODS, operations
from ..evidence import support
from .exchange import Exchange, InvalidJSON
from .findings import Finding, RawFinding, format_value, join_values, short
from .rules import CompiledSchemas, RequestChecks, ResponseChecks, parameters


@attrs.frozen(slots=False, eq=False)
class Provenance:
    """The evidence of a service, by pointer into its document. It serves changed copies of the document too."""

    _of: Service = attrs.field(repr=False)

    @property
    def service(self) -> str:
        """The service's name."""
        return self._of.name

    @property
    def source(self) -> Source:
        """The document with its file and lines."""
        return self._of.document

    @property
    def file(self) -> str:
        """Path of the document's file, relative to the project folder."""
        path = self.source.path
        return path.relative_to(path.parents[1]).as_posix()

    def evidence(self, pointer: str) -> tuple[str, ...]:
        """Return the ids of the evidence for a pointer or its nearest parent, and of contradictions about it."""
        found: list[tuple[str, str]] = []
        while pointer and not found:
            # The evidence of a value may support only its parts, such as its type.
            parts = [ids for claim, ids in self._support.items() if claim.rpartition("/")[0] == pointer]
            found = self._support.get(pointer) or [each for ids in parts for each in ids]
            pointer = pointer.rpartition("/")[0]
        ids = dict.fromkeys(name for name, _ in found)
        about = [each["id"] for each in self._contradictions if ids.keys() & set(each["rows"])]
        return tuple(dict.fromkeys([*ids, *about]))

    def known(self, rule: str, exchange: Exchange) -> str | None:
        """Return the id of the contradiction that explains a finding of a recorded response; None without one."""
        for each in self._contradictions:
            for entry in each.get("explains", ()):
                if entry["rule"] == rule and _same(exchange, self._of.recordings.get(entry["recording"])):
                    return str(each["id"])
        return None

    @cached_property
    def _support(self) -> dict[str, list[tuple[str, str]]]:
        return support(self._of)

    @property
    def _contradictions(self) -> list[dict[str, Any]]:
        return list(self._of.evidence.data["contradictions"])


def _same(exchange: Exchange, recording: Recording | None) -> bool:
    """Return whether a response equals a recording, apart from the layout of JSON."""
    if recording is None or exchange.status != recording.status:
        return False
    try:
        return bool(exchange.json == recording.body) if recording.is_json else exchange.body == recording.text.encode()
    except InvalidJSON:
        return False


@attrs.frozen
class Route:
    """The operation of an exchange, by its path."""

    contract: Contract
    operation: OperationRef
    checks: _OperationChecks
    """Checks of the operation."""
    values: tuple[str, ...]
    """Values of the path parameters, percent-encoded."""
    has_method: bool
    """Whether the operation has the method of the exchange. If not, only the path is documented."""
    is_exact: bool
    """Whether the path is exactly the documented one, without a prefix."""

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Order of matches, highest is best. A short path may be the end of a longer one."""
        return self.has_method, self.is_exact, len(self.operation.path)

    def argument(self, exchange: Exchange, name: str) -> str | None:
        """Return the value of a parameter of the path or the query."""
        path = dict(zip(self.operation.path_names, self.values, strict=True))
        return unquote(path[name]) if name in path else dict(exchange.query).get(name)

    def parameter(self, name: str) -> str:
        """Return the pointer to a parameter by its name; empty if it is missing."""
        found = parameters(self.contract.document, self.operation)
        return next((pointer for pointer, parameter in found if parameter["name"] == name), "")


class Contract:
    """A document with its compiled checks.

    Args:
        document: The document, or a changed copy of it. It must not change afterwards.
        provenance: The evidence of its statements. Without it, findings name neither evidence nor line.
    """

    def __init__(self, document: dict[str, Any], provenance: Provenance | None = None) -> None:
        self.provenance = provenance
        self.document = without_inferred(document)
        self.schemas = CompiledSchemas(self.document)
        self._operations = [_OperationChecks(self, operation) for operation in operations(self.document)]

    @classmethod
    def from_service(cls, service: Service) -> Contract:
        """Return the contract of a service, with its evidence."""
        return cls(service.document.data, Provenance(service))

    @property
    def service(self) -> str | None:
        """Name of the service; None without provenance."""
        return self.provenance.service if self.provenance else None

    def names_host(self, host: str) -> bool:
        """Return whether a host is in `servers`, apart from servers with only a variable as host."""
        return any(pattern.fullmatch(host) for pattern in self._hosts)

    @cached_property
    def _hosts(self) -> list[re.Pattern[str]]:
        hosts = [server["url"].partition("://")[2].partition("/")[0] for server in self.document.get("servers", ())]
        parts = [re.split(r"\{[^{}]*\}", host.lower()) for host in hosts]
        return [re.compile("[a-z0-9_.-]+".join(map(re.escape, each))) for each in parts if any(each)]

    def check(self, exchange: Exchange) -> list[Finding]:
        """Return the findings of an exchange."""
        return self.check_on(self.nearest(exchange), exchange)

    def check_on(self, route: Route | None, exchange: Exchange) -> list[Finding]:
        """Return the findings of an exchange with a known route."""
        operation = route.operation if route and route.has_method else None
        return [self.finding(exchange, operation, raw) for raw in self._raw_findings(exchange, route)]

    def route(self, exchange: Exchange) -> Route | None:
        """Return the operation of an exchange, for any host and path prefix."""
        route = self.nearest(exchange)
        return route if route and route.has_method else None

    def nearest(self, exchange: Exchange) -> Route | None:
        """Return the operation with the path of an exchange, if possible with its method."""
        routes = [route for each in self._operations if (route := each.route(exchange))]
        return max(routes, key=lambda route: route.rank, default=None)

    def finding(self, exchange: Exchange, operation: OperationRef | None, raw: RawFinding) -> Finding:
        """Return the complete finding: with evidence, and without secrets."""
        provenance = self.provenance
        evidence = provenance.evidence(raw.document_pointer) if provenance else ()
        actual = raw.actual
        if actual is None:
            actual = format_value(exchange.secrets.json(raw.value, raw.name))
        return Finding(
            rule=raw.rule,
            expected=short(raw.expected),
            actual=short(exchange.secrets.text(actual)),
            source=exchange.source,
            severity=raw.severity,
            service=self.service,
            operation=operation.id if operation else None,
            document=provenance.file if provenance else None,
            document_pointer=raw.document_pointer,
            line=provenance.source.line(raw.document_pointer) if provenance else None,
            evidence=evidence,
            pointer=raw.pointer and exchange.secrets.text(raw.pointer),
            name=exchange.secrets.text(raw.name),
            reproduce=exchange.reproduce,
            known=provenance.known(raw.rule, exchange) if provenance else None,
        )

    def _raw_findings(self, exchange: Exchange, route: Route | None) -> Iterator[RawFinding]:
        if route is None:
            paths = join_values(each.operation.path for each in self._operations)
            yield RawFinding("path", "/paths", f"a path of the document ({paths})", value=exchange.path)
        elif not route.has_method:
            item = route.operation.pointer.rpartition("/")[0]
            known = [method.upper() for method in resolve(self.document, item) if method in METHODS]
            yield RawFinding("method", item, join_values(known), actual=exchange.method)
        else:
            yield from route.checks.findings(exchange, route.values)


class _OperationChecks:
    """The compiled checks of one operation."""

    def __init__(self, contract: Contract, operation: OperationRef) -> None:
        self.operation = operation
        self._contract = contract
        self._path = operation.path_pattern
        self._requests = RequestChecks(contract.document, contract.schemas, operation)
        self._responses = ResponseChecks(contract.document, contract.schemas, operation)

    def route(self, exchange: Exchange) -> Route | None:
        match = self._path.search(exchange.path)
        if match is None:
            return None
        has_method = self.operation.method.upper() == exchange.method
        return Route(self._contract, self.operation, self, match.groups(), has_method, match.start() == 0)

    def findings(self, exchange: Exchange, path: tuple[str, ...]) -> Iterator[RawFinding]:
        yield from self._requests.findings(exchange, path)
        yield from self._responses.findings(exchange)


class Contracts:
    """The contracts of several services."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.contracts = list(contracts)

    @classmethod
    def from_services(cls, services: Iterable[Service]) -> Contracts:
        """Return the contracts of services, with their evidence."""
        return cls([Contract.from_service(service) for service in services])

    def check(self, exchange: Exchange) -> list[Finding]:
        """Return the findings of an exchange, by the document with its path."""
        route = self._nearest(exchange)
        return route.contract.check_on(route, exchange) if route else [_unknown_path(exchange, self.contracts)]

    def route(self, exchange: Exchange) -> Route | None:
        """Return the operation of an exchange; None if no document has it."""
        route = self._nearest(exchange)
        return route if route and route.has_method else None

    def nearest(self, exchange: Exchange) -> Contract | None:
        """Return the contract of the document with the path of an exchange; None if no document has it."""
        route = self._nearest(exchange)
        return route.contract if route else None

    def _nearest(self, exchange: Exchange) -> Route | None:
        routes = [route for contract in self.contracts if (route := contract.nearest(exchange))]
        return max(routes, key=lambda route: route.rank, default=None)


def _unknown_path(exchange: Exchange, contracts: list[Contract]) -> Finding:
    documents = ", ".join(contract.provenance.file for contract in contracts if contract.provenance)
    return Finding(
        rule="path",
        expected=f"a path of a document ({documents})",
        actual=short(exchange.secrets.text(f"{exchange.method} {exchange.path}")),
        source=exchange.source,
        reproduce=exchange.reproduce,
    )
