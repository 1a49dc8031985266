"""Import of a vendor's OpenAPI document into `openapi/<service>.yaml`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from ..documents.json_pointer import PointerNotFound, child, find, resolve
from ..documents.mappings import AuthSpec
from ..errors import Problem, ValidationError
from .operations import OperationNormalizer
from .overlay import apply_overlay
from .schemas import REFERENCE, SchemaNormalizer, Unsupported, clean
from .vendor_files import read_document, with_files

_MOST_REFERENCES = 8
"""References that are followed from a security scheme to its definition."""


@attrs.frozen
class Imported:
    """A vendor's document in the form that the generator reads."""

    document: dict[str, Any]
    operations: int
    """Number of operations in the vendor's document."""
    left_out: list[Problem]
    """The reason for each operation that was left out."""
    warnings: list[Problem]
    """Actions of the overlay that match nothing, and parts of operations that were left out."""

    @property
    def imported(self) -> int:
        """Number of operations in the new document."""
        return self.operations - len(self.left_out)


def import_document(file: Path, overlay: Path | None, reserved: Iterable[str]) -> Imported:
    """Read a document of OpenAPI 3.0 or 3.1, apply an overlay, and rewrite it in the normal form.

    Args:
        file: The vendor's document, YAML or JSON.
        overlay: An OpenAPI Overlay that adds the extensions of a job service.
        reserved: Names that no component may have.

    Raises:
        ValidationError: The document is not OpenAPI 3.0 or 3.1, or none of its operations can be expressed.
    """
    data = read_document(file)
    if isinstance(data, dict):
        data = with_files(data, file)
    unmatched: list[Problem] = []
    if overlay is not None:
        data, unmatched = apply_overlay(data, read_document(overlay), overlay)
    _require_openapi(data, file)
    schemas = SchemaNormalizer(data, reserved)
    left_schemes: list[Problem] = []
    schemes = dict(_schemes(data, file, left_schemes))
    operations = OperationNormalizer(data, schemas, schemes)
    made: dict[str, dict[str, Any]] = {}
    left_out: list[Problem] = []
    count = 0

    def refuse(error: Unsupported, pointer: str) -> None:
        where = "" if error.pointer.startswith(pointer) else f" (for {pointer})"
        left_out.append(Problem(file, f"{error.message}{where}", error.remedy, pointer=error.pointer))

    places = list(operations.places())
    for error, pointer in operations.refused:
        count += 1
        refuse(error, pointer)
    for pointer, path, method, definition, of_path in places:
        count += 1
        try:
            made.setdefault(path, {})[method] = operations.operation(pointer, path, method, definition, of_path)
        except Unsupported as error:
            refuse(error, pointer)
        except RecursionError:
            message = "schemas must be nested less deeply, got too many levels to read"
            refuse(Unsupported(pointer, message, "Reduce the levels with an overlay"), pointer)
    schemas.finish()
    for pointer, path, method, *_ in places:
        kept = made.get(path, {}).get(method)
        reached = _reached(kept, schemas.components, operations.parameters)
        if failed := next((schemas.failed[name] for name in sorted(reached) if name in schemas.failed), None):
            del made[path][method]
            refuse(failed, pointer)
    made = {path: item for path, item in made.items() if item}
    if not made:
        message = "must have an operation that can be imported, got none"
        raise ValidationError(
            [*left_out, Problem(file, message, "Solve the problems of one of them", pointer="/paths")]
        )
    document = _document(data, file, overlay, made, schemas, operations, schemes)
    warnings = [Problem(file, each.message, each.remedy, pointer=each.pointer) for each in operations.warnings]
    return Imported(document, count, left_out, [*unmatched, *left_schemes, *warnings])


def _require_openapi(data: Any, file: Path) -> None:
    """Raise `ValidationError` for another format or version."""
    if isinstance(data, dict) and "swagger" in data:
        remedy = "Convert it to OpenAPI 3, for instance with swagger2openapi"
        raise ValidationError(Problem(file, f"must be OpenAPI 3, got Swagger {data['swagger']}", remedy))
    version = data.get("openapi") if isinstance(data, dict) else None
    if not isinstance(version, str) or not re.match(r"3\.[01]\.", version):
        message = f"must be OpenAPI 3.0 or 3.1, got {version!r}"
        raise ValidationError(
            Problem(file, message, "Write the version of the document, such as 3.1.0", pointer="/openapi")
        )
    for key in ("info", "paths"):
        if not isinstance(data.get(key), dict):
            message = f"must have {key} as a mapping, got {type(data.get(key)).__name__}"
            raise ValidationError(Problem(file, message, "Name a complete OpenAPI document", pointer=f"/{key}"))


