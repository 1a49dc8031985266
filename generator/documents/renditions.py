"""Renditions of the bundled documents for other tools: OpenAPI 3.0.3, one joined document, Postman, Arazzo.

Each is made from the same bundled documents. Renditions carry recordings as examples, without evidence ids.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import attrs

from ..errors import Problem, ValidationError
from .json_pointer import child, find, resolve, segments
from .mappings import FINAL_STATES, AuthSpec, JobMapping, PollSpec, Value
from .openapi_30 import openapi_30, walk
from .schema_view import flatten
from .workspace import OperationRef, Recording, Service, operations

Bundles = list[tuple[Service, dict[str, Any]]]
"""Services, each with its bundled document."""


@attrs.frozen
class Kind:
    """A kind of rendition."""

    label: str
    file: str
    """Name of its file without suffix. With `{service}` in it, there is a file for each service."""
    purpose: str
    """One sentence about the tools that it is for."""
    formats: tuple[str, ...] = ("yaml", "json")
    """Suffixes of its files on the site. Other copies are JSON."""


BUNDLED = Kind(
    "OpenAPI 3.1",
    "{service}",
    "For tools that read OpenAPI 3.1: documentation, validators, schemathesis, and generators of typed clients.",
)
OPENAPI_30 = Kind(
    "OpenAPI 3.0.3",
    "{service}-3.0",
    "For tools that read OpenAPI 3.0 only, such as Connexion, API gateways and older generators.",
)
JOINED = Kind(
    "OpenAPI 3.1, all services",
    "joined",
    "For tools that take one document, such as developer portals and a generated client of all services.",
)
POSTMAN = Kind(
    "Postman collection 2.1",
    "postman",
    "For Postman, and for Newman, Bruno, Insomnia and Hoppscotch, which import its collections.",
    ("json",),
)
ARAZZO = Kind(
    "Arazzo 1.0.1",
    "arazzo",
    "For runners of workflows, such as Redocly Respect: waiting for a job, as one workflow for each service.",
)
VECTORS = Kind(
    "Test vectors",
    "{service}-vectors",
    "For programs in any language that read or await jobs: responses, with the values that must be read from them.",
    ("json",),
)
"""Made by `generator/clients/vectors.py`, from the evidence."""
MARK = "x-rendition"
"""Key of a rendition's `info` that names its kind."""
KINDS = (BUNDLED, OPENAPI_30, JOINED, POSTMAN, ARAZZO)


@attrs.frozen
class Rendition:
    """A document in another format, with its file name."""

    kind: Kind
    name: str
    """Name of its file without suffix."""
    title: str
    data: dict[str, Any]


def renditions(services: Bundles, version: str) -> list[Rendition]:
    """Return the bundled documents and their renditions, without workflows if no operation reads jobs.

    An imported document has no renditions, because its vendor publishes it.

    Args:
        services: The services with their bundled documents.
        version: Version of the renditions that contain several services.

    Raises:
        ValidationError: A rendition cannot express something in a document.
    """
    plain = [(service, _without_evidence(document)) for service, document in services if not service.is_imported]
    made: list[Rendition] = []

    def add(kind: Kind, name: str, data: dict[str, Any]) -> None:
        title = data["info"].get("title", data["info"].get("name"))
        # The command `bundle` overwrites only files with this mark.
        marked = {**data, "info": {**data["info"], MARK: kind.label}}
        made.append(Rendition(kind, name, title, data if kind is BUNDLED else marked))

    for service, bundled in services:
        add(BUNDLED, service.name, bundled)
    for service, document in plain:
        converted = openapi_30(document, service.document.problem)
        add(OPENAPI_30, OPENAPI_30.file.format(service=service.name), converted)
    for kind, make in ((JOINED, join), (POSTMAN, postman), (ARAZZO, arazzo)) if plain else ():
        if data := make(plain, version):
            add(kind, kind.file, data)
    names = Counter(each.name for each in made)
    for service, _ in services:
        if names[service.name] > 1:
            message = f"the service must not have the name of a rendition, got {service.name}"
            raise ValidationError(service.document.problem("", message, "Rename the file"))
    return made


def listing(made: Iterable[Rendition], package: str) -> str:
    """Return the README of a folder of renditions, which names the tools that each is for."""
    lines = ["# Renditions", "", "The documents of this package in the forms that other tools read.", ""]
    for rendition in made:
        if rendition.kind is not BUNDLED:
            lines.append(
                f"- `{rendition.name}.json`: {rendition.title}. {rendition.kind.label}. {rendition.kind.purpose}"
            )
    lines += ["", f"The OpenAPI 3.1 document of each service is `{package}/<service>/openapi.json`. {BUNDLED.purpose}"]
    return "\n".join(lines) + "\n"


