"""Targets of a verification: operations, with parameters of resources that exist."""

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
    """Return the environment variables of a setting: that of the service, then that of all services."""
    return [f"CLOUDJOBS_{service}_{setting}".upper(), f"CLOUDJOBS_{setting}".upper()]


@attrs.frozen
class OperationTarget:
    """An operation, and the values of its parameters."""

    operation: OperationRef
    path: dict[str, str]
    """Value of each path parameter."""
    headers: dict[str, str]
    """The headers that the operation requires, and header parameters with a value."""
    schemes: tuple[AuthSpec, ...]
    """Security schemes of the operation."""
    query: dict[str, str]
    """Values of query parameters for each request: of the required ones, and of the job's ID."""
    queries: tuple[dict[str, Any], ...]
    """Queries of the recordings."""
    parameters: tuple[dict[str, Any], ...]
    """Query parameters in the document."""
    identity: tuple[str, ...]
    """Names of the parameters that identify the resource."""
    needs_credentials: bool
    """Whether the operation rejects requests without credentials, by the document."""
    is_given: bool
    """Whether the values are from the command line, not from the recordings."""
    title: str
    """Title of the document."""

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
        """Names and values of the parameters that identify the resource."""
        return ", ".join(f"{name} {(self.path | self.query)[name]}" for name in self.identity)


def targets(
    service: Service,
    jobs: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> list[OperationTarget]:
    """Return the targets for each GET operation of a service.

    Args:
        service: The service.
        jobs: IDs of jobs. If it is empty, those of the recordings.
        given: Values of other parameters, by name. A missing one is read from the environment, as by the client, or
            else from the recordings.
        environment: The environment variables.

    Raises:
        UsageError: A parameter is unknown, or a required parameter has no value.
    """
    given = dict(given or {})
    operations = [each for each in service.operations if each.method == "get"]
    if not operations:
        message = "must have a GET operation, got none"
        raise UsageError(Problem(service.document.path, message, "Choose another service: only GET requests are sent"))
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
                Problem("--parameter", f"must be a parameter of {service.name}, got {name}", f"Choose from {known}")
            )
    if jobs and not any("argument" in each.definition.get("x-poll", {}) for each in operations):
        problem = f"must be left out for {service.name}, which has no operation for a single job"
        raise UsageError(Problem("--job", problem, "Use --parameter for the parameters of its listing"))
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
                message = f"must give {name}, which no recording has"
                raise UsageError(Problem("--parameter", message, f"Add --parameter {name}=VALUE"))
    ids = jobs
    in_query = False
    for parameter in parameters:
        if parameter["name"] == asks_for:
            in_query = parameter["in"] == "query"
            place = "query" if in_query else "path"
            known = [str(each[place][asks_for]) for each in recorded if asks_for in each.get(place, {})]
            ids = [_sendable("--job", parameter, job) for job in jobs or dict.fromkeys(known)]
    if asks_for and not ids:
        raise UsageError(Problem("--job", f"must give {asks_for}, which no recording has", "Name a job that exists"))
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
    """Return a value that can be sent in a parameter. Raises `UsageError` for others, such as `..` in a path."""
    name, is_header = parameter["name"], parameter["in"] == "header"
    try:
        value.encode()
        can_be_sent = not is_header or _HEADER_VALUE.fullmatch(value) is not None
    except UnicodeEncodeError:
        can_be_sent = False
    if not can_be_sent:
        raise UsageError(
            Problem(option, f"must give {name} characters that can be sent, got others", "Correct the value")
        )
    if parameter["in"] == "path" and value in ("", ".", ".."):
        raise UsageError(
            Problem(option, f"must not give {name} the value {value!r}, which changes the path", "Correct the value")
        )
    return value


def _parameters(service: Service, operation: OperationRef) -> list[dict[str, Any]]:
    found = parameters(service.document.data, operation)
    # A parameter of the operation replaces one of its path with the same name.
    return list({(each["in"], each["name"]): each for _, each in found}.values())


def _ways(service: Service, operation: OperationRef) -> list[dict[str, Any]]:
    """Return the security requirements of an operation."""
    ways: list[dict[str, Any]] = operation.definition.get("security", service.document.data.get("security", []))
    return ways


def _schemes(service: Service, operation: OperationRef) -> tuple[AuthSpec, ...]:
    return tuple(AuthSpec.of_requirements(service.document.data, _ways(service, operation)))