def _document(
    data: dict[str, Any],
    file: Path,
    overlay: Path | None,
    paths: dict[str, Any],
    schemas: SchemaNormalizer,
    operations: OperationNormalizer,
    schemes: dict[str, Any],
) -> dict[str, Any]:
    info = data["info"]
    title = clean(info.get("title")) or file.stem
    whole: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": _version(str(info.get("version") or "0")),
            "summary": clean(info.get("summary")) or title,
            "description": clean(info.get("description")) or f"{title}.",
        },
        "x-imported": _origin(file, overlay),
        "servers": list(_servers(data)),
        "tags": list(_tags(data, paths)),
        "paths": paths,
    }
    used: set[str] = set()
    for item in paths.values():
        for definition in item.values():
            used |= _reached(definition, schemas.components, operations.parameters)
    referred = {each["$ref"].rpartition("/")[2] for _, each in find(paths, "/*/*/parameters/*")}
    named = {name for _, requirement in find(paths, "/*/*/security/*") for name in requirement}
    components = {
        "parameters": {key: value for key, value in operations.parameters.items() if key in referred},
        "schemas": {name: schemas.components[name] for name in sorted(used)},
        "securitySchemes": {name: scheme for name, scheme in schemes.items() if name in named},
    }
    whole["components"] = {key: value for key, value in components.items() if value}
    return {key: value for key, value in whole.items() if value or key == "components"}


def _origin(file: Path, overlay: Path | None) -> dict[str, Any]:
    """Return the files that the document was made from."""
    origin = {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    return origin if overlay is None else {**origin, "overlay": overlay.name}


def _version(text: str) -> str:
    """Return the vendor's version as a semantic one: 2026-01-02 becomes 2026.1.2."""
    numbers = [str(int(each)) for each in re.findall(r"\d{1,18}", text)[:3]]
    return ".".join([*numbers, "0", "0", "0"][:3])


def _servers(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    servers = data.get("servers")
    for server in servers if isinstance(servers, list) else ():
        if not isinstance(server, dict) or not isinstance(server.get("url"), str):
            continue
        made: dict[str, Any] = {"url": server["url"]}
        if isinstance(server.get("description"), str):
            made["description"] = clean(server["description"])
        variables: dict[str, Any] = {}
        declared = server.get("variables")
        for name in re.findall(r"\{([^{}]*)\}", server["url"]):
            variable = declared.get(name) if isinstance(declared, dict) else None
            variable = variable if isinstance(variable, dict) else {}
            variables[name] = {"default": str(variable.get("default", ""))}
            if isinstance(variable.get("description"), str):
                variables[name]["description"] = clean(variable["description"])
            if isinstance(variable.get("enum"), list) and variable["enum"]:
                variables[name]["enum"] = [str(each) for each in variable["enum"]]
        yield {**made, "variables": variables} if variables else made


def _tags(data: dict[str, Any], paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    tags = data.get("tags")
    described = {
        tag["name"]: clean(tag.get("description"))
        for tag in (tags if isinstance(tags, list) else ())
        if isinstance(tag, dict) and isinstance(tag.get("name"), str)
    }
    for name in dict.fromkeys(tag for _, tag in find(paths, "/*/*/tags/*")):
        yield {"name": name, "description": described.get(name) or name}


_SCHEME_KEYS = ("in", "name", "scheme", "bearerFormat", "openIdConnectUrl", "flows", "x-auth")


def _schemes(data: dict[str, Any], file: Path, left_out: list[Problem]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the security schemes that the client supports, in this project's form. Adds problems for the others."""
    components = data.get("components")
    declared = components.get("securitySchemes") if isinstance(components, dict) else None
    for name, stated in declared.items() if isinstance(declared, dict) else ():
        scheme = _resolved_scheme(data, stated)
        try:
            spec = AuthSpec.from_scheme(scheme)
        except (AttributeError, KeyError, TypeError):
            spec = None  # the scheme lacks a member that OpenAPI demands
        if spec is None:
            kind = _kind(scheme)
            message = f"must be a token in a header, http basic or bearer, oauth2 or openIdConnect, got {kind}"
            remedy = "Pass your own httpx.Auth to the client, or change the scheme with an overlay"
            pointer = child("/components/securitySchemes", name)
            left_out.append(Problem(file, f"{message}; it is left out", remedy, pointer=pointer))
            continue
        described = clean(scheme.get("description")) or f"{name}."
        kept = {key: scheme[key] for key in _SCHEME_KEYS if key in scheme}
        yield name, {"type": scheme["type"], "description": described, **kept}


def _kind(scheme: dict[str, Any]) -> str:
    """Return the kind of a security scheme in words: `apiKey in query`, `http digest`."""
    place = f"in {scheme['in']}" if "in" in scheme else ""
    return " ".join(filter(None, map(str, (scheme.get("type", ""), scheme.get("scheme", ""), place)))) or "nothing"


def _resolved_scheme(data: dict[str, Any], scheme: Any) -> dict[str, Any]:
    for _ in range(_MOST_REFERENCES):
        reference = scheme.get("$ref") if isinstance(scheme, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        try:
            scheme = resolve(data, reference[1:])
        except PointerNotFound:
            return {}
    return scheme if isinstance(scheme, dict) else {}


def _reached(definition: Any, components: dict[str, Any], parameters: dict[str, Any]) -> set[str]:
    """Return names of the components that an operation refers to, directly or through others."""
    found: set[str] = set()
    waiting = [definition]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            reference = value.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/components/parameters/"):
                waiting.append(parameters[reference.rpartition("/")[2]])
            elif isinstance(reference, str) and reference.startswith(REFERENCE):
                name = reference.removeprefix(REFERENCE)
                if name not in found:
                    found.add(name)
                    waiting.append(components.get(name))
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found
