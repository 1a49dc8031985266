"""Targets of a verification: operations, with parameters of things that exist."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import attrs

from ...documents import OperationRef, Service
from ...documents.mappings import AuthSpec
from ...errors import Problem, UsageError
from ..rules import parameters

_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?")

_VENDOR_VARIABLES = {"project_id": "HUAWEICLOUD_SDK_PROJECT_ID"}
"""Environment variables of the vendor's SDK, by the client's keyword."""


def variables(service: str, setting: str) -> list[str]:
    """Return names of the environment variables of a setting, as the client reads them: of the service, then of all."""
    return [f"CLOUDJOBS_{service}_{setting}".upper(), f"CLOUDJOBS_{setting}".upper()]


@attrs.frozen
class OperationTarget:
    """An operation, and the values of its parameters."""

    operation: OperationRef
    path: dict[str, str]
    """Value of each path parameter."""
    headers: dict[str, str]
    """The headers that the page demands, and header parameters with a value."""
    schemes: tuple[AuthSpec, ...]
    """The ways in which the operation takes credentials."""
    query: dict[str, str]
    """Values of the query parameters that each request needs: those that are required, and the job's ID."""
    queries: tuple[dict[str, Any], ...]
    """Queries that were recorded."""
    parameters: tuple[dict[str, Any], ...]
    """Of the query, as the document describes them."""
    identity: tuple[str, ...]
    """Names of the path parameters that identify the thing."""
    needs_credentials: bool
    """Whether the operation rejects requests without credentials, by the document."""
    is_given: bool
    """Whether the values were given, and not taken from the recordings."""
    title: str
    """Of the document."""

    def request_path(self, **values: str) -> str:
        """Return the path with its values, some of them replaced."""
        filled = self.path | values
        return re.sub(r"\{([^{}]+)\}", lambda match: quote(filled[match[1]], safe=""), self.operation.path)

    @property
    def pages(self) -> dict[str, Any] | None:
        """The paging of the operation, if it has any."""
        declared: dict[str, Any] | None = self.operation.definition.get("x-pagination")
        return declared

    @property
    def description(self) -> str:
        """The identified thing, in a few words."""
        return ", ".join(f"{name} {(self.path | self.query)[name]}" for name in self.identity)


