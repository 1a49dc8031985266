"""Rules for one exchange: its request, its response, and their schemas."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Container, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

import attrs
import jsonschema_rs

from ..documents import OperationRef, is_json
from ..documents.json_pointer import PointerNotFound, child, resolve, segments
from ..documents.schema_view import conditions, flatten
from .exchange import Exchange, InvalidJSON, json_data, repeated_key
from .findings import NOTICE, RawFinding, join_values


class CompiledSchemas:
    """The schemas of one document, each compiled when it is first used."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._components = {"components": {"schemas": document.get("components", {}).get("schemas", {})}}
        self._compiled: dict[str, CompiledSchema] = {}
        self._fields: dict[tuple[str, ...], _Fields] = {}
        self._members: dict[tuple[str, str], tuple[str, str]] = {}

    def at(self, pointer: str) -> CompiledSchema:
        """Return the schema at a pointer."""
        if pointer not in self._compiled:
            self._compiled[pointer] = CompiledSchema(self, pointer)
        return self._compiled[pointer]

    def validator(self, schema: Any) -> jsonschema_rs.Draft202012Validator:
        """Return a validator of a schema together with the components that its references need."""
        whole = {**schema, **self._components} if isinstance(schema, dict) else schema
        return jsonschema_rs.Draft202012Validator(whole)

    def fields(self, pointers: tuple[str, ...]) -> _Fields:
        """Return the fields of a value that the schemas at these pointers describe."""
        if pointers not in self._fields:
            self._fields[pointers] = _Fields(self, pointers)
        return self._fields[pointers]

    def member(self, pointer: str, dotted: str) -> tuple[str, str]:
        """Return the pointers of the schemas of a value and of its field; both are empty if it is undeclared.

        They differ for the items of a list, because the field is the list.

        Args:
            pointer: Pointer of the schema that declares the field.
            dotted: Path of the field; `*` at its end means the items of a list or map.
        """
        if (pointer, dotted) not in self._members:
            view = flatten(self.document, pointer)
            found, owner = (
                view.at(name).roots[:1] for name in (dotted, dotted.removesuffix("*").removesuffix(".") or "$")
            )
            self._members[pointer, dotted] = (found[0], owner[0]) if found else ("", "")
        return self._members[pointer, dotted]

    def parts(self, pointer: str) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Return the schema at a pointer, with the schemas that it refers to or consists of."""
        return tuple(flatten(self.document, pointer).described)


class CompiledSchema:
    """One schema of a document."""

    def __init__(self, schemas: CompiledSchemas, pointer: str) -> None:
        self.pointer = pointer
        self._schemas = schemas
        self._schema = resolve(schemas.document, pointer)
        self._validator = schemas.validator(self._schema)

    def takes(self, value: Any) -> bool:
        """Return whether a value is valid."""
        return self._validator.is_valid(value)

    def findings(self, value: Any, rule: str = "schema") -> Iterator[RawFinding]:
        """Yield a finding for each violation of the schema."""
        for error in _specific(self._validator.iter_errors(value)):
            path = [str(key) for key in error.schema_path]
            inside = "".join(child("", key) for key in path)
            schema_pointer = inside if path[:2] == ["components", "schemas"] else self.pointer + inside
            yield self._of_condition(error, schema_pointer, rule, value) or self._finding(error, schema_pointer, rule)

    def _of_condition(
        self, error: jsonschema_rs.ValidationError, schema_pointer: str, rule: str, value: Any
    ) -> RawFinding | None:
        """Return the finding of a violated condition; None for another error.

        If the condition forbids a field, the finding is at that field, while the validator's error is at another field.
        """
        keys = segments(schema_pointer)
        index = _condition_index(keys)
        if index is None:
            return None
        owner = child("", *keys[:index])
        found = {each.pointer: each for each in conditions(resolve(self._schemas.document, owner), owner)}
        condition = found.get(schema_pointer if keys[index] == "then" else child("", *keys[: index + 2]))
        if condition is None:
            return None
        path = list(error.instance_path)
        if condition.field:
            path[len(path) - len(condition.path) :] = [condition.field]
        pointer = child("", *path) if path else ""
        return RawFinding(
            rule,
            condition.pointer,
            condition.text(lambda each: join_values([each])),
            value=resolve(value, pointer),
            name=next((key for key in reversed(path) if isinstance(key, str)), ""),
            pointer=pointer,
        )

    def undocumented(self, value: Any) -> Iterator[RawFinding]:
        """Return findings of undocumented fields, and of unknown values of open lists."""
        return self._schemas.fields((self.pointer,)).walk(value, "")

    def _finding(self, error: jsonschema_rs.ValidationError, schema_pointer: str, rule: str) -> RawFinding:
        pointer = "".join(child("", key) for key in error.instance_path)
        keyword = segments(schema_pointer)[-1] if schema_pointer else ""
        try:
            stated = resolve(self._schemas.document, schema_pointer)
        except PointerNotFound:
            stated = None
        name = next((str(key) for key in reversed(error.instance_path) if isinstance(key, str)), "")
        if keyword == "required":
            missing = str(getattr(error.kind, "property", stated))
            return RawFinding(rule, schema_pointer, f"the field {missing}", actual="none of that name", pointer=pointer)
        return RawFinding(
            rule, schema_pointer, _expected(keyword, stated), value=error.instance, name=name, pointer=pointer
        )


def _condition_index(keys: list[str]) -> int | None:
    """Return the index of the keyword of a condition in a pointer. Names of properties are not keywords."""
    is_name = False
    for index, key in enumerate(keys):
        if key in ("dependentSchemas", "then") and not is_name:
            return index
        is_name = key == "properties" and not is_name
    return None


def _specific(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
    """Yield the errors. An error of `anyOf` is replaced by those of the alternative that the value resembles."""
    for error in errors:
        alternatives: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", [])
        depth = len(error.instance_path)
        # A value with another type, or without a required field, does not resemble an alternative.
        meant = [each for each in alternatives if not any(_tells_apart(inner, depth) for inner in each)]
        if meant:
            yield from _specific(sorted(meant, key=len)[0])
        else:
            yield error


def _tells_apart(error: jsonschema_rs.ValidationError, depth: int) -> bool:
    return len(error.instance_path) == depth and isinstance(error.kind, _TELLS_APART)


_TELLS_APART = (jsonschema_rs.ValidationErrorKind.Type, jsonschema_rs.ValidationErrorKind.Required)

_WORDS = {
    "const": "{}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} character(s)",
    "maxLength": "at most {} character(s)",
    "minItems": "at least {} item(s)",
    "maxItems": "at most {} item(s)",
    "pattern": "a string that matches {}",
}


def _expected(keyword: str, stated: Any) -> str:
    if keyword == "type":
        return f"a value of type {' or '.join([stated] if isinstance(stated, str) else stated)}"
    if keyword == "enum":
        return f"one of {join_values(stated)}"
    if keyword == "anyOf":
        names = [each.get("$ref", "").rpartition("/")[2] or f"of type {each.get('type')}" for each in stated]
        return f"a value {' or '.join(names)}"
    if keyword in _WORDS:
        return _WORDS[keyword].format(stated)
    return f"a value that {keyword} allows"


@attrs.frozen
class _Member:
    """A field, or the items of a list, as schemas describe it."""

    schema_pointers: tuple[str, ...]
    """Pointers of the schemas that describe it."""
    is_open: bool = False
    """Whether every value is valid, so that nothing in it is undocumented."""


class _Fields:
    """The fields and open lists of a value that some schemas describe."""

    def __init__(self, schemas: CompiledSchemas, schema_pointers: tuple[str, ...]) -> None:
        self._schemas = schemas
        self._view = view = flatten(schemas.document, *schema_pointers)
        self._members: dict[str, _Member | None] = {}
        self._items = view.items.roots
        self._open = next(iter(view.known_values), None)
        self._json_text = next(
            (where for where, media_type in view.having("contentMediaType") if is_json(str(media_type))), ""
        )
        self._is_object = "object" in view.kinds
        self.owner = next(
            (schema_pointer for schema_pointer, part in view.described if "properties" in part), schema_pointers[0]
        )

    def walk(self, value: Any, pointer: str) -> Iterator[RawFinding]:
        if isinstance(value, dict):
            if not self._is_object:
                # The schema check already reports an object here.
                return
            for name, inner in value.items():
                member = self._member(name)
                if member is None:
                    yield RawFinding(
                        "undocumented-field",
                        self.owner,
                        "a field that the document has",
                        value=inner,
                        name=name,
                        pointer=child(pointer, name),
                    )
                elif not member.is_open and (isinstance(inner, dict | list | str)):
                    yield from self._schemas.fields(member.schema_pointers).walk(inner, child(pointer, name))
        elif isinstance(value, list):
            if self._items:
                fields = self._schemas.fields(self._items)
                for index, item in enumerate(value):
                    yield from fields.walk(item, child(pointer, index))
        elif self._json_text and isinstance(value, str) and value:
            yield from self._text(value, pointer)
        elif self._open is not None and isinstance(value, str) and value not in self._open[1]:
            schema_pointer, known = self._open
            yield RawFinding(
                "open-list",
                schema_pointer,
                f"a known value: {join_values(known)}",
                value=value,
                name=pointer.rpartition("/")[2],
                pointer=pointer,
                severity=NOTICE,
            )

    def _text(self, value: str, pointer: str) -> Iterator[RawFinding]:
        """Yield the findings of a string with JSON text."""
        name, encoded = pointer.rpartition("/")[2], value.encode("utf-8", "surrogatepass")
        try:
            json_data(encoded)
        except InvalidJSON as error:
            expected, actual = "JSON text, or an empty string", f"a string that is not JSON: {error}"
            yield RawFinding("json-text", self._json_text, expected, actual, name=name, pointer=pointer)
        else:
            if (key := repeated_key(encoded)) is not None:
                actual = f"{join_values([key])} twice in one object of the text"
                yield RawFinding("duplicate-key", self._json_text, "each key once", actual, name=name, pointer=pointer)

    def _member(self, name: str) -> _Member | None:
        if name not in self._members:
            self._members[name] = self._described(name)
        return self._members[name]

    def _described(self, name: str) -> _Member | None:
        member = self._view.member(name)
        if member.is_false or not member.roots:
            return None
        return _Member(member.roots, is_open=not member.parts)


_TYPED = re.compile(r"-?(0|[1-9][0-9]{0,999})(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?|true|false")
"""Text that may also be a number or a boolean. A number of over 1000 digits stays text: Python may refuse it."""


@attrs.frozen
class ParameterRule:
    """One parameter of an operation."""

    name: str
    location: str
    required: bool
    pointer: str
    schema: CompiledSchema | None

    def finding(self, text: str) -> RawFinding | None:
        """Return a finding if a value is invalid. Numbers and booleans are read from the text of a URL or header."""
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
            f"{wrong.expected} as {self.location} parameter {self.name}",
            value=text,
            name=self.name,
        )


class RequestChecks:
    """The checks of requests of an operation."""

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
        """Yield the findings of a request. If the response is 4xx, they are notices: rejecting the request was correct.

        Args:
            exchange: The request and its response.
            path: Values of the path parameters, percent-encoded.
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
        # Only headers that are declared, or that the source names as parameters, are checked.
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
            f"a {location} parameter of the operation ({', '.join(known) or 'none declared'})",
            value=f"{name}={value}",
            name=name,
        )

    def _demanded(self, exchange: Exchange) -> Iterator[RawFinding]:
        for name, wanted in self._headers.items():
            value = exchange.request_header(name)
            # Parameters of a media type, after a semicolon, may differ.
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
            if resolve(self._schemes, child("", scheme)).get("type") != "apiKey":
                value = value and value.partition(" ")[2]
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
                f"a credential that the operation declares ({', '.join(sorted(declared)) or 'none declared'})",
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
                "an error status for a request without the declared credentials",
                actual=f"the status {exchange.status}",
            )

    def _is_met(self, requirement: dict[str, Any], credentials: frozenset[str]) -> bool:
        names = {scheme: name.lower() for _, name, scheme in self._credentials()}
        return all(names.get(scheme) in credentials for scheme in requirement)

    def _credentials(self) -> Iterator[tuple[str, str, str]]:
        """Yield location, name and scheme of the credential, for each security scheme of the operation."""
        for scheme in dict.fromkeys(scheme for requirement in self._requirements for scheme in requirement):
            stated = self._schemes.get(scheme, {})
            if stated.get("type") == "apiKey":
                yield stated.get("in", "header"), stated.get("name", ""), scheme
            elif stated:
                yield "header", "Authorization", scheme


