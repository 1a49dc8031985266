"""Samples of requests in Python and curl, and the printed output."""

from __future__ import annotations

import json
import re
import shlex
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from generator.docs.api_source import ServiceCode
from generator.docs.context import BundledService, SiteContext, client_module
from generator.docs.escaping import fenced, mark_foreign, raw
from generator.docs.service_page.schema_text import success_bodies
from generator.documents import OperationRef, Recording
from generator.documents.json_pointer import resolve
from generator.documents.schema_view import FlatSchema, flatten


def sample_output(material: SiteContext, each: BundledService, operation: OperationRef, recorded: Recording) -> str:
    """A line for the job that was asked for; or for each that was listed, as far as the request's limit goes."""
    known = vars(client_module(material, f"{each.name}.operations")).values()
    called = next(value for value in known if getattr(value, "id", None) == operation.id)
    reply = called.reply.from_dict(recorded.body)
    poll = operation.definition.get("x-poll", {})
    if "items" not in poll:
        return _line(material, reply)
    limit = operation.definition.get("x-pagination", {}).get("limit")
    rows = getattr(reply, called.poll.items)[: recorded.source.data["request"].get("query", {}).get(limit)]
    return "\n".join(_line(material, row) for row in rows)


def _line(material: SiteContext, job: Any) -> str:
    snapshot = client_module(material).JobSnapshot.from_job(job)
    return f"{snapshot.id} {snapshot.state}"


def samples(material: SiteContext, each: BundledService, operation: OperationRef, code: ServiceCode) -> str:
    """Tabs with the same request in Python and for curl, and nothing where no success is recorded."""
    recorded, package = _success(each, operation), material.package
    if recorded is None:
        return ""
    shown = fenced(sample_output(material, each, operation, recorded))
    return f"""=== "Python"

{_indented(_python(each, operation, code, package, recorded))}

{_indented(shown)}

=== "curl"

{_indented(_curl(each, operation, package, recorded))}
"""


def _success(each: BundledService, operation: OperationRef) -> Recording | None:
    chosen = [recording for recording in each.service.recordings.values() if recording.operation == operation.id]
    return next((recording for recording in chosen if 200 <= recording.status < 300), None)


def _python(each: BundledService, operation: OperationRef, code: ServiceCode, package: str, recorded: Recording) -> str:
    token = _token(each, operation)
    arguments, of_client = _arguments(each, operation, recorded)
    client = [f"{name}={value}" for name, value in of_client.items()]
    if token:
        client.append(f'auth=Token(os.environ["{package.upper()}_TOKEN"])')
    imports = [f"from {package} import {', '.join(sorted([code.client, 'JobSnapshot']))}"]
    if token:
        imports = ["import os", "", *imports, f"from {package}.auth import Token"]
    opened = f"with {code.client}({', '.join(client)}) as {each.name}:"
    if len(opened) > _WIDTH:
        opened = "\n".join([f"with {code.client}(", *(f"    {part}," for part in client), f") as {each.name}:"])
    call = f"{each.name}.{code.method(operation.id)}({', '.join(arguments)})"
    poll = operation.definition.get("x-poll", {})
    names = code.fields(_reply(each, operation).model)
    if "items" in poll:
        body, shown = (
            [f"    page = {call}", f"    for job in page.{names.get(poll['items'], poll['items'])}:"],
            "        snapshot = JobSnapshot.from_job(job)\n        print(snapshot.id, snapshot.state)",
        )
    elif _reply(each, operation).values("x-job"):
        body, shown = (
            [f"    job = {call}"],
            "\nsnapshot = JobSnapshot.from_job(job)\nprint(snapshot.id, snapshot.state)",
        )
    else:
        imports = [line.replace(", JobSnapshot", "").replace("JobSnapshot, ", "") for line in imports]
        body, shown = [f"    reply = {call}"], "\nprint(reply)"
    program = "\n".join([*imports, "", f"# The address is in {_variable(each, package)}.", opened, *body, shown])
    return f"```python\n{program}\n```"


def _curl(each: BundledService, operation: OperationRef, package: str, recorded: Recording) -> str:
    request = recorded.source.data["request"]
    path = raw(operation.path)
    for name, value in request.get("path", {}).items():
        path = path.replace(f"{{{raw(name)}}}", quote(raw(str(value)), safe=""))
    query = {raw(name): raw(str(value)) for name, value in request.get("query", {}).items()}
    url = f"{path}?{urlencode(query)}" if query else path
    headers = [_shell(f"{name}: {value}") for name, value in operation.definition.get("x-request-headers", {}).items()]
    if token := _token(each, operation):
        headers.insert(0, _shell(f"{token}: ", after=f"${package.upper()}_TOKEN"))
    options = "".join(f" \\\n  -H {header}" for header in headers)
    return f"```sh\ncurl {_shell(url, before=f'${_variable(each, package)}')}{options}\n```"


def _shell(text: str, before: str = "", after: str = "") -> str:
    """One word of a shell line, in which only the variables before and after the text are expanded."""
    if _NOT_SPECIAL.fullmatch(raw(text)):
        return f'"{before}{text}{after}"'
    variables = [f'"{variable}"' if variable else "" for variable in (before, after)]
    quoted: str = mark_foreign(shlex.quote(raw(text)))
    return quoted.join(variables)


_NOT_SPECIAL = re.compile(r"[\w ,./:;=?&%+@~-]*", re.ASCII)
"""Text that means itself between double quotes."""

_WIDTH = 76


def _arguments(each: BundledService, operation: OperationRef, recorded: Recording) -> tuple[list[str], dict[str, str]]:
    """What is given to the call, and what to the client."""
    request, call, of_client = recorded.source.data["request"], [], {}
    given = {**request.get("path", {}), **request.get("query", {}), **request.get("headers", {})}
    for reference in operation.definition.get("parameters", []):
        parameter = resolve(each.document, reference["$ref"][1:])
        name = parameter["name"]
        if name not in given:
            continue
        value = json.dumps(given[name], ensure_ascii=False) if isinstance(given[name], str) else str(given[name])
        if parameter.get("x-client-parameter"):
            of_client[name.replace("-", "_")] = value
        else:
            call.append(value if parameter["required"] else f"{name.replace('-', '_')}={value}")
    return call, of_client


def _token(each: BundledService, operation: OperationRef) -> str | None:
    """The header of the operation's token, where it takes one."""
    for requirement in operation.definition.get("security", []):
        for name in requirement:
            scheme = each.document["components"]["securitySchemes"][name]
            if scheme["x-auth"]["method"] == "token":
                return str(scheme["name"])
    return None


def _reply(each: BundledService, operation: OperationRef) -> FlatSchema:
    """The body of a success."""
    return flatten(each.document, *islice(success_bodies(each.document, operation), 1))


def _variable(each: BundledService, package: str) -> str:
    return f"{package}_{each.name}_URL".upper()


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
