"""What an exchange tells by the extensions of its document: of a job, of a page, of an error, of the caller.

A reading of its own, apart from the client's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from generator.contract.checking import Contract
from generator.contract.exchanges import Exchange, NoJson
from generator.contract.jobs import Job, page
from generator.documents.json_pointer import NotThere, find, resolve

_ALMOST = 0.99
"""The most that a job that has not succeeded has done."""

_FORMS = {"aksk": "SDK-HMAC-SHA256 "}
"""What a credential begins with, by the method of `x-auth`."""


def told_of_job(contract: Contract, exchange: Exchange, pointer: str) -> dict[str, Any] | None:
    """What a reply tells of the job, sub-job or row at a pointer into its body; None where there is no job."""
    route = contract.route(exchange)
    found = page(route, exchange) if route else None
    job = next((job for job in _all(found.jobs if found else ()) if job.pointer == pointer), None)
    if job is None or found is None:
        return None
    return {
        "id": job.id,
        "state": job.kind,
        "resumable": job.is_resumable,
        "reason": _reason(job, exchange),
        "children": [part.id for part in job.children],
        "started": job.started,
        "ended": job.ended,
        "progress": _progress(job),
        "asked": found.asked,
        "listed": found.is_listing,
        "found_by": _found_by(contract, exchange, job),
    }


def told_of_page(contract: Contract, exchange: Exchange) -> dict[str, Any] | None:
    """What a listing tells of its paging: its number of items, and what its count says."""
    route = contract.route(exchange)
    declared = route.operation.definition.get("x-pagination") if route else None
    if declared is None or not isinstance(exchange.json, dict):
        return None
    items = exchange.json.get(declared["items"])
    return {
        "items": len(items) if isinstance(items, list) else None,
        "count": exchange.json.get(declared.get("count")),
        **{name: dict(exchange.query).get(declared[name]) for name in ("offset", "limit")},
    }


def told_of_error(contract: Contract, exchange: Exchange) -> dict[str, str | None]:
    """Code, message and ID of the request of a failure, as `x-error` says where they are."""
    found = [value for _, value in find(contract.document, "/components/schemas/*/x-error")]
    declared: dict[str, Any] = found[0] if found else {}
    try:
        body = exchange.json
    except NoJson:
        body = None
    parts = {part: _first(body, exchange, declared.get(part, ())) for part in ("code", "message", "request_id")}
    return {**parts, "message": body} if isinstance(body, str) else parts


def told_of_caller(contract: Contract, exchange: Exchange) -> dict[str, Any]:
    """The security schemes whose header is there, in the form that the method of `x-auth` gives it."""
    schemes = contract.document.get("components", {}).get("securitySchemes", {})
    found = []
    for name, scheme in schemes.items():
        value = exchange.request_header(scheme.get("name", ""))
        method = str(scheme.get("x-auth", {}).get("method"))
        if value is not None and value.startswith(_FORMS.get(method, "")):
            found.append(name)
    return {"schemes": found}


def _first(body: Any, exchange: Exchange, entries: Iterable[Any]) -> str | None:
    for entry in entries:
        value: Any = body
        if isinstance(entry, dict):
            value = exchange.header(entry["header"])
        else:
            for name in entry.split("."):
                value = value.get(name) if isinstance(value, dict) else None
        if value not in (None, ""):
            return str(value)
    return None


def _all(jobs: Iterable[Job]) -> Iterator[Job]:
    for job in jobs:
        yield job
        yield from _all(job.children)


def _reason(job: Job, exchange: Exchange) -> Any:
    _, pointer = job.field("reason")
    try:
        reason = resolve(exchange.json, pointer)
    except NotThere:
        return None
    # Without a declaration the pointer is the job's own.
    return reason if isinstance(reason, str) and reason else None


def _progress(job: Job) -> float | None:
    if job.kind == "succeeded":
        return 1.0
    declared, share = job.declares("progress"), None
    if declared.get("from") == "children" and job.children:
        shares = [1.0 if part.is_final else _progress(part) or 0.0 for part in job.children]
        share = sum(shares) / len(shares)
    elif "of" in declared:
        share = None if job.done is None else job.done / declared["of"]
    elif job.total:
        share = None if job.done is None else job.done / job.total
    return None if share is None else min(max(share, 0.0), _ALMOST)


def _found_by(contract: Contract, exchange: Exchange, job: Job) -> str | None:
    """The ID that a row of a listing is found by."""
    route = contract.route(exchange)
    match = route.operation.definition.get("x-poll", {}).get("match") if route else None
    value = job.data.get(str(match))
    return value if isinstance(value, str) else None
