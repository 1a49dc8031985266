"""The request of an exchange against its operation: parameters, demanded headers, and how it identified its caller."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import attrs

from generator.contract.exchange import Exchange
from generator.contract.findings import NOTICE, RawFinding
from generator.contract.schema_rules import CompiledSchema, CompiledSchemas
from generator.documents import OperationRef
from generator.documents.json_pointer import child, resolve

_TYPED = re.compile(r"-?(0|[1-9][0-9]{0,999})(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?|true|false")
"""What is no text alone; a number of so many digits that Python does not read it is one."""


@attrs.frozen
class ParameterRule:
    """One parameter of an operation."""

    name: str
    location: str
    required: bool
    pointer: str
    schema: CompiledSchema | None

    def finding(self, text: str) -> RawFinding | None:
        """What is wrong with a value, if anything is. In a URL or a header a number is text."""
        if self.schema is None:
            return None
        readings: list[Any] = [text]
        if _TYPED.fullmatch(text):
            readings.insert(0, json.loads(text))
        if any(self.schema.takes(reading) for reading in readings):
            return None
        wrong = next(self.schema.findings(readings[0]))
        return RawFinding(
            "parameter",
            wrong.document_pointer,
            f"as the {self.location} parameter {self.name} {wrong.expected}",
            value=text,
            name=self.name,
        )


class RequestChecks:
    """What an operation demands of a request."""

    def __init__(self, document: dict[str, Any], schemas: CompiledSchemas, operation: OperationRef) -> None:
        self._operation = operation
        self._parameters = {
            (each.location, each.name.lower() if each.location == "header" else each.name): each
            for each in (_compiled(schemas, *stated) for stated in parameters(document, operation))
        }
        self._headers = operation.definition.get("x-request-headers", {})
        self._requirements = operation.definition.get("security", document.get("security", []))
        self._schemes = document.get("components", {}).get("securitySchemes", {})

    def findings(self, exchange: Exchange, path: tuple[str, ...]) -> Iterator[RawFinding]:
        """What is wrong with a request. One that was refused is no violation: the provider did what it should.

        Args:
            exchange: The request and its response.
            path: The quoted values of the path's parameters.
        """
        refused = 400 <= exchange.status < 500
        for finding in (*self._given(exchange, path), *self._demanded(exchange)):
            yield attrs.evolve(finding, severity=NOTICE) if refused else finding
        yield from self._identified(exchange)

    def _given(self, exchange: Exchange, path: tuple[str, ...]) -> Iterator[RawFinding]:
        given = [("path", name, unquote(value)) for name, value in zip(self._operation.path_names, path, strict=True)]
        credentials = {(location, name.lower()) for location, name, _ in self._credentials()}
        given += [
            ("query", name, value) for name, value in exchange.query if ("query", name.lower()) not in credentials
        ]
        # Not every header is a parameter: only those count that are declared, or that the source means as such.
        demanded = {name.lower() for name in self._headers} | {
            name for location, name in credentials if location == "header"
        }
        given += [
            ("header", name.lower(), value)
            for name, value in exchange.request_headers
            if ("header", name.lower()) in self._parameters
            or (name.lower() in exchange.stated and name.lower() not in demanded)
        ]
        seen = set()
        for location, name, value in given:
            parameter = self._parameters.get((location, name))
            if parameter is None:
                yield self._unknown(location, name, value)
            elif (location, name) in seen:
                yield RawFinding(
                    "parameter", parameter.pointer, f"the {location} parameter {name} once", value=value, name=name
                )
            elif wrong := parameter.finding(value):
                yield wrong
            seen.add((location, name))
        for key, parameter in self._parameters.items():
            if parameter.required and key not in seen and parameter.location in ("path", "query", "header"):
                yield RawFinding(
                    "parameter",
                    child(parameter.pointer, "required"),
                    f"the {parameter.location} parameter {parameter.name}",
                    actual="none of that name",
                    name=parameter.name,
                )

    def _unknown(self, location: str, name: str, value: str) -> RawFinding:
        known = [parameter.name for (each, _), parameter in self._parameters.items() if each == location]
        return RawFinding(
            "unknown-parameter",
            child(self._operation.pointer, "parameters"),
            f"a {location} parameter of the operation ({', '.join(known) or 'there is none'})",
            value=f"{name}={value}",
            name=name,
        )

    def _demanded(self, exchange: Exchange) -> Iterator[RawFinding]:
        for name, wanted in self._headers.items():
            value = exchange.request_header(name)
            # What follows a semicolon refines a media type, and does not make it another.
            if value is None or value.partition(";")[0].strip().lower() != str(wanted).lower():
                yield RawFinding(
                    "request-header",
                    child(child(self._operation.pointer, "x-request-headers"), name),
                    f"{name}: {wanted}",
                    actual=None if value is not None else "no such header",
                    value=value,
                    name=name,
                )

    def _identified(self, exchange: Exchange) -> Iterator[RawFinding]:
        pointer = child(self._operation.pointer, "security")
        for location, name, scheme in self._credentials():
            value = exchange.request_header(name) if location == "header" else None
            limit = resolve(self._schemes, child("", scheme)).get("x-auth", {}).get("maxLength")
            if value is not None and limit is not None and len(value) > limit and exchange.status < 400:
                yield RawFinding(
                    "security",
                    child(child(child("/components/securitySchemes", scheme), "x-auth"), "maxLength"),
                    f"at most {limit} characters in {name}",
                    actual=f"{len(value)} characters, and the request was accepted",
                )
        if exchange.credentials is None:
            return
        declared = {name.lower() for _, name, _ in self._credentials()}
        for name in sorted(exchange.credentials - declared):
            yield RawFinding(
                "security",
                pointer,
                f"a credential that the operation declares ({', '.join(sorted(declared)) or 'there is none'})",
                actual=f"one in {name}",
            )
        if (
            exchange.status < 400
            and self._requirements
            and not any(self._is_met(requirement, exchange.credentials) for requirement in self._requirements)
        ):
            yield RawFinding(
                "security",
                pointer,
                "a refusal of a request without the declared credentials",
                actual=f"the status {exchange.status}",
            )

    def _is_met(self, requirement: dict[str, Any], credentials: frozenset[str]) -> bool:
        names = {scheme: name.lower() for _, name, scheme in self._credentials()}
        return all(names.get(scheme) in credentials for scheme in requirement)

    def _credentials(self) -> Iterator[tuple[str, str, str]]:
        """Where a credential goes, its name there, and its scheme, for each scheme that the operation names."""
        for scheme in dict.fromkeys(scheme for requirement in self._requirements for scheme in requirement):
            stated = self._schemes.get(scheme, {})
            if stated.get("type") == "apiKey":
                yield stated.get("in", "header"), stated.get("name", ""), scheme
            elif stated:
                yield "header", "Authorization", scheme


def parameters(document: dict[str, Any], operation: OperationRef) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parameters of an operation, those of its path included, each with its pointer."""
    item = operation.pointer.rpartition("/")[0]
    for owner in (item, operation.pointer):
        for index, stated in enumerate(resolve(document, owner).get("parameters", ())):
            pointer = stated["$ref"][1:] if "$ref" in stated else child(child(owner, "parameters"), index)
            yield pointer, resolve(document, pointer)


def _compiled(schemas: CompiledSchemas, pointer: str, stated: dict[str, Any]) -> ParameterRule:
    schema = schemas.at(child(pointer, "schema")) if "schema" in stated else None
    return ParameterRule(stated["name"], stated["in"], bool(stated.get("required", False)), pointer, schema)
