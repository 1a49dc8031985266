"""A draft from a response: an entry of a HAR file, or the output of curl."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..contract import Exchange, SkippedEntry, read_har
from ..contract.exchange import json_data
from ..contract.redaction import Secrets
from ..documents import is_json
from ..documents.strict_yaml import MOST_LEVELS
from ..documents.workspace import is_deeper
from ..errors import Problem, ValidationError
from .draft import NO_PAGE, Draft, path_parameter
from .inference import INT64, Components, class_name, singular

_STATUS_LINE = re.compile(r"HTTP/[0-9.]+ ([1-5][0-9]{2})\b.*")
_REQUEST_LINE = re.compile(r"> ([A-Z]+) (\S+) HTTP/[0-9.]+")
_VERSION = re.compile(r"v[0-9]+(\.[0-9]+)*", re.IGNORECASE)
_LOOKS_LIKE_ID = re.compile(r"[0-9]+|[0-9a-fA-F]{8}[0-9a-fA-F-]*|(?=.*[0-9]).*[-_.].*")
_ID_FIELD = re.compile(r"(?:.*_)?(?:id|uid|uuid|name)|.*[a-z](?:Id|ID|Uid|UUID|Name)")
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_PARAMETER = re.compile(r"\{([^{}/]*)\}")
_PYTHON_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def curl_exchange(text: str, url: str | None, name: str) -> dict[str, Any]:
    """Return a HAR entry of the output of `curl -i` or `curl -v`, or of a body alone.

    Args:
        url: The address of the request. The output of `curl -v` has its path.
        name: The file, for messages.

    Raises:
        ValidationError: The output has no response, or the request is unknown.
    """
    lines = text.splitlines(keepends=True)
    request = next((match for line in lines if (match := _REQUEST_LINE.match(line))), None)
    lines = [line for line in lines if not re.match(r"[>*{}] |[>*] ?$|[{}] \[", line)]
    lines = [re.sub(r"^< ?", "", line) for line in lines]
    heads = [index for index, line in enumerate(lines) if _STATUS_LINE.fullmatch(line.strip())]
    status, headers, body = 200, [("Content-Type", "application/json")], "".join(lines)
    if heads:
        # The last head is that of the response: a proxy and 100 Continue send heads before it.
        head, _, body = "".join(lines[heads[-1] :]).replace("\r\n", "\n").partition("\n\n")
        first, *rest = head.splitlines()
        found = _STATUS_LINE.fullmatch(first.strip())
        status = int(found[1]) if found else status
        headers = [
            (key.strip(), value.strip()) for key, colon, value in (line.partition(":") for line in rest) if colon
        ]
    if not body.strip():
        raise ValidationError(Problem(name, "must have a response body, got none", "Save the output of curl -i URL"))
    if url is None and request is None:
        message = "must have the request as curl -v prints it, got a response alone"
        raise ValidationError(Problem(name, message, "Add the address of the request: --url https://host/v1/tasks/17"))
    method = request[1] if request else "GET"
    address = url or f"https://service.example.com{request[2] if request else '/'}"
    return {
        "request": {"method": method, "url": address, "headers": [], "queryString": []},
        "response": {
            "status": status,
            "headers": [{"name": key, "value": value} for key, value in headers],
            "content": {
                "mimeType": {key.lower(): value for key, value in headers}.get("content-type", ""),
                "text": body,
            },
        },
    }


def exchange_draft(
    service: str, har: Path, entry: int | None, template: str | None, known: Iterable[str] = (), name: str = ""
) -> Draft:
    """Return the draft of a service from a response.

    Args:
        har: The HAR file.
        entry: Number of the entry, counted from 1; required if the file has several.
        template: Path of the operation with its parameters in braces. By default, parts that look like IDs are
            parameters.
        known: Secret values, to be redacted at any place.
        name: The file, for messages and for the evidence.

    Raises:
        ValidationError: The file cannot be read, or has no JSON object of a successful GET request.
    """
    name = name or str(har)
    exchange = _chosen(har, entry, name)
    if exchange.method.upper() != "GET":
        message, fix = f"must be a GET request, got {exchange.method}", "Choose another entry with --entry"
        raise ValidationError(Problem(name, message, fix))
    if not 200 <= exchange.status < 300:
        message = f"must have a successful response, got status {exchange.status}"
        raise ValidationError(
            Problem(name, message, "Choose a response with a job; add errors later with recordings add")
        )
    secrets = Secrets(known)
    secrets.learn_request(exchange.request_headers, exchange.url)
    body = _body(exchange, secrets, name)
    path = urlsplit(exchange.url).path or "/"
    template, values = _template(path, template, set(_ids(body)))
    is_one = template.rpartition("/")[2].startswith("{")
    components = Components()
    root = class_name(
        singular(next((part for part in reversed(template.split("/")) if part and "{" not in part), service))
    )
    root = root if is_one else f"{root}List"
    components.of_object(root, [body])
    parameters = [path_parameter(each) for each in values]
    request: dict[str, Any] = {"path": {each: secrets.text(value) for each, value in values.items()}}
    query = {key: secrets.value(key, value) for key, value in exchange.query}
    if query:
        request["query"] = {key: int(value) if _INTEGER.fullmatch(value) else value for key, value in query.items()}
        parameters += [_query_parameter(key, value) for key, value in request["query"].items() if key not in values]
    return Draft(
        service=service,
        path=template,
        root=root,
        components=components.schemas,
        body=body,
        request=request,
        provenance={"source": "measured", "location": f"A response in {Path(name).name}"},
        page={"title": f"A response in {Path(name).name}", **NO_PAGE},
        confidence="observed",
        parameters=parameters,
        status=exchange.status,
        media_type=exchange.media_type,
    )


def _chosen(har: Path, entry: int | None, name: str) -> Exchange:
    file = read_har(har)
    if entry is None and len(file.entries) != 1:
        numbered = [(each.source.rpartition(" ")[2], each) for each in file.exchanges[:5]]
        listed = ", ".join(f"{number} is {each.method} {each.path}" for number, each in numbered)
        message = f"must have one entry, got {len(file.entries)}"
        raise ValidationError(Problem(name, message, f"Choose one with --entry N{f': {listed}' if listed else ''}"))
    try:
        found = file.entry(entry or 1)
    except LookupError:
        message = f"must be from 1 to {len(file.entries)} for {name}, got {entry}"
        raise ValidationError(Problem("--entry", message, "Entries are counted from 1")) from None
    if isinstance(found, SkippedEntry):
        message = f"must have a response that can be read, got {found.detail or found.reason}"
        raise ValidationError(Problem(name, message, "Choose another entry, or save the traffic again"))
    return found


def _body(exchange: Exchange, secrets: Secrets, name: str) -> dict[str, Any]:
    if exchange.body is None:
        raise ValidationError(
            Problem(name, "must have the body of the response, got none", "Save the response again with its content")
        )
    if not is_json(exchange.media_type):
        message = f"must have a JSON response, got {exchange.media_type or 'no content type'}"
        raise ValidationError(Problem(name, message, "Save the response of the endpoint, not a web page"))
    try:
        text = secrets.body(exchange.body.decode(), exchange.media_type)
        data = json_data(text.encode())
        json.dumps(data, ensure_ascii=False).encode()
    except ValueError as error:
        problem = Problem(name, f"the body of the response must be JSON, got {error}", "Save the response again")
        raise ValidationError(problem) from None
    if not isinstance(data, dict):
        message = f"the response must be a JSON object, got {type(data).__name__}"
        raise ValidationError(Problem(name, message, "Write the document by hand, or use import for an OpenAPI file"))
    if is_deeper(data, MOST_LEVELS // 2):
        message = f"the response must be nested at most {MOST_LEVELS // 2} levels deep, got more"
        raise ValidationError(Problem(name, message, "Choose a smaller response"))
    return data


def _ids(value: Any) -> Iterator[str]:
    """Yield the values of fields that identify something."""
    if isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, str | int) and _ID_FIELD.fullmatch(key):
                yield str(member)
            yield from _ids(member)
    elif isinstance(value, list):
        for member in value:
            yield from _ids(member)


def _template(path: str, given: str | None, ids: set[str]) -> tuple[str, dict[str, str]]:
    """Return the path with its parameters in braces, and their values."""
    parts = path.split("/")
    if given is not None:
        names = given.split("/")
        values = {}
        for name, part in zip(names, parts, strict=False):
            if found := _PARAMETER.fullmatch(name):
                values[found[1]] = unquote(part)
            elif name != part:
                break
        else:
            if len(names) == len(parts) and all(map(_PYTHON_NAME.fullmatch, values)) and all(values.values()):
                return given, values
        message = f"must match the request's path {path}, with parameters in braces, got {given!r}"
        raise ValidationError(Problem("--path", message, "Write a path such as /v1/tasks/{task_id}"))
    values, made = {}, []
    for number, part in enumerate(parts):
        value = unquote(part)
        is_id = value and not _VERSION.fullmatch(value) and (value in ids or _LOOKS_LIKE_ID.fullmatch(value))
        if not is_id:
            made.append(part)
            continue
        before = re.sub(r"[^A-Za-z0-9]+", "_", parts[number - 1]).strip("_").lower() if number else ""
        base = f"{singular(before)}_id" if _PYTHON_NAME.fullmatch(before) and not _VERSION.fullmatch(before) else "id"
        name = next(each for each in (base, *(f"{base}_{count}" for count in range(2, 99))) if each not in values)
        values[name] = value
        made.append(f"{{{name}}}")
    return "/".join(made), values


def _query_parameter(name: str, value: Any) -> dict[str, Any]:
    schema = dict(INT64) if isinstance(value, int) else {"type": "string"}
    return {
        "name": name,
        "in": "query",
        "description": f"TODO: describe `{name}`.",
        "required": False,
        "schema": schema,
    }
