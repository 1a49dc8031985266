"""A verification: which requests are sent to a provider, in which order, and the findings.

schemathesis makes requests from the document. It makes the query alone: paths and headers are pinned to existing
resources, credentials are the sender's, and its requests are bounded and the same in each run. Its checks send nothing;
the list is explicit because the default one does.
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
from .http_client import Provider, RequestResult, Unreachable
from .targets import OperationTarget

if TYPE_CHECKING:
    import httpx
    from schemathesis import Case


_UNKNOWN_IDS = ("no-such-id", "00000000-0000-0000-0000-000000000000")

_IMPOSSIBLE_IDS = ("impossible-id-of-contract-verify", "x" * 300)

_PAGES = 3
"""Pages that are followed, one after another."""

_ARBITRARY_TOKEN = "arbitrary-token-of-contract-verify"

_OF_REQUESTS = ("unknown-parameter", "parameter", "request-header", "security")
"""Rules of which a refused request is a mere notice: here it was wrong on purpose."""


@attrs.frozen(kw_only=True)
class Plan:
    """Limits of the requests, and the time after which a job counts as stuck."""

    cases: int = 20
    """Requests of each sort, right and wrong, that are made from the document for each operation, at most."""
    polls: int = 3
    """Requests for each job, one after another."""
    interval: float = 2.0
    """Seconds between two of those."""
    stuck_after: int | None = None
    """Responses in a row without a change after which a job counts as stuck."""
    probe_auth: bool = False
    """Whether an arbitrary token is sent, which must be refused."""
    probe_unknown: bool = False
    """Whether IDs are sent that cannot exist, which must not be found."""


@attrs.frozen
class Verification:
    """The result of a verification."""

    findings: tuple[Finding, ...]
    """Each where it was met first: new violations before known ones, and those before notices."""
    sources: tuple[str, ...]
    """The requests that got a response."""
    cases: int
    """How many of those schemathesis made."""
    requests: int
    """How many were sent, those included that were sent again."""
    seconds: float


def verify(service: Service, provider: Provider, targets: Sequence[OperationTarget], plan: Plan) -> Verification:
    """Check a provider against a service's document.

    Raises:
        Unreachable: It cannot be looked at: no connection, a page for people, a redirect, credentials that it refuses.
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
    """One verification under way."""

    def __init__(self, service: Service, provider: Provider, plan: Plan) -> None:
        self.service = service
        self.contracts = Contracts.from_services([service])
        self.provider = provider
        self.plan = plan
        self.exchanges: list[Exchange] = []
        self.findings: list[Finding] = []
        self.cases = 0

    def probe(self, target: OperationTarget) -> None:
        """Send the simplest request for a target, which shows whether the provider has it, and those recorded."""
        result = self._send(target, what=f"{target.operation.id} of {target.description}")
        _raise_if_not_provider(self.provider, target, result.exchange)
        for query in target.queries:
            self._valid(target, query, "as recorded")

    def fuzz(self, target: OperationTarget) -> None:
        """Send other requests: without credentials, of other pages, for unknown things, and those of schemathesis."""
        if target.needs_credentials and self.provider.identifies_itself:
            self._send(target, identified=False, what="without credentials")
        self._pages(target)
        self._probes(target)
        for query in _ruled_out(target):
            self._send(target, query, is_wrong=True, what="a value that is ruled out")
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
        """Request one page twice, and parts of it between: if both are equal, the parts must agree with it."""
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
        """Request one page twice, and between that the pages that follow each other."""
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
        """Send what the person has allowed: an arbitrary token, and an ID that cannot exist."""
        if self.plan.probe_auth and target.needs_credentials:
            result = self._send(target, arbitrary=_ARBITRARY_TOKEN, what="with an arbitrary token")
            if result.exchange.status < 400:
                self._add(target, result.exchange, "security", "a refusal of an arbitrary token (401 or 403)")
        if self.plan.probe_unknown and target.identity:
            for unknown in _IMPOSSIBLE_IDS:
                result = self._send(target, path={target.identity[-1]: unknown}, what="an impossible ID")
                if result.exchange.status < 400:
                    self._add(
                        target, result.exchange, "unknown-accepted", "an error, since the resource does not exist"
                    )

    def poll(self, targets: Sequence[OperationTarget]) -> None:
        """Request each target again and again."""
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
        """Keep an exchange, and what `contract check` finds in it."""
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
            self._add(target, result.exchange, "refused", "a response to a request that the document allows")
        return result.exchange

    def _made(self, target: OperationTarget, each: GeneratedRequest) -> None:
        what = "a right query" if each.is_valid else "a wrong query"
        result = self._send(target, each.query, is_wrong=not each.is_valid, what=what)
        if not each.is_valid and _leaves_open(target, result.exchange.status):
            return
        rules = {finding.rule for finding in self.findings if finding.source == result.exchange.source}
        for rule, title in failures(each, result.response):
            same = ("schema", "body", "undocumented-field") if rule == "schema" else (rule,)
            if not rules & set(same):
                self._add(target, result.exchange, rule, f"what schemathesis expects ({title})")

    def _add(self, target: OperationTarget, exchange: Exchange, rule: str, expected: str) -> None:
        (contract,) = self.contracts.contracts
        raw = RawFinding(rule, target.operation.pointer, expected, actual=f"the status {exchange.status}")
        self.findings.append(contract.finding(exchange, target.operation, raw))


