"""Links of a service's page: one for each statement, which stays as long as the document names it the same."""

from __future__ import annotations

from typing import Any

from generator.documents.json_pointer import NotThere, child, resolve, segments


def anchor(document: dict[str, Any], pointer: str) -> str:
    """The anchor of what stands at a place of the document, or around it."""
    match segments(pointer):
        case ["components", "schemas", name, "properties", field, *_]:
            return f"{name}.{field}"
        case ["components", "schemas", name, *_]:
            return name
        case ["components", "securitySchemes", name, *_]:
            return f"scheme.{name}"
        case ["components", "parameters", name, *_]:
            return _of_parameter(document, name)
        case ["paths", path, method, *rest]:
            if method == "*" or path == "*":
                path, method = _first(document)
            operation = resolve(document, child(child("/paths", path), method))["operationId"]
            match rest:
                case ["responses", status, *_] if status != "*":
                    return f"{operation}.{status}"
                case ["x-request-headers", name]:
                    return f"{operation}.{name}"
            return str(operation)
        case ["servers", *_]:
            return "server"
    return ""


def of_recording(name: str) -> str:
    """The anchor of a recorded reply."""
    return f"recording.{name}"


def _of_parameter(document: dict[str, Any], name: str) -> str:
    """A parameter is shown with each operation that has it; the first of them has the link."""
    wanted = f"/components/parameters/{name}"
    for path in document["paths"].values():
        for operation in path.values():
            if wanted in [each["$ref"][1:] for each in operation.get("parameters", [])]:
                return f"{operation['operationId']}.{name}"
    raise NotThere(name)


def _first(document: dict[str, Any]) -> tuple[str, str]:
    path, item = next(iter(document["paths"].items()))
    return path, next(iter(item))