def parameters(document: dict[str, Any], operation: OperationRef) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield pointer and parameter for each parameter of an operation and its path."""
    item = operation.pointer.rpartition("/")[0]
    for owner in (item, operation.pointer):
        for index, stated in enumerate(resolve(document, owner).get("parameters", ())):
            pointer = stated["$ref"][1:] if "$ref" in stated else child(child(owner, "parameters"), index)
            yield pointer, resolve(document, pointer)


def _compiled(schemas: CompiledSchemas, pointer: str, stated: dict[str, Any]) -> ParameterRule:
    schema = schemas.at(child(pointer, "schema")) if "schema" in stated else None
    return ParameterRule(stated["name"], stated["in"], bool(stated.get("required", False)), pointer, schema)


class ResponseChecks:
    """The checks of responses of an operation."""

    def __init__(self, document: dict[str, Any], schemas: CompiledSchemas, operation: OperationRef) -> None:
        self._document = document
        self._schemas = schemas
        self._place = child(operation.pointer, "responses")
        self._responses: dict[str, Any] = operation.definition.get("responses", {})

    def findings(self, exchange: Exchange) -> Iterator[RawFinding]:
        """Yield the findings of a response."""
        status = str(exchange.status)
        key = listed_status(self._responses, exchange.status)
        if key is None:
            yield RawFinding(
                "status",
                self._place,
                f"a status that the document lists ({join_values(self._responses)})",
                actual=status,
            )
            return
        pointer = child(self._place, key)
        response = self._responses[key]
        if "$ref" in response:
            pointer = response["$ref"][1:]
            response = resolve(self._document, pointer)
        yield from self._headers(exchange, response, pointer)
        yield from self._content(exchange, response.get("content", {}), child(pointer, "content"))

    def _headers(self, exchange: Exchange, response: dict[str, Any], pointer: str) -> Iterator[RawFinding]:
        for name, stated in response.get("headers", {}).items():
            here = stated["$ref"][1:] if "$ref" in stated else child(child(pointer, "headers"), name)
            header = resolve(self._document, here)
            value = exchange.header(name)
            if value is None:
                if header.get("required"):
                    yield RawFinding("header", here, f"the header {name}", actual="none of that name")
            elif "schema" in header:
                schema = self._schemas.at(child(here, "schema"))
                if wrong := ParameterRule(name, "header", False, here, schema).finding(value):
                    yield RawFinding(
                        "header", wrong.document_pointer, f"{wrong.expected} in {name}", value=value, name=name
                    )

    def _content(self, exchange: Exchange, content: dict[str, Any], pointer: str) -> Iterator[RawFinding]:
        if exchange.method == "HEAD" or (not content and not exchange.body):
            return
        media_type = exchange.media_type
        key = next((key for key in content if _matches(key, media_type)), None)
        if key is None:
            yield RawFinding(
                "media-type",
                pointer,
                f"a body of type {' or '.join(content)}" if content else "no body",
                actual=media_type or ("no Content-Type" if content else "a body without a Content-Type"),
            )
        elif exchange.body is None:
            yield RawFinding(
                "body",
                child(pointer, key),
                "the body",
                actual="no body in the source, so it was not checked",
                severity=NOTICE,
            )
        elif "schema" in content[key]:
            yield from self._body(exchange, media_type, child(child(pointer, key), "schema"))

    def _body(self, exchange: Exchange, media_type: str, pointer: str) -> Iterator[RawFinding]:
        what = "JSON" if is_json(media_type) else "text"
        try:
            yield from self._of_value(exchange, media_type, pointer)
        except UnicodeDecodeError as error:
            yield _unreadable(pointer, what, f"not UTF-8 at byte {error.start}")
        except RecursionError:
            yield _unreadable(pointer, what, "nested too deep")
        except ValueError as error:
            # `InvalidJSON`, and lone surrogates, which Python reads as JSON and the validator rejects.
            yield _unreadable(pointer, what, " ".join(str(error).split())[:80])

    def _of_value(self, exchange: Exchange, media_type: str, pointer: str) -> list[RawFinding]:
        value = exchange.json if is_json(media_type) else (exchange.body or b"").decode()
        schema = self._schemas.at(pointer)
        wrong = [] if schema.takes(value) else list(schema.findings(value))
        if is_json(media_type):
            body = exchange.body or b""
            if (key := repeated_key(body)) is not None:
                actual = f"{join_values([key])} twice in one object"
                wrong.append(RawFinding("duplicate-key", pointer, "each key once", actual=actual, name=key, pointer=""))
            if body.startswith(codecs.BOM_UTF8):
                # RFC 8259, section 8.1: a sender must not add one; readers may ignore it.
                expected, actual = "JSON without a byte order mark", "a byte order mark before the JSON"
                wrong.append(RawFinding("body", pointer, expected, actual=actual, pointer=""))
        return [*wrong, *schema.undocumented(value)]


def listed_status(responses: Container[str], status: int) -> str | None:
    """Return the key of the response for a status: the status, its range, or `default` for an error."""
    keys = (str(status), f"{status // 100}XX", *(["default"] if status >= 400 else []))
    return next((key for key in keys if key in responses), None)


def _matches(stated: str, media_type: str) -> bool:
    stated = stated.partition(";")[0].strip().lower()
    return stated == media_type or ("*" in stated and fnmatchcase(media_type, stated))


def _unreadable(pointer: str, what: str, reason: str) -> RawFinding:
    return RawFinding("body", pointer, f"a body of {what}", actual=f"invalid {what}: {reason}", pointer="")