def targets(
    service: Service,
    jobs: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> list[OperationTarget]:
    """Return the things to ask a provider about, for each GET of a service.

    Args:
        service: The service.
        jobs: IDs of jobs. Without any, those of the recordings.
        given: Values of other parameters, by their names. Without one, those of the environment, as the client takes
            them, and then those of the recordings.
        environment: The environment.

    Raises:
        UsageError: A parameter is of no operation, or has no value.
    """
    given = dict(given or {})
    operations = [each for each in service.operations if each.method == "get"]
    if not operations:
        raise UsageError(Problem(service.document.path, "has no GET", "There is nothing that can be asked harmlessly"))
    described = {operation.id: _parameters(service, operation) for operation in operations}
    names = {
        each["name"]
        for parameters in described.values()
        for each in parameters
        if each["in"] != "query" or each.get("required")
    }
    for name in given:
        if name not in names:
            known = ", ".join(sorted(names))
            raise UsageError(
                Problem("--parameter", f"must be a parameter of {service.name}, got {name}", f"Write one of {known}")
            )
    if jobs and not any("argument" in each.definition.get("x-poll", {}) for each in operations):
        problem = f"is of no use: no operation of {service.name} asks for a single job"
        raise UsageError(Problem("--job", problem, "Say with --parameter what its jobs are listed by"))
    found = []
    for operation in operations:
        found += _of(service, operation, described[operation.id], list(jobs), given, environment)
    return found


def _of(
    service: Service,
    operation: OperationRef,
    parameters: list[dict[str, Any]],
    jobs: list[str],
    given: dict[str, str],
    environment: Mapping[str, str],
) -> list[OperationTarget]:
    asks_for = operation.definition.get("x-poll", {}).get("argument")
    recorded = [
        each.source.data["request"]
        for each in service.recordings.values()
        if each.operation == operation.id and each.status < 400
    ]
    shared: dict[str, dict[str, str]] = {"path": {}, "header": {}, "query": {}}
    for parameter in parameters:
        name, where = parameter["name"], parameter["in"]
        if where in shared and name != asks_for and (where != "query" or parameter.get("required")):
            value = _value(service.name, parameter, given, environment, recorded)
            if value is not None:
                shared[where][name] = _sendable("--parameter", parameter, value)
            elif parameter.get("required"):
                raise UsageError(Problem("--parameter", f"gives no {name}, and none is recorded", f"Add {name}=…"))
    ids = jobs
    in_query = False
    for parameter in parameters:
        if parameter["name"] == asks_for:
            in_query = parameter["in"] == "query"
            place = "query" if in_query else "path"
            known = [str(each[place][asks_for]) for each in recorded if asks_for in each.get(place, {})]
            ids = [_sendable("--job", parameter, job) for job in jobs or dict.fromkeys(known)]
    if asks_for and not ids:
        raise UsageError(Problem("--job", f"names no {asks_for}, and none is recorded", "Name a job that is there"))
    identity = [each["name"] for each in parameters if each["in"] == "path" and not each.get("x-client-parameter")]
    identity += [asks_for] if in_query else []
    return [
        OperationTarget(
            operation=operation,
            path=shared["path"] | ({asks_for: job} if asks_for and not in_query else {}),
            query=shared["query"] | ({asks_for: job} if in_query else {}),
            headers={**operation.definition.get("x-request-headers", {}), **shared["header"]},
            schemes=_schemes(service, operation),
            queries=tuple(each["query"] for each in recorded if each.get("query")),
            parameters=tuple(each for each in parameters if each["in"] == "query"),
            identity=tuple(identity),
            needs_credentials=bool(ways := _ways(service, operation)) and all(ways),
            is_given=bool(jobs) if asks_for else any(name in given for name in identity),
            title=str(service.document.data["info"]["title"]),
        )
        for job in (ids if asks_for else [""])
    ]


def _value(
    service: str,
    parameter: dict[str, Any],
    given: dict[str, str],
    environment: Mapping[str, str],
    recorded: list[dict[str, Any]],
) -> str | None:
    name = parameter["name"]
    if name in given:
        return given[name]
    if parameter.get("x-client-parameter"):
        argument = re.sub(r"\W", "_", name)
        for variable in (*variables(service, argument), _VENDOR_VARIABLES.get(argument, "")):
            if environment.get(variable):
                return environment[variable]
    place = {"path": "path", "header": "headers", "query": "query"}[parameter["in"]]
    return next((str(each[place][name]) for each in recorded if name in each.get(place, {})), None)


def _sendable(option: str, parameter: dict[str, Any], value: str) -> str:
    """Return the value, if it can be sent where it belongs: one that walks the path would ask for something else."""
    name, is_header = parameter["name"], parameter["in"] == "header"
    try:
        value.encode()
        can_be_sent = not is_header or _HEADER_VALUE.fullmatch(value) is not None
    except UnicodeEncodeError:
        can_be_sent = False
    if not can_be_sent:
        raise UsageError(Problem(option, f"gives {name} characters that cannot be sent", "Give it others"))
    if parameter["in"] == "path" and value in ("", ".", ".."):
        raise UsageError(
            Problem(option, f"gives {name} the value {value!r}, which makes another path", "Give it another")
        )
    return value


def _parameters(service: Service, operation: OperationRef) -> list[dict[str, Any]]:
    found = parameters(service.document.data, operation)
    # An operation's own goes before one of its path that has the same name.
    return list({(each["in"], each["name"]): each for _, each in found}.values())


def _ways(service: Service, operation: OperationRef) -> list[dict[str, Any]]:
    """Return the ways in which the operation can be authenticated."""
    ways: list[dict[str, Any]] = operation.definition.get("security", service.document.data.get("security", []))
    return ways


def _schemes(service: Service, operation: OperationRef) -> tuple[AuthSpec, ...]:
    return tuple(AuthSpec.of_requirements(service.document.data, _ways(service, operation)))