def _raise_if_not_provider(provider: Provider, target: OperationTarget, exchange: Exchange) -> None:
    """Raise where a response to the simplest request shows that there is nothing to look at."""
    status = exchange.status
    if 300 <= status < 400:
        # Without its query, which may hold data for the login page.
        elsewhere = (exchange.header("location") or "").partition("?")[0]
        problem = f"answers with a redirect ({status}) to {format_value(elsewhere)}, which is not followed"
        raise Unreachable(Problem(provider.url, problem, "Give the address that it leads to, if that is the service"))
    if (exchange.body or b"").lstrip()[:1] == b"<":
        problem = f"answers with a page for people ({exchange.media_type or 'HTML'}, status {status}), not as an API"
        raise Unreachable(
            Problem(provider.url, problem, f"Give the address of {target.title}, without a login before it")
        )
    if status in (401, 403):
        have = "refuses the credentials" if provider.identifies_itself else "asks for credentials"
        remedy = "Set CLOUDJOBS_TOKEN, or what else the client takes, in the environment"
        raise Unreachable(Problem(provider.url, f"{have} ({status})", remedy))
    if status >= 500:
        raise Unreachable(Problem(provider.url, f"fails ({status})", "Look at it first"))
    if status >= 400:
        # The last parameter identifies the resource; those before it identify its parents.
        name = target.identity[-1] if target.identity else "job"
        whose = "given" if target.is_given else "recorded"
        option = (
            "--job ID"
            if name == target.operation.definition.get("x-poll", {}).get("argument")
            else f"--parameter {name}=…"
        )
        problem = f"does not have the {whose} {target.description} ({status})"
        raise UsageError(Problem(provider.url, problem, f"Name one that is there with {option}"))


def _has_rows(exchange: Exchange) -> bool:
    """Return whether a response is JSON of a success, which may name the next page."""
    try:
        return 200 <= exchange.status < 300 and exchange.json is not None
    except InvalidJSON:
        return False


def _leaves_open(target: OperationTarget, status: int) -> bool:
    """Return whether this is a usual refusal of a wrong request, and the document does not describe refusals."""
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
    """Yield each finding where it was met first."""
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
"""The checks, and the rule of ours that each of them is about."""

_LARGEST = 2**31 - 1
"""No document limits the digits of a number, so larger ones are not sent to live services."""


@attrs.frozen
class GeneratedRequest:
    """A request that schemathesis made."""

    query: dict[str, Any]
    is_valid: bool
    """Whether the document has it accepted."""
    case: Case[Any] = attrs.field(repr=False)


def generated_requests(document: dict[str, Any], target: OperationTarget, count: int) -> list[GeneratedRequest]:
    """At most so many requests that the document allows, and as many that it rules out.

    Args:
        document: The document, without responses that are only inferred.
        target: Their subject.
        count: How many of each sort are tried. Those that differ in no query parameter are left out.
    """
    import schemathesis
    from schemathesis import Config, GenerationMode

    if not target.parameters:
        return []
    # A separate configuration, since the folder may have the user's own.
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
            # A name that the document does not know says nothing of a provider that passes over it.
            if repr(query) not in seen and query.keys() <= known and all(map(_plain, query.values())):
                seen.add(repr(query))
                found.append(GeneratedRequest(query, mode.is_positive, case))
    return found


def failures(each: GeneratedRequest, response: httpx.Response) -> list[tuple[str, str]]:
    """Return the rules that schemathesis finds broken in a response, each with its message."""
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
    """Return the document with nothing to be made but path and query."""
    copy = deepcopy(document)
    operation = copy["paths"][target.operation.path][target.operation.method]
    operation["security"] = []
    copy.pop("security", None)
    kept = {each["name"] for each in target.parameters} | target.path.keys()
    parameters = copy["components"].get("parameters", {})
    for parameter in parameters.values():
        # It asserts nothing here, and schemathesis takes that of an integer for bounds.
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
    """Return whether a value is one of a query: a text or a number of a usual size."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(value) <= _LARGEST
    return isinstance(value, str | bool)
