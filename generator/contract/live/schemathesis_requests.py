"""Requests that schemathesis makes from a document, and what its checks say of the responses.

It makes the query alone: paths and headers are pinned to existing resources, credentials are the sender's, and its
requests are bounded and the same in each run. Its checks send nothing; the list is explicit because the default one
does.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import attrs

from .targets import Target

if TYPE_CHECKING:
    import httpx
    from schemathesis import Case

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


def generated_requests(document: dict[str, Any], target: Target, count: int) -> list[GeneratedRequest]:
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
    """The rules that schemathesis finds broken in a response, each with its message."""
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


def _query_alone(document: dict[str, Any], target: Target) -> dict[str, Any]:
    """The document with nothing to be made but path and query."""
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
    """Whether a value is one of a query: a text or a number of a usual size."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(value) <= _LARGEST
    return isinstance(value, str | bool)
