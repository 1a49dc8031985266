"""A draft from a saved page: each row of its tables becomes a row of the evidence and a part of the document."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs

from ..documents.strict_yaml import MOST_LEVELS, read_utf8
from ..documents.workspace import is_deeper
from ..errors import Problem, ValidationError
from ..evidence.pages import read_page
from ..evidence.pages.page import Table, flag, is_status, plain_type
from ..evidence.pages.parameter_rows import Group, ParameterRow, enum_values, groups
from .draft import NO_PAGE, Draft, path_parameter
from .inference import INT64, Components, class_name, singular

_OPERATION = re.compile(r"\b(?P<method>GET|POST|PUT|PATCH|DELETE)\s+(?:https?://[^\s/]+)?(?P<path>/[^\s\"'<>|`?)]*)")
_BRACES = re.compile(r"\{([^{}/]+)\}")
_CREDENTIAL = re.compile(r"x-.*token", re.IGNORECASE)
_HEADER_NAME = re.compile(r"[A-Z][A-Za-z0-9]*(-[A-Z][A-Za-z0-9]*)+|x-.*token", re.IGNORECASE)
_REQUEST = re.compile(r"request|uri|url|query|请求", re.IGNORECASE)
_RESPONSE = re.compile(r"response|reply|return|响应|返回", re.IGNORECASE)
_HEADER = re.compile(r"header|头", re.IGNORECASE)
_SCALARS = {"string": "string", "boolean": "boolean", "number": "number", "integer": "integer", "long": "integer"}
_INT32 = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
_LONGEST_NAME = 60

Row = dict[str, Any]


def page_draft(service: str, file: Path) -> Draft:
    """Return the draft of a service from a page.

    Args:
        file: The page as text: copied from a browser, Markdown, reStructuredText or HTML.

    Raises:
        ValidationError: The page cannot be read, has no table of parameters, or is of a request other than GET.
    """
    content = read_utf8(file, "Name a file with the page's text")
    text = content.decode("utf-8-sig")
    try:
        found = list(groups([part for part in read_page(text) if isinstance(part, Table)]))
    except ValidationError as refused:
        raise ValidationError([_renamed(problem, file) for problem in refused.problems]) from None
    if not found:
        remedy = "Save the text of the page with its tables, or leave out --page and write the rows"
        raise ValidationError(Problem(file, "must have a table of parameters, got none", remedy))
    return _Page(service, file, text, content).draft(found)


def _renamed(problem: Problem, file: Path) -> Problem:
    return Problem(file, problem.message, problem.remedy, problem.line, problem.pointer)


class _Page:
    def __init__(self, service: str, file: Path, text: str, content: bytes) -> None:
        self.service = service
        self.file = file
        self.text = text
        self.lines = text.splitlines()
        self.content = content
        self.components = Components()
        self.rows: list[Row] = []
        self.parameters: dict[str, Row] = {}
        self.ids: set[str] = set()
        self.errors: list[str] = []
        self.headers: dict[str, str] = {}
        self.token_header: str | None = None

    def draft(self, found: list[Group]) -> Draft:
        path = self._path()
        in_path = _BRACES.findall(path)
        self.root = class_name(
            singular(next((p for p in reversed(path.split("/")) if p and "{" not in p), self.service))
        )
        self.components.schemas[self.root] = _object(self.root)
        is_response = False
        for group in found:
            section = group.caption or "First table"
            is_response = is_response or bool(_RESPONSE.search(section))
            for row in group.rows:
                self._row(row, section, in_path, is_response and not _REQUEST.search(section))
        for name in in_path:
            self.parameters.setdefault(name, path_parameter(name))
        body = self._example() or self._invented(self.root, 0)
        is_page = body is not None and self._found
        title = next((line.strip("# \t") for line in self.lines if line.strip("#=-~* \t")), self.file.name)
        return Draft(
            service=self.service,
            path=path,
            root=self.root,
            components=self.components.schemas,
            body=body,
            request=self._request(in_path, body),
            provenance={
                "source": "page",
                "location": "The example" if is_page else "The tables",
                **(
                    {}
                    if is_page
                    else {"note": "Invented from the types of the fields: put a real response in its place."}
                ),
            },
            page={
                **NO_PAGE,
                "title": re.sub(r"<[^>]*>", "", title)[:200] or self.file.name,
                "sha256": hashlib.sha256(self.content).hexdigest(),
            },
            confidence="documented",
            parameters=list(self.parameters.values()),
            rows=self.rows,
            errors=sorted(self.errors),
            headers=self.headers,
            token_header=self.token_header,
            state_values=self.state_values,
        )

    _found = False

    @property
    def state_values(self) -> list[str]:
        """The values that the page names for a state."""
        named = (row for row in self.rows if re.search(r"(state|status|phase)\Z", row["name"], re.IGNORECASE))
        return next((list(row["values"]) for row in named if "values" in row), [])

    def _path(self) -> str:
        found = _OPERATION.search(self.text)
        if found is None:
            return f"/v1/{self.service.replace('_', '-')}"
        if found["method"] != "GET":
            message = f"must describe a GET request, got {found['method']} {found['path']}"
            raise ValidationError(Problem(self.file, message, "Write the document of another method by hand"))
        path = found["path"].rstrip("/.,;:") or "/"
        return _BRACES.sub(lambda match: f"{{{re.sub(r'[^A-Za-z0-9_]', '_', match[1])}}}", path)

    def _row(self, row: ParameterRow, section: str, in_path: list[str], is_response: bool) -> None:
        if len(row.name) > _LONGEST_NAME or not re.fullmatch(r"[\w.$-]+", row.name, re.ASCII):
            return
        made: Row = {"id": self._id(row.name), "section": section, "kind": "field", "name": row.name}
        if is_status(row.name):
            self._status(made)
        elif not is_response and row.name in in_path:
            self._parameter(made | {"kind": "path"}, row)
        elif not is_response and (_HEADER.search(section) or _HEADER_NAME.fullmatch(row.name)):
            self._header(made | {"kind": "header"}, row)
        elif not is_response and _REQUEST.search(section):
            self._parameter(made | {"kind": "query"}, row)
        else:
            self._field(made, row, section)

    def _id(self, name: str) -> str:
        base = f"{self.service}.page.{re.sub(r'[^A-Za-z0-9_-]', '_', name)}"
        unique, number = base, 2
        while unique in self.ids:
            unique, number = f"{base}-{number}", number + 1
        self.ids.add(unique)
        return unique

    def _status(self, made: Row) -> None:
        status = made["name"]
        if status >= "400" and status not in self.errors:
            self.errors.append(status)
        if status == "200" or status in self.errors:
            self.rows.append({**made, "kind": "status", "documents": [f"/paths/*/get/responses/{status}"]})

    def _header(self, made: Row, row: ParameterRow) -> None:
        if _CREDENTIAL.fullmatch(row.name):
            self.token_header = row.name
            self.rows.append({**made, "kind": "authentication", "documents": ["/components/securitySchemes/token"]})
        elif row.name.lower() in ("content-type", "accept"):
            self.headers[row.name] = "application/json"
            documents = [f"/paths/*/get/x-request-headers/{row.name}"]
            self.rows.append({**made, "default": "application/json", "documents": documents})
        else:
            self._parameter(made, row)

    def _parameter(self, made: Row, row: ParameterRow) -> None:
        if row.name in self.parameters:
            return
        mandatory = bool(flag(row.flag)) if row.flag else made["kind"] == "path"
        schema = self._schema(row, "")
        if made["kind"] == "path":
            parameter = path_parameter(row.name) | {
                "schema": schema if schema.get("type") != "string" else path_parameter("")["schema"]
            }
        else:
            parameter = {
                "name": row.name,
                "in": made["kind"],
                "description": f"TODO: describe `{row.name}`.",
                "required": mandatory,
                "schema": schema if schema.get("type") in _SCALARS.values() else {"type": "string"},
            }
        self.parameters[row.name] = parameter
        flags = {"mandatory": flag(row.flag)} if row.flag and flag(row.flag) is not None else {}
        documents = [f"/components/parameters/{row.name}"]
        self.rows.append({**made, **_typed(row), **flags, "documents": documents})

    def _field(self, made: Row, row: ParameterRow, section: str) -> None:
        component = self._component(section)
        properties = self.components.schemas[component]["properties"]
        pointer = f"/components/schemas/{component}/properties/{row.name}"
        if row.name not in properties:
            schema = self._schema(row, row.name)
            values = enum_values(row.text, []) if schema.get("type") == "string" else []
            if values:
                known = {"type": "string", "enum": values}
                schema = {"type": "string", "anyOf": [known, {"type": "string"}]}
                made = {**made, "values": values, "open": True}
            properties[row.name] = {"description": f"TODO: describe `{row.name}`.", **schema}
        self.rows.append({**made, **_typed(row), "documents": [pointer]})

    def _component(self, section: str) -> str:
        """Return the component of a table: one with a name in its heading, or the response."""
        words = set(re.findall(r"[a-z0-9]+", re.sub(r"[^A-Za-z0-9]", " ", section).lower()))
        joined = re.sub(r"[^a-z0-9]", "", section.lower())
        names = [name for name in self.components.schemas if name != self.root]
        found = [name for name in names if name.lower() in words or (len(name) > 4 and name.lower() in joined)]
        return max(found, key=len, default=self.root)

    def _schema(self, row: ParameterRow, name: str) -> dict[str, Any]:
        kind = plain_type(row.type or "") or "string"
        if match := re.fullmatch(r"array<(.+)>", kind):
            item = _SCALARS.get(match[1])
            if item:
                return {"type": "array", "items": dict(INT64) if item == "integer" else {"type": item}}
            return (
                {"type": "array", "items": self._object(_as_written(match[1], row), singular(name))}
                if name
                else {"type": "string"}
            )
        if kind in _SCALARS:
            return dict(INT64) if _SCALARS[kind] == "integer" else {"type": _SCALARS[kind]}
        if kind in ("int32", "int64"):
            return dict(INT64 if kind == "int64" else _INT32)
        if kind in ("array", "list"):
            return {"type": "array", "items": {"type": "string"}}
        if match := re.fullmatch(r"map<string,(string|boolean|number)>", kind):
            return {"type": "object", "additionalProperties": {"type": match[1]}} if name else {"type": "string"}
        if kind.startswith("map") or not name:
            return {"type": "object", "additionalProperties": True} if name else {"type": "string"}
        return (
            self._object(_as_written(kind, row), name)
            if kind not in ("date", "datetime", "timestamp", "any", "null")
            else {"type": "string"}
        )

    def _object(self, kind: str, name: str) -> dict[str, Any]:
        """Return a reference to the component of an object, which its own table may fill."""
        named = class_name(kind if kind not in ("object", "dict", "json") else name)
        if named not in self.components.schemas:
            self.components.schemas[named] = _object(named)
        return {"$ref": f"#/components/schemas/{named}"}

    def _example(self) -> dict[str, Any] | None:
        """Return the first JSON object on the page with fields of the response and no other fields."""
        fields = self.components.schemas[self.root]["properties"].keys()
        decoder = json.JSONDecoder()
        for match in list(re.finditer(r"\{\s*\"", self.text))[:50]:
            try:
                value, _ = decoder.raw_decode(self.text, match.start())
            except (ValueError, RecursionError):
                continue
            # A part of a broken example has few of the fields.
            if (
                isinstance(value, dict)
                and 2 * len(fields & value.keys()) >= len(fields) > 0
                and not is_deeper(value, MOST_LEVELS // 2)
            ):
                self._found = self._fits(value)
                return value if self._found else None
        return None

    def _fits(self, value: dict[str, Any]) -> bool:
        schema = {
            "$ref": f"#/components/schemas/{self.root}",
            "components": {"schemas": _closed(self.components.schemas)},
        }
        return bool(jsonschema_rs.Draft202012Validator(schema).is_valid(value))

    def _invented(self, component: str, depth: int) -> dict[str, Any]:
        properties = self.components.schemas[component]["properties"]
        return {name: self._value(name, schema, depth) for name, schema in properties.items()}

    def _value(self, name: str, schema: dict[str, Any], depth: int) -> Any:
        if "$ref" in schema:
            component = schema["$ref"].rpartition("/")[2]
            return self._invented(component, depth + 1) if depth < 4 else {}
        if "anyOf" in schema:
            return schema["anyOf"][0]["enum"][0]
        if schema.get("type") == "array":
            return [self._value(name, schema["items"], depth)]
        values: dict[str, Any] = {"integer": 1, "number": 0.5, "boolean": True, "object": {}}
        return values.get(schema.get("type", ""), f"{name}-1")

    def _request(self, in_path: list[str], body: dict[str, Any]) -> dict[str, Any]:
        """Return a request with an invented value for each mandatory parameter, since the page shows no request."""
        request: dict[str, Any] = {"path": self._path_values(in_path, body)}
        invented = list(in_path)
        for name, parameter in self.parameters.items():
            place = {"query": "query", "header": "headers"}.get(parameter["in"])
            if place and parameter["required"]:
                value = self._value(name, parameter["schema"], 0)
                request.setdefault(place, {})[name] = value if place == "query" else str(value)
                invented.append(name)
        return {**request, "invented": invented} if invented else request

    def _path_values(self, names: list[str], body: dict[str, Any]) -> dict[str, str]:
        """Return a value for each parameter: that of the field with its name, or else an invented one."""
        plain = {re.sub(r"[^a-z0-9]", "", key.lower()): value for key, value in body.items() if isinstance(value, str)}
        return {name: plain.get(re.sub(r"[^a-z0-9]", "", name.lower())) or f"{name}-1" for name in names}


def _object(name: str) -> dict[str, Any]:
    return {"description": f"TODO: describe `{name}`.", "type": "object", "properties": {}}


def _closed(schemas: dict[str, Any]) -> dict[str, Any]:
    return {name: {**schema, "additionalProperties": False} for name, schema in schemas.items()}


def _as_written(kind: str, row: ParameterRow) -> str:
    """Return the name of a type with the capitals of the page."""
    found = re.search(re.escape(kind), row.type or "", re.IGNORECASE)
    return found[0] if found else kind


def _typed(row: ParameterRow) -> Row:
    return {"type": " ".join(row.type.split())} if row.type else {}
