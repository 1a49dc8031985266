"""A verification: the requests to a provider, in their order, and the findings.

schemathesis generates requests from the document, but only their queries: paths and headers are those of existing
resources, and the sender adds credentials. The number of its requests is limited, and they are the same in each run.
The checks of schemathesis are listed because some of its default checks would send requests.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import attrs

from ...documents import Service
from ...errors import Problem, UsageError
from ..checker import Contracts
from ..exchange import Exchange, InvalidJSON
from ..findings import NOTICE, Finding, RawFinding, format_value
from ..sequence_rules import StuckThreshold, check_sequence, next_query
from .http_client import CHECK_PROVIDER, Provider, RequestResult, Unreachable
from .targets import OperationTarget

if TYPE_CHECKING:
    import httpx
    from schemathesis import Case


_UNKNOWN_IDS = ("no-such-id", "00000000-0000-0000-0000-000000000000")

_IMPOSSIBLE_IDS = ("impossible-id-of-contract-verify", "x" * 300)

_PAGES = 3
"""Most successive pages to request."""

_ARBITRARY_TOKEN = "arbitrary-token-of-contract-verify"

_OF_REQUESTS = ("unknown-parameter", "parameter", "request-header", "security")
"""Rules about requests. Their notices are left out: these requests are invalid on purpose, and were rejected."""


@attrs.frozen(kw_only=True)
class Plan:
    """Limits of a verification."""

    cases: int = 20
    """Most valid requests, and most invalid ones, to generate for each operation."""
    polls: int = 3
    """Successive requests for each job."""
    interval: float = 2.0
    """Seconds between two requests for a job."""
    stuck_after: int | None = None
    """Number of successive responses without a change after which a job is reported as stuck."""
    probe_auth: bool = False
    """Whether to send an invalid token, which the provider must reject."""
    probe_unknown: bool = False
    """Whether to request IDs that cannot exist, which the provider must not find."""


@attrs.frozen
class Verification:
    """The result of a verification."""

    findings: tuple[Finding, ...]
    """Each kind of finding once: new violations, then known ones, then notices."""
    sources: tuple[str, ...]
    """The exchanges, in order."""
    cases: int
    """Number of requests that schemathesis generated."""
    requests: int
    """Number of requests, including those that were repeated."""
    seconds: float


def verify(service: Service, provider: Provider, targets: Sequence[OperationTarget], plan: Plan) -> Verification:
    """Check a provider against a service's document.

    Raises:
        Unreachable: The provider cannot be connected, or the response is a redirect, an HTML page, or 401, 403 or 5xx.
        UsageError: The provider does not have one of the targets.
    """
    began = time.monotonic()
    run = _Run(service, provider, plan)
    for target in targets:
        run.probe(target)
    for target in {each.operation.id: each for each in reversed(targets)}.values():
        run.fuzz(target)
    run.poll(targets)
    findings = [
        *run.findings,
        *check_sequence(run.contracts, run.exchanges, StuckThreshold(responses=plan.stuck_after)),
    ]
    sources = [exchange.source for exchange in run.exchanges]
    return Verification(
        findings=tuple(sorted(_once(findings, sources), key=lambda finding: (not finding.is_new, not finding.known))),
        sources=tuple(sources),
        cases=run.cases,
        requests=provider.requests,
        seconds=time.monotonic() - began,
    )


class _Run:
    """The state of one verification."""

    def __init__(self, service: Service, provider: Provider, plan: Plan) -> None:
        self.service = service
        self.contracts = Contracts.from_services([service])
        self.provider = provider
        self.plan = plan
        self.exchanges: list[Exchange] = []
        self.findings: list[Finding] = []
        self.cases = 0

    def probe(self, target: OperationTarget) -> None:
        """Send the simplest request for a target, which shows whether it exists, and the recorded queries."""
        result = self._send(target, what=f"{target.operation.id} of {target.description}")
        _raise_if_not_provider(self.provider, target, result.exchange)
        for query in target.queries:
            self._valid(target, query, "as recorded")

    def fuzz(self, target: OperationTarget) -> None:
        """Send other requests: without credentials, for other pages, for unknown IDs, and those of schemathesis."""
        if target.needs_credentials and self.provider.identifies_itself:
            self._send(target, identified=False, what="without credentials")
        self._pages(target)
        self._probes(target)
        for query in _ruled_out(target):
            self._send(target, query, is_wrong=True, what="an invalid value")
        if target.identity:
            for unknown in _UNKNOWN_IDS:
                self._send(target, path={target.identity[-1]: unknown}, what="an unknown ID")
        if not self.plan.cases:
            return
        (contract,) = self.contracts.contracts
        for each in generated_requests(contract.document, target, self.plan.cases):
            self.cases += 1
            self._made(target, each)

    def _pages(self, target: OperationTarget) -> None:
        """Request one page twice, and parts of it in between. If both pages are equal, the parts must agree."""
        pages = target.pages or {}
        limit = pages.get("limit")
        if "next" in pages:
            self._follow(target, pages)
        if limit is None or not {"offset", "page"} & pages.keys():
            return
        for offset, size in ((0, 4), (0, 1), (0, 2), (1, 1), (2, 2), (0, 4)):
            query = {limit: size}
            if "offset" in pages:
                query[pages["offset"]] = offset
            elif offset % size == 0:
                query[pages["page"]] = int(pages.get("first", 1)) + offset // size
            else:
                continue
            self._valid(target, query, "another page")

    def _follow(self, target: OperationTarget, pages: dict[str, Any]) -> None:
        """Request one page twice, and successive smaller pages in between."""
        limit = pages.get("limit")
        whole = {limit: 4} if limit else {}
        self._valid(target, whole, "a page")
        for size in (1, 2) if limit else (0,):
            query: dict[str, Any] = {limit: size} if limit else {}
            for _ in range(_PAGES):
                exchange = self._valid(target, query, "the next page")
                following = next_query(exchange, pages) if _has_rows(exchange) else None
                if following is None:
                    break
                query = {**(query if "token" in pages else {}), **dict(following)}
        self._valid(target, whole, "the page again")

    def _probes(self, target: OperationTarget) -> None:
        """Send the requests that the user has allowed: with an invalid token, and for IDs that cannot exist."""
        if self.plan.probe_auth and target.needs_credentials:
            result = self._send(target, arbitrary=_ARBITRARY_TOKEN, what="with an invalid token")
            if result.exchange.status < 400:
                self._add(target, result.exchange, "security", "401 or 403 for an invalid token")
        if self.plan.probe_unknown and target.identity:
            for unknown in _IMPOSSIBLE_IDS:
                result = self._send(target, path={target.identity[-1]: unknown}, what="an impossible ID")
                if result.exchange.status < 400:
                    self._add(
                        target, result.exchange, "unknown-accepted", "an error, since the resource does not exist"
                    )

    def poll(self, targets: Sequence[OperationTarget]) -> None:
        """Request each target as often as the plan says."""
        for number in range(self.plan.polls):
            if number:
                self.provider.pause(self.plan.interval)
            for target in targets:
                self._send(target, what=f"poll {number + 1} of {target.description}")

    def _send(
        self,
        target: OperationTarget,
        query: dict[str, Any] | None = None,
        *,
        path: dict[str, str] | None = None,
        identified: bool = True,
        arbitrary: str | None = None,
        is_wrong: bool = False,
        what: str,
    ) -> RequestResult:
        values = path or {}
        needed = {name: values.get(name, value) for name, value in target.query.items()}
        result = self.provider.get(
            target.request_path(**values),
            needed | (query or {}),
            target.headers,
            schemes=target.schemes,
            identified=identified,
            arbitrary=arbitrary,
            limited=lambda limited: self._check(target, limited.exchange, is_wrong),
            what=what,
        )
        self._check(target, result.exchange, is_wrong)
        if result.exchange.status >= 500:
            self._add(target, result.exchange, "server-error", "a response other than a server error")
        return result

    def _check(self, target: OperationTarget, exchange: Exchange, is_wrong: bool) -> None:
        """Add an exchange and its findings."""
        self.exchanges.append(exchange)
        self.findings += [
            finding
            for finding in self.contracts.check(exchange)
            if finding.severity != NOTICE or finding.rule not in _OF_REQUESTS
            if finding.rule != "status" or not (is_wrong and _leaves_open(target, exchange.status))
        ]

    def _valid(self, target: OperationTarget, query: dict[str, Any], what: str) -> Exchange:
        result = self._send(target, query, what=what)
        if 400 <= result.exchange.status < 500:
            self._add(target, result.exchange, "refused", "a success, since the document allows the request")
        return result.exchange

    def _made(self, target: OperationTarget, each: GeneratedRequest) -> None:
        what = "a valid query" if each.is_valid else "an invalid query"
        result = self._send(target, each.query, is_wrong=not each.is_valid, what=what)
        if not each.is_valid and _leaves_open(target, result.exchange.status):
            return
        rules = {finding.rule for finding in self.findings if finding.source == result.exchange.source}
        for rule, title in failures(each, result.response):
            same = ("schema", "body", "undocumented-field") if rule == "schema" else (rule,)
            if not rules & set(same):
                self._add(target, result.exchange, rule, f"the result that schemathesis expects ({title})")

    def _add(self, target: OperationTarget, exchange: Exchange, rule: str, expected: str) -> None:
        (contract,) = self.contracts.contracts
        raw = RawFinding(rule, target.operation.pointer, expected, actual=f"the status {exchange.status}")
        self.findings.append(contract.finding(exchange, target.operation, raw))


def _raise_if_not_provider(provider: Provider, target: OperationTarget, exchange: Exchange) -> None:
    """Raise an error if the response to the simplest request is not from the service, or the target is missing."""
    status = exchange.status
    if 300 <= status < 400:
        # The query is left out, since it may have data for the login page.
        elsewhere = (exchange.header("location") or "").partition("?")[0]
        problem = f"must respond without a redirect, got {status} to {format_value(elsewhere)}"
        raise Unreachable(Problem(provider.url, problem, "Use the URL of its target, if that is the service"))
    if (exchange.body or b"").lstrip()[:1] == b"<":
        problem = f"must be an API, got a page for people ({exchange.media_type or 'HTML'}, status {status})"
        raise Unreachable(
            Problem(provider.url, problem, f"Use the URL of {target.title}, without a login page before it")
        )
    if status in (401, 403):
        sent = "the credentials" if provider.identifies_itself else "requests without credentials"
        remedy = "Set CLOUDJOBS_TOKEN, or other credentials of the client, in the environment"
        raise Unreachable(Problem(provider.url, f"must accept {sent}, got {status}", remedy))
    if status >= 500:
        raise Unreachable(Problem(provider.url, f"must not respond with a server error, got {status}", CHECK_PROVIDER))
    if status >= 400:
        # The last parameter identifies the resource; those before it identify its parents.
        name = target.identity[-1] if target.identity else "job"
        origin = "given" if target.is_given else "recorded"
        option = (
            "--job ID"
            if name == target.operation.definition.get("x-poll", {}).get("argument")
            else f"--parameter {name}=…"
        )
        problem = f"must have the {origin} {target.description}, got {status}"
        raise UsageError(Problem(provider.url, problem, f"Name one that exists with {option}"))


def _has_rows(exchange: Exchange) -> bool:
    """Return whether a response is 2xx with JSON, so that it may name the next page."""
    try:
        return 200 <= exchange.status < 300 and exchange.json is not None
    except InvalidJSON:
        return False


def _leaves_open(target: OperationTarget, status: int) -> bool:
    """Return whether a status is usual for an invalid request, and the document describes no such status."""
    usual = ("400", "422")
    return str(status) in usual and not any(key in target.operation.definition["responses"] for key in usual)


def _ruled_out(target: OperationTarget) -> Iterator[dict[str, Any]]:
    """Yield queries with one value that the document does not allow."""
    for parameter in target.parameters:
        name, schema = parameter["name"], parameter["schema"]
        if schema.get("type") in ("integer", "number"):
            yield {name: "many"}
        if "minimum" in schema:
            yield {name: schema["minimum"] - 1}
        if "maximum" in schema:
            yield {name: schema["maximum"] + 1}


def _once(findings: Sequence[Finding], sources: Sequence[str]) -> Iterator[Finding]:
    """Yield each kind of finding once, from the first exchange that has it."""
    order = {source: number for number, source in enumerate(sources)}
    seen = set()
    for finding in sorted(findings, key=lambda finding: order[finding.source]):
        key = _finding_key(finding)
        if key not in seen:
            seen.add(key)
            yield finding


def _finding_key(finding: Finding) -> tuple[object, ...]:
    """Return a key that is equal for findings of the same kind in other rows and responses."""
    pointer = re.sub(r"/[0-9]+(?=/|\Z)", "/*", finding.pointer or "")
    actual = finding.actual if finding.rule in ("status", "server-error") else finding.actual == "null"
    where = (finding.operation, finding.document_pointer, pointer, finding.name)
    return finding.rule, finding.severity, finding.known, *where, actual


ASPECTS = {
    "status_code_conformance": "status",
    "content_type_conformance": "media-type",
    "response_headers_conformance": "header",
    "response_schema_conformance": "schema",
    "not_a_server_error": "server-error",
    "negative_data_rejection": "parameter",
    "positive_data_acceptance": "refused",
}
"""The checks of schemathesis, each with the corresponding rule of the checker."""

_LARGEST = 2**31 - 1
"""Largest number to send. Documents do not limit the digits of numbers, but live services may fail."""


@attrs.frozen
class GeneratedRequest:
    """A request that schemathesis has generated."""

    query: dict[str, Any]
    is_valid: bool
    """Whether the document allows the request."""
    case: Case[Any] = attrs.field(repr=False)


def generated_requests(document: dict[str, Any], target: OperationTarget, count: int) -> list[GeneratedRequest]:
    """Generate requests that the document allows, and requests that it does not allow.

    Args:
        document: The document, without responses that are only inferred.
        target: The target of the requests.
        count: Requests of each kind to generate. Those with a repeated query are left out.
    """
    import schemathesis
    from schemathesis import Config, GenerationMode

    if not target.parameters:
        return []
    # A separate configuration, because the current folder may have one of the user.
    schema = schemathesis.openapi.from_dict(_query_alone(document, target), config=Config())
    operation = schema[target.operation.path][target.operation.method]
    known = {each["name"] for each in target.parameters}
    found = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        with _leaving_nothing():
            drawn = _drawn(operation.as_strategy(generation_mode=mode, path_parameters=dict(target.path)), count)
        seen = set()
        for case in drawn:
            query = dict(case.query or {})
            # Unknown parameters are left out: a provider may ignore them.
            if repr(query) not in seen and query.keys() <= known and all(map(_plain, query.values())):
                seen.add(repr(query))
                found.append(GeneratedRequest(query, mode.is_positive, case))
    return found


def failures(each: GeneratedRequest, response: httpx.Response) -> list[tuple[str, str]]:
    """Return rule and message of each check of schemathesis that fails for a response."""
    import schemathesis.specs.openapi.checks as of_openapi
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup

    checks = {name: getattr(of_openapi, name, not_a_server_error) for name in ASPECTS}
    found = []
    for name, check in checks.items():
        try:
            each.case.validate_response(response, checks=[check])
        except FailureGroup as group:
            found += [(ASPECTS[name], str(failure.title)) for failure in group.exceptions]
    return found


def _query_alone(document: dict[str, Any], target: OperationTarget) -> dict[str, Any]:
    """Return a copy of the document that leaves only path and query to be generated."""
    copy = deepcopy(document)
    operation = copy["paths"][target.operation.path][target.operation.method]
    operation["security"] = []
    copy.pop("security", None)
    kept = {each["name"] for each in target.parameters} | target.path.keys()
    parameters = copy["components"].get("parameters", {})
    for parameter in parameters.values():
        # A format is only an annotation here, but schemathesis derives bounds of integers from it.
        parameter.get("schema", {}).pop("format", None)
    stated = operation.get("parameters", [])
    operation["parameters"] = [
        each
        for each in stated
        if (parameters[each["$ref"].rpartition("/")[2]] if "$ref" in each else each)["name"] in kept
    ]
    return copy


@contextmanager
def _leaving_nothing() -> Iterator[None]:
    """Let hypothesis keep its data in a temporary folder, not in the current one."""
    from hypothesis.configuration import set_hypothesis_home_dir

    with tempfile.TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _drawn(strategy: Any, count: int) -> list[Case[Any]]:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis.errors import Unsatisfiable

    drawn: list[Case[Any]] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def draw(case: Case[Any]) -> None:
        drawn.append(case)

    try:
        draw()
    except Unsatisfiable:
        return []
    return drawn


def _plain(value: object) -> bool:
    """Return whether a value can be in a query: a string, a boolean, or a number of usual size."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(value) <= _LARGEST
    return isinstance(value, str | bool)
