"""Normal form of operations: parameters as components, responses and bodies in place, one media type each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from ..documents.json_pointer import child
from ..documents.workspace import METHODS, preferred
from .schemas import Names, OperationNames, SchemaNormalizer, Unsupported, clean, operation_id

_CLIENT_METHODS = re.compile(
    r"a?close|snapshot|watchJob|waitForJobs?|withOptions|withRawResponse|service|iter([A-Z].*)?"
)
"""operationIds of methods that a client already has."""

_IGNORED_HEADERS = {"accept", "authorization", "content-type"}
"""Headers that OpenAPI ignores as parameters."""

_OF_OPERATION = ("x-poll", "x-pagination", "x-start", "x-request-headers")
_OF_PARAMETER = ("x-client-parameter",)
_STATUS = re.compile(r"[1-5](\d\d|XX)|default")
_LOCATIONS = ("path", "query", "header", "cookie")


class OperationNormalizer:
    """Rewrites the operations of one document.

    Args:
        document: The vendor's document.
        schemas: The normalizer of its schemas.
        schemes: Names of the security schemes that the client knows.
    """

    def __init__(self, document: dict[str, Any], schemas: SchemaNormalizer, schemes: Iterable[str]) -> None:
        self._document = document
        self._schemas = schemas
        self._schemes = set(schemes)
        self._ids = OperationNames()
        self._keys = Names()
        self._known: dict[str, str] = {}
        """Keys of parameters by their content."""
        self.parameters: dict[str, dict[str, Any]] = {}
        self.refused: list[tuple[Unsupported, str]] = []
        """Errors of operations or paths with a missing reference target, with their pointers."""
        self.warnings: list[Unsupported] = []
        """Problems of parts that were left out while their operation was kept."""

    def places(self) -> Iterator[tuple[str, str, str, dict[str, Any], list[Any]]]:
        """Yield pointer, path, method and definition of each operation, with the parameters of its path."""
        for path, declared in self._document["paths"].items():
            pointer = child("/paths", path)
            try:
                item = {**self._target(declared, pointer)[0], **(declared if isinstance(declared, dict) else {})}
            except Unsupported as error:
                self.refused.append((error, pointer))
                continue
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    try:
                        definition, place = self._target(item[method], child(pointer, method))
                    except Unsupported as error:
                        self.refused.append((error, child(pointer, method)))
                    else:
                        yield place, path, method, definition, _list(item.get("parameters"))

    def _target(self, value: Any, pointer: str) -> tuple[dict[str, Any], str]:
        """Return a mapping, or the target of its reference, with its pointer; an empty mapping for another value."""
        value, pointer = self._resolved(value, pointer)
        return (value if isinstance(value, dict) else {}), pointer

    def operation(
        self, pointer: str, path: str, method: str, definition: dict[str, Any], of_path: list[Any]
    ) -> dict[str, Any]:
        """Return the normal form of an operation. Raises `Unsupported` if it cannot be expressed."""
        declared = definition.get("operationId")
        wanted = operation_id(declared if isinstance(declared, str) else "", method, path)
        if _CLIENT_METHODS.fullmatch(wanted):
            wanted = f"{wanted}Operation"
        parameters = list(self._parameters(pointer, path, definition, of_path, wanted))
        body = self._body(pointer, definition, wanted)
        responses = self._responses(pointer, definition, wanted)
        name = self._ids.unique(wanted)
        summary = clean(definition.get("summary")).rstrip(".") or _words(name)
        made: dict[str, Any] = {
            "operationId": name,
            "summary": summary,
            "description": clean(definition.get("description")) or f"{summary}.",
        }
        if tags := [tag for tag in _list(definition.get("tags")) if isinstance(tag, str)]:
            made["tags"] = list(dict.fromkeys(tags))
        if definition.get("deprecated") is True:
            made["deprecated"] = True
        if parameters:
            made["parameters"] = parameters
        if body:
            made["requestBody"] = body
        made |= {"responses": responses, "security": self._security(definition)}
        return made | {key: definition[key] for key in _OF_OPERATION if key in definition}

    def _resolved(self, value: Any, pointer: str) -> tuple[Any, str]:
        """Return the target of a value that may be a reference, and its pointer. Raises `Unsupported` for a cycle."""
        seen = {pointer}
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            value, pointer = self._schemas.target(value["$ref"], pointer)
            if pointer in seen:
                message = "must not refer to itself, got a cycle of references"
                raise Unsupported(pointer, message, "Replace one reference by its target")
            seen.add(pointer)
        return value, pointer

    def _parameters(
        self, pointer: str, path: str, definition: dict[str, Any], of_path: list[Any], name: str
    ) -> Iterator[dict[str, Any]]:
        found: dict[tuple[str, str], tuple[dict[str, Any], str]] = {}
        outer = pointer.rpartition("/")[0]
        for place, parameters in ((outer, of_path), (pointer, _list(definition.get("parameters")))):
            for index, each in enumerate(parameters):
                parameter, here = self._resolved(each, child(place, "parameters", index))
                if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
                    message = f"must be a parameter with name and in, got {type(parameter).__name__}"
                    raise Unsupported(here, message, "Correct it, or remove it with an overlay")
                if parameter.get("in") not in _LOCATIONS:
                    message = f"in must be one of {', '.join(_LOCATIONS)}, got {parameter.get('in')!r}"
                    remedy = "Convert a parameter of Swagger 2.0, for instance with swagger2openapi"
                    raise Unsupported(here, message, remedy)
                found[parameter["in"], parameter["name"]] = parameter, here
        named = re.findall(r"\{([^{}]+)\}", path)
        for wire in named:
            missing = {"name": wire, "in": "path", "schema": {"type": "string"}}
            found.setdefault(("path", wire), (missing, pointer))
        for (location, wire), (parameter, here) in found.items():
            if location == "header" and wire.lower() in _IGNORED_HEADERS:
                continue
            if location != "path" or wire in named:
                yield {"$ref": f"#/components/parameters/{self._parameter(parameter, here, name)}"}

    def _parameter(self, parameter: dict[str, Any], pointer: str, name: str) -> str:
        """Make a component of a parameter, or find an equal one. Returns its key."""
        wire, location = parameter["name"], parameter["in"]
        made: dict[str, Any] = {"name": wire, "in": location}
        made["description"] = clean(parameter.get("description")) or f"`{wire}` of the service."
        if location == "path" or parameter.get("required") is True:
            made["required"] = True
        if parameter.get("deprecated") is True:
            made["deprecated"] = True
        content = parameter.get("content")
        if isinstance(content, dict) and content:
            made["content"] = {"application/json": {"schema": {}}}
        else:
            if isinstance(parameter.get("style"), str):
                made["style"] = parameter["style"]
            if isinstance(parameter.get("explode"), bool):
                made["explode"] = parameter["explode"]
            made["schema"] = self._schemas.schema(parameter.get("schema"), child(pointer, "schema"), f"{name} {wire}")
        made |= {key: parameter[key] for key in _OF_PARAMETER if key in parameter}
        content_key = json.dumps(made, sort_keys=True)
        if content_key not in self._known:
            key = self._keys.unique(re.sub(r"[^A-Za-z0-9._-]+", "_", wire) or "_", "_")
            self._known[content_key], self.parameters[key] = key, made
        return self._known[content_key]

    def _body(self, pointer: str, definition: dict[str, Any], name: str) -> dict[str, Any] | None:
        if not definition.get("requestBody"):
            return None
        body, here = self._resolved(definition["requestBody"], child(pointer, "requestBody"))
        content = body.get("content") if isinstance(body, dict) else None
        if not isinstance(content, dict) or not content:
            return None
        made: dict[str, Any] = {"description": clean(body.get("description")) or "The body of the request."}
        if body.get("required") is True:
            made["required"] = True
        made["content"] = self._content(content, here, f"{name} request")
        return made

    def _content(self, content: dict[str, Any], pointer: str, hint: str) -> dict[str, Any]:
        media_type = preferred(content)
        here = child(pointer, "content", media_type, "schema")
        media = content[media_type] if isinstance(content[media_type], dict) else {}
        schema = self._schemas.schema(media.get("schema"), here, hint)
        if "*" in media_type:
            # Some generators of documents write */* for JSON. If the schema is a string or missing, it means any
            # content.
            is_any = not schema or schema.get("type") == "string"
            media_type = "application/octet-stream" if is_any else "application/json"
        return {media_type: {"schema": schema}}

    def _responses(self, pointer: str, definition: dict[str, Any], name: str) -> dict[str, Any]:
        declared = definition.get("responses")
        declared = declared if isinstance(declared, dict) else {}
        made: dict[str, Any] = {}
        successes = 0
        for status, each in declared.items():
            if status.startswith("x-"):
                continue
            if not _STATUS.fullmatch(status):
                message = f"must be a status code, a range such as 4XX or default, got {status!r}; it is left out"
                self.warnings.append(Unsupported(child(pointer, "responses", status), message, "Correct the key"))
                continue
            response, here = self._resolved(each, child(pointer, "responses", status))
            if not isinstance(response, dict):
                message = f"must be a mapping of a response, got {type(response).__name__}"
                raise Unsupported(here, message, "Correct it, or remove it with an overlay")
            is_success = status.startswith("2")
            successes += is_success
            made[status] = {"description": clean(response.get("description")) or f"Status {status}."}
            if not is_success and status != "default":
                made[status] |= {"x-confidence": "inferred"} if not status.isdecimal() else {}
            elif status == "default":
                made[status]["x-confidence"] = "inferred"
            content = response.get("content")
            if isinstance(content, dict) and content:
                kind = "response" if is_success or status == "default" else "error"
                inner = self._content(content, here, f"{name} {kind}{'' if successes < 2 else successes}")
                made[status] = {**made[status], "content": inner}
        if not made:
            message = "must have a response, got none; the method returns None"
            self.warnings.append(Unsupported(child(pointer, "responses"), message, "Add one with an overlay"))
        if not successes and "default" not in made:
            # For example a redirect: the client does not follow it, and its status is an error.
            made = {"200": {"description": "Success."}, **made}
        return made

    def _security(self, definition: dict[str, Any]) -> list[dict[str, Any]]:
        stated = definition.get("security", self._document.get("security"))
        found = []
        for requirement in stated if isinstance(stated, list) else ():
            if isinstance(requirement, dict):
                known = {name: _list(scopes) for name, scopes in requirement.items() if name in self._schemes}
                if known and known not in found:
                    found.append(known)
        return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(name: str) -> str:
    """Return an operationId in words, as a summary."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    return words[:1].upper() + words[1:]
