# Generated from generator/client/runtime/testing/_requests.py. Do not edit: change that, and run `make generate`.
"""Holds a request to what the document says of its parameters and credentials, and to nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
from jsonschema_rs import Draft202012Validator
from starlette.datastructures import Headers

from ._schemas import flat, resolved, validator

_SPELLINGS = {
    "integer": re.compile(r"-?(?:0|[1-9][0-9]*)"),
    "number": re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"),
    "boolean": re.compile(r"true|false"),
}
_LOCATIONS = ("path", "query", "header")
_PREFIXES = {"aksk": "SDK-HMAC-SHA256 "}
"""What a credential begins with, by the method of `x-auth`."""
_SHOWN = 40
"""How much of a refused value its refusal shows, in characters."""


class Refused(Exception):
    """The request deviates from the document."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@attrs.frozen
class Given:
    """The parts of a request that parameters are in, decoded; what was not UTF-8 is there as lone surrogates."""

    path: Mapping[str, str]
    query: Iterable[tuple[str, str]]
    headers: Headers

    def texts(self, parameter: Parameter) -> list[str]:
        """Every text given for the parameter."""
        if parameter.location == "path":
            return [self.path[parameter.name]] if parameter.name in self.path else []
        if parameter.location == "query":
            return [text for name, text in self.query if name == parameter.name]
        # Repeated header lines are one list, by the rules of HTTP.
        lines = self.headers.getlist(parameter.name)
        return [", ".join(lines)] if lines else []


@attrs.frozen
class Parameter:
    """One parameter of an operation."""

    name: str
    location: str
    required: bool
    of_client: bool
    """A client is given it once; it does not say which thing is asked for."""
    default: Any
    types: tuple[str, ...]
    validator: Draft202012Validator

    @classmethod
    def of(cls, document: dict[str, Any], definition: dict[str, Any]) -> Parameter:
        """Read a parameter of the document. Raises `ValueError` for a kind that no text of a request is."""
        schema = flat(document, definition.get("schema", {}))
        types = schema.get("type", "string")
        types = (types,) if isinstance(types, str) else tuple(types)
        name, location = definition["name"], definition["in"]
        if location not in _LOCATIONS or not {"string", *_SPELLINGS}.issuperset(types):
            raise ValueError(f"the {location} parameter {name} of type {' or '.join(types)} cannot be replayed")
        return cls(
            name=name,
            location=location,
            required=definition.get("required", False),
            of_client=definition.get("x-client-parameter", False),
            default=schema.get("default"),
            types=types,
            validator=validator(document, definition.get("schema", {})),
        )

    def value(self, given: Given) -> Any:
        """The value in a request, or the default. Raises `Refused`."""
        texts = given.texts(self)
        if not texts:
            if self.required:
                raise Refused(400, f"the {self.location} parameter {self.name} is missing")
            return self.default
        if len(texts) > 1:
            raise Refused(400, f"the {self.location} parameter {self.name} is given {len(texts)} times")
        return self._read(texts[0])

    def _read(self, text: str) -> Any:
        if not _is_unicode(text):
            raise Refused(400, f"the {self.location} parameter {self.name} is not UTF-8")
        problem = f"it is no JSON {' or '.join(self.types)}"
        for value in self._readings(text):
            error = next(self.validator.iter_errors(value), None)
            if error is None:
                return value
            problem = error.message
        shown = repr(text[:_SHOWN]) + ("…" if len(text) > _SHOWN else "")
        raise Refused(400, f"the {self.location} parameter {self.name} is {shown}: {problem}")

    def _readings(self, text: str) -> Iterator[Any]:
        for kind in self.types:
            if kind == "string":
                yield text
            elif _SPELLINGS[kind].fullmatch(text):
                try:
                    yield json.loads(text)
                except ValueError:  # an integer of more digits than Python reads
                    continue


@attrs.frozen
class Scheme:
    """A header that carries a credential."""

    header: str
    prefix: str
    max_length: int | None

    @classmethod
    def of(cls, definition: dict[str, Any]) -> Scheme:
        """Read a security scheme. Raises `ValueError` for one that is no header."""
        if (definition["type"], definition.get("in")) != ("apiKey", "header"):
            raise ValueError(f"security of type {definition['type']} cannot be replayed, but for an apiKey in a header")
        auth = definition.get("x-auth", {})
        return cls(definition["name"], _PREFIXES.get(auth.get("method"), ""), auth.get("maxLength"))

    def is_met(self, headers: Headers) -> bool:
        """Whether the header is there in its documented form. Which credentials are valid, no document says."""
        text = headers.get(self.header, "").strip()
        short_enough = self.max_length is None or len(text) <= self.max_length
        return len(text) > len(self.prefix) and text.startswith(self.prefix) and short_enough


@attrs.frozen
class Credentials:
    """The ways to authenticate an operation: each a set of schemes, of which all are needed."""

    ways: tuple[tuple[Scheme, ...], ...]

    @classmethod
    def of(cls, document: dict[str, Any], operation: dict[str, Any]) -> Credentials:
        """Read the security requirements of an operation, or else those of the whole document."""
        schemes = document.get("components", {}).get("securitySchemes", {})
        requirements = operation.get("security", document.get("security", []))
        return cls(
            tuple(tuple(Scheme.of(resolved(document, schemes[name])) for name in names) for names in requirements)
        )

    def check(self, headers: Headers) -> None:
        """Raises `Refused` unless one of the ways is met. A way of no scheme says that none is needed."""
        if self.ways and not any(all(scheme.is_met(headers) for scheme in way) for way in self.ways):
            ways = (" and ".join(f"{scheme.header}: {scheme.prefix}…" for scheme in way) for way in self.ways)
            raise Refused(401, f"no credential was sent, or none of the documented form: {', or '.join(ways)}")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