def _without_evidence(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without the ids of evidence, contradictions and recordings."""
    dropped = ("x-evidence", "x-contradictions", "x-recordings")

    def copy(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: copy(member) for key, member in value.items() if key not in dropped}
        return [copy(item) for item in value] if isinstance(value, list) else value

    copied: dict[str, Any] = copy(document)
    return copied


# One document


def join(services: Bundles, version: str) -> dict[str, Any]:
    """Return one document of all services. Its paths have their own servers, and its names are unique.

    Raises:
        ValidationError: Two services have the same path.
    """
    names = [service.name for service, _ in services]
    joined: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": f"Job queries: {', '.join(names)}", "version": version, **_shared_info(services)},
        "tags": [],
        "paths": {},
        "components": {},
    }
    taken: dict[str, Service] = {}
    for service, document in services:
        renamed = _renamed(service.name, document)
        joined["tags"] += renamed["tags"]
        for path, item in renamed["paths"].items():
            shape = re.sub(r"\{[^{}]*\}", "{}", path)
            if shape in taken:
                message = f"must be a path of one service, got a path of {taken[shape].name} too"
                remedy = "Generate the two services separately, with --services"
                raise ValidationError(service.document.problem(child("/paths", path), message, remedy))
            taken[shape] = service
            joined["paths"][path] = item
        for kind, members in renamed["components"].items():
            joined["components"].setdefault(kind, {}).update(members)
    if len(set(map(_prefix, names))) < len(names):
        message = f"the services must have different names in CapWords, got {', '.join(names)}"
        raise ValidationError(Problem("openapi", message, "Rename a document"))
    return joined


def _shared_info(services: Bundles) -> dict[str, Any]:
    entries = [document["info"] for _, document in services]
    lines = [f"- {info['title']} {info['version']}: {info.get('summary', '')}" for info in entries]
    shared = {key: entries[0][key] for key in ("contact", "license", "termsOfService") if key in entries[0]}
    return {
        "description": "\n".join(["The operations of these documents, each with its own server:", "", *lines]),
        **{key: value for key, value in shared.items() if all(info.get(key) == value for info in entries)},
    }


def operation_id(service: str, name: str) -> str:
    """Return the operationId of an operation in the joined document: `acmeGetJob` for `getJob`."""
    prefix = _prefix(service)
    return f"{prefix[:1].lower()}{prefix[1:]}{name[:1].upper()}{name[1:]}"


def component(service: str, kind: str, name: str) -> str:
    """Return the name of a component in the joined document: `AcmeJob` for `Job`, `acme_token` for `token`."""
    return f"{_prefix(service)}{name[:1].upper()}{name[1:]}" if kind == "schemas" else f"{service}_{name}"


def _prefix(service: str) -> str:
    return "".join(part.capitalize() for part in service.split("_"))


def _renamed(service: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return tags, paths and components of a document, with the names of the joined document."""

    def reference(target: str) -> str:
        root, kind, name, *rest = [*segments(target[1:]), "", "", ""][: max(3, target.count("/"))]
        return target if root != "components" else "#" + child("", root, kind, component(service, kind, name), *rest)

    def visit(kind: str, node: Any, pointer: str) -> Any:
        if not isinstance(node, dict):
            return node
        if isinstance(node.get("$ref"), str):
            node = {**node, "$ref": reference(node["$ref"])}
        if kind == "operation":
            node = {**node, "operationId": operation_id(service, node["operationId"])}
            node["tags"] = [f"{service}-{tag}" for tag in node.get("tags", ())] or [service]
            security = node.get("security", document.get("security"))
            if security is not None:
                node["security"] = [
                    {component(service, "securitySchemes", name): scopes for name, scopes in way.items()}
                    for way in security
                ]
        elif kind == "path" and document.get("servers"):
            node = {"servers": document["servers"], **node}
        return node

    walked = walk("document", document, visit)
    components = {
        kind: {component(service, kind, name): member for name, member in members.items()}
        for kind, members in walked.get("components", {}).items()
        if not kind.startswith("x-")
    }
    about = {"externalDocs": document["externalDocs"]} if "externalDocs" in document else {}
    tags = [{**about, **tag, "name": f"{service}-{tag['name']}"} for tag in document.get("tags", ())]
    return {"tags": tags or [{"name": service, **about}], "paths": walked["paths"], "components": components}


# Postman


def postman(services: Bundles, version: str) -> dict[str, Any]:
    """Return a collection with a folder for each service, and its recordings as saved responses.

    URLs, credentials and arguments are variables. Credentials are empty; arguments are those of a recording.

    Raises:
        ValidationError: An operation needs credentials that a collection cannot contain.
    """
    made = [_Folder(service, document) for service, document in services]
    if problems := [problem for folder in made for problem in folder.problems]:
        raise ValidationError(problems)
    return {
        "info": {
            "name": f"Job queries: {', '.join(service.name for service, _ in services)}",
            "description": "Made from OpenAPI documents. Fill in the variables of the collection before you send.",
            "version": version,
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "item": [folder.item for folder in made],
        "variable": [variable for folder in made for variable in folder.variables.values()],
    }


class _Folder:
    """The requests of one service, with the variables that they use."""

    def __init__(self, service: Service, document: dict[str, Any]) -> None:
        self._service = service
        self._document = document
        self.problems: list[Problem] = []
        self.variables: dict[str, dict[str, Any]] = {}
        server: dict[str, Any] = next(iter(document.get("servers", ())), {"url": ""})
        address = server["url"].rstrip("/")
        for name, each in server.get("variables", {}).items():
            described = each.get("description") or ", ".join(each.get("enum", ()))
            address = address.replace(f"{{{name}}}", self._variable(name, each["default"], described))
        self._base = self._variable("url", address, server.get("description"))
        info = document["info"]
        self.item = {
            "name": info["title"],
            "description": info.get("description", ""),
            "item": [self._request_item(operation) for operation in operations(document)],
        }

    def _variable(self, name: str, value: str = "", description: str | None = None) -> str:
        key = f"{self._service.name}_{name}"
        about = {"description": description} if description else {}
        self.variables.setdefault(key, {"key": key, "value": value, "type": "string", **about})
        return f"{{{{{key}}}}}"

    def _request_item(self, operation: OperationRef) -> dict[str, Any]:
        recorded = [each for each in self._service.recordings.values() if each.operation == operation.id]
        successes = sorted(recorded, key=lambda each: each.status >= 400)
        values = _arguments(successes[0]) if successes else {}
        variables = {}
        for parameter in _parameters(self._document, operation):
            if parameter["in"] == "path":
                value = values.get(("path", parameter["name"]), "")
                variables["path", parameter["name"]] = self._variable(
                    parameter["name"], value, parameter.get("description")
                )
        return {
            "name": operation.definition.get("summary", operation.id),
            "request": self._request(operation, {**values, **variables}),
            "response": [self._saved(operation, each) for each in recorded],
        }

    def _request(self, operation: OperationRef, values: dict[tuple[str, str], str]) -> dict[str, Any]:
        parameters = _parameters(self._document, operation)
        headers = [
            {"key": key, "value": value} for key, value in operation.definition.get("x-request-headers", {}).items()
        ]
        query, path = [], []
        for parameter in parameters:
            value = values.get((parameter["in"], parameter["name"]))
            entry = {"key": parameter["name"], "value": value or "", "description": parameter.get("description", "")}
            is_left_out = {} if parameter.get("required") or value is not None else {"disabled": True}
            if parameter["in"] == "path":
                path.append(entry)
            elif parameter["in"] == "query":
                query.append({**entry, **is_left_out})
            elif parameter["in"] == "header":
                headers.append({**entry, **is_left_out})
        auth, others = self._auth(operation)
        steps = [re.sub(r"\{([^{}]+)\}", r":\1", step) for step in operation.path.strip("/").split("/")]
        sent = "&".join(f"{quote(each['key'])}={quote(each['value'])}" for each in query if not each.get("disabled"))
        url = {
            "raw": f"{self._base}/{'/'.join(steps)}{'?' if sent else ''}{sent}",
            "host": [self._base],
            "path": steps,
            **({"query": query} if query else {}),
            **({"variable": path} if path else {}),
        }
        return {
            "method": operation.method.upper(),
            "header": [*headers, *others],
            "url": url,
            "auth": auth,
            "description": operation.definition.get("description", ""),
            **({"body": {"mode": "raw", "raw": "{}"}} if "requestBody" in operation.definition else {}),
        }

    def _auth(self, operation: OperationRef) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the credentials of the first security requirement. Its second and further schemes become headers."""
        ways = operation.definition.get("security", self._document.get("security", []))
        auth: dict[str, Any] = {"type": "noauth"}
        headers = []
        for name in ways[0] if ways else ():
            scheme = self._document["components"]["securitySchemes"][name]
            value = self._variable(name, "", scheme.get("description"))
            kind, parts = self._postman(name, scheme, value)
            if parts and auth["type"] == "noauth":
                auth = {"type": kind, kind: [{"key": key, "value": part} for key, part in parts.items()]}
            elif scheme["type"] == "apiKey" and scheme["in"] == "header":
                headers.append({"key": scheme["name"], "value": value})
            else:
                pointer = child("/components/securitySchemes", name)
                self._refuse(pointer, f"the scheme {scheme['type']}", "List a scheme of type apiKey first in security")
        return auth, headers

    def _postman(self, name: str, scheme: dict[str, Any], value: str) -> tuple[str, dict[str, str]]:
        """Return the kind of credentials in Postman, and their settings; no settings for an unsupported scheme."""
        spec, flow = AuthSpec.from_scheme(scheme), scheme.get("flows", {}).get("clientCredentials", {})
        if scheme["type"] == "apiKey":
            return "apikey", {"key": scheme["name"], "value": value, "in": scheme["in"]}
        if spec is None:
            return "", {}
        if spec.method == "basic":
            return "basic", {"username": value, "password": self._variable(f"{name}_password", "", "The password.")}
        if spec.method == "oauth2":
            secret = self._variable(f"{name}_secret", "", "The secret of the client.")
            settings = {"clientId": value, "clientSecret": secret, "accessTokenUrl": flow["tokenUrl"]}
            others = {"scope": " ".join(flow.get("scopes", {})), "client_authentication": spec.client}
            return "oauth2", {"grant_type": "client_credentials", **settings, **others, "addTokenTo": "header"}
        return "bearer", {"token": value}

    def _saved(self, operation: OperationRef, recording: Recording) -> dict[str, Any]:
        request = self._request(operation, _arguments(recording))
        return {
            "name": recording.source.data["summary"],
            "originalRequest": {**request, "auth": {"type": "noauth"}},
            "status": _PHRASES.get(recording.status, ""),
            "code": recording.status,
            "_postman_previewlanguage": "json" if recording.is_json else "text",
            "header": [{"key": "Content-Type", "value": recording.content_type}],
            "body": recording.text,
        }

    def _refuse(self, pointer: str, got: str, remedy: str) -> None:
        message = f"must be expressible in a Postman collection, got {got}"
        self.problems.append(self._service.document.problem(pointer, message, remedy))


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def _arguments(recording: Recording) -> dict[tuple[str, str], str]:
    """Return the arguments of a recorded request as text, by location and name."""
    request = recording.source.data["request"]
    return {
        (place, name): value if isinstance(value, str) else json.dumps(value)
        for place, key in (("path", "path"), ("query", "query"), ("header", "headers"))
        for name, value in request.get(key, {}).items()
    }


def _parameters(document: dict[str, Any], operation: OperationRef) -> list[dict[str, Any]]:
    """Return the parameters of an operation and its path, with references resolved."""
    levels = (document["paths"][operation.path], operation.definition)
    stated = [each for level in levels for each in level.get("parameters", ())]
    found = [resolve(document, each["$ref"][1:]) if "$ref" in each else each for each in stated]
    return list({(each["in"], each["name"]): each for each in found}.values())


# Arazzo

_PAUSE = 5
"""Seconds between two polls."""
_MOST_POLLS = 720
"""Most polls of a workflow: those of one hour."""


def arazzo(services: Bundles, version: str) -> dict[str, Any]:
    """Return a workflow for each operation with `x-poll`, over the joined document; empty without such an operation.

    A workflow succeeds once its job has succeeded, and fails in any other final state. If several fields can have the
    state, all of them are tested. An operation has no workflow if no criterion can express the state: for instance, it
    depends on conditions of several fields.
    """
    workflows = [
        _workflow(service, document, operation, poll)
        for service, document in services
        for operation in operations(document)
        if (poll := PollSpec.from_operation(operation.definition)) and _can_wait(document, operation, poll)
    ]
    if not workflows:
        return {}
    return {
        "arazzo": "1.0.1",
        "info": {
            "title": f"Waiting for jobs: {', '.join(service.name for service, _ in services)}",
            "version": version,
        },
        "sourceDescriptions": [{"name": "services", "url": f"./{JOINED.file}.json", "type": "openapi"}],
        "workflows": workflows,
    }


def _can_wait(document: dict[str, Any], operation: OperationRef, poll: PollSpec) -> bool:
    """Return whether criteria of a workflow can express that a job is final: they can compare strings of fields."""
    mapping = _job(document, operation, poll)
    is_plain = bool(poll.argument) is not bool(poll.items) and not (poll.job or poll.statuses)
    if mapping is None or not is_plain or operation.method != "get":
        return False
    paths = [*mapping.state, poll.items, poll.match]
    plain = all(character not in path for path in paths for character in '["$')
    return bool(mapping.values) and plain and all(isinstance(value, str) for value in mapping.states)


def _job(document: dict[str, Any], operation: OperationRef, poll: PollSpec) -> JobMapping | None:
    bodies = [pointer for pointer, _ in find(document, f"{operation.pointer}/responses/200/content/*/schema")]
    declared = flatten(document, *bodies[:1]).at(poll.place).first("x-job") if bodies else None
    return JobMapping.from_extension(declared) if declared else None


def _workflow(service: Service, document: dict[str, Any], operation: OperationRef, poll: PollSpec) -> dict[str, Any]:
    mapping = _job(document, operation, poll)
    assert mapping is not None
    failed = [value for state in FINAL_STATES if state != "succeeded" for value in mapping.values.get(state, ())]
    inputs, parameters = _inputs(document, operation)
    if poll.match:
        inputs[poll.match] = {"type": "string", "description": "ID of the job."}
    answered = {"condition": "$statusCode == 200"}
    retry = {"type": "retry", "retryAfter": _PAUSE, "retryLimit": _MOST_POLLS}
    actions = [
        {"name": "still-running", **retry, "criteria": [answered]},
        {"name": "unavailable", **retry, "criteria": [{"condition": "$statusCode == 429 || $statusCode >= 500"}]},
    ]
    if failed:
        actions.insert(0, {"name": "failed", "type": "end", "criteria": [answered, _criterion(mapping, poll, failed)]})
    outputs = {"response": "$response.body"}
    if not poll.items:
        of_job = {"state": mapping.state, "reason": mapping.reason}
        outputs |= {name: f"$response.body#{_pointer(fields[0])}" for name, fields in of_job.items() if fields}
    step = {
        "stepId": "poll",
        "description": operation.definition.get("summary", operation.id),
        "operationId": operation_id(service.name, operation.id),
        "parameters": parameters,
        "successCriteria": [answered, _criterion(mapping, poll, list(mapping.values.get("succeeded", ())))],
        "onFailure": actions,
        "outputs": outputs,
    }
    return {
        "workflowId": f"{service.name}-wait-for-job",
        "summary": f"Wait for a job of {document['info']['title']}",
        "inputs": {"type": "object", "required": list(inputs), "properties": inputs},
        "steps": [step],
        "outputs": {name: f"$steps.poll.outputs.{name}" for name in outputs},
    }


def _inputs(document: dict[str, Any], operation: OperationRef) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the inputs of a workflow, and the parameters of its step: required ones and credentials."""
    inputs: dict[str, Any] = {}
    parameters = []

    def add(name: str, place: str, target: str, schema: dict[str, Any]) -> None:
        inputs[name] = schema
        parameters.append({"name": target, "in": place, "value": f"$inputs.{name}"})

    for parameter in _parameters(document, operation):
        if parameter.get("required"):
            description = parameter.get("description", "")
            add(parameter["name"], parameter["in"], parameter["name"], {"type": "string", "description": description})
    ways = operation.definition.get("security", document.get("security", []))
    for name in ways[0] if ways else ():
        scheme = document["components"]["securitySchemes"][name]
        described = {"type": "string", "format": "password", "description": scheme.get("description", "")}
        if scheme["type"] == "apiKey":
            add(name, scheme["in"], scheme["name"], described)
        elif spec := AuthSpec.from_scheme(scheme):
            inputs[name] = described
            parameters.append({"name": spec.header, "in": "header", "value": f"{spec.prefix}{{$inputs.{name}}}"})
    return inputs, parameters


def _criterion(mapping: JobMapping, poll: PollSpec, values: list[Value]) -> dict[str, Any]:
    """Return the criterion that a job has one of these values as its state."""
    if poll.items:
        in_state = " || ".join(f"@{_path(field)} == {_quoted(value)}" for field in mapping.state for value in values)
        is_job = f"@{_path(poll.match)} == '{{$inputs.{poll.match}}}'"
        condition = f"${_path(poll.items)}[?({is_job} && ({in_state}))]"
        return {"context": "$response.body", "condition": condition, "type": "jsonpath"}
    tests = [f"$response.body#{_pointer(field)} == {_quoted(value)}" for field in mapping.state for value in values]
    return {"condition": " || ".join(tests)}


def _pointer(field: str) -> str:
    return child("", *field.split("."))


def _path(field: str) -> str:
    """Return the JSONPath of a field, relative to the object that has it."""
    return "".join(
        f".{name}" if re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) else f"['{name}']" for name in field.split(".")
    )


def _quoted(value: Value) -> str:
    return "'{}'".format(str(value).replace("'", "''"))
