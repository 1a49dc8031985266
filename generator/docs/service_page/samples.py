"""Samples of a request in Python, curl and TypeScript with their output, and the recorded responses."""

from __future__ import annotations

import json
import re
import shlex
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

import attrs

from ...documents import OperationRef, Recording
from ...documents.json_pointer import WHOLE, locate, resolve, steps
from ...documents.mappings import AuthSpec, PaginationSpec, PollSpec
from ...documents.schema_view import FlatSchema, flatten
from ...errors import Problem
from ..context import BundledService, ServiceCode, SiteContext, SourceFile, StrictMapping
from ..escaping import code_of, fenced, mark_foreign, raw
from ..translation import in_english, label, say
from .provenance import of_recording
from .schemas import success_bodies

_WIDTH = 76

_SAMPLED = (("token", "oauth2"), ("basic",))
"""Credentials that samples use, the simplest first: a signature would need a library."""


def samples(context: SiteContext, bundled: BundledService, operation: OperationRef, code: ServiceCode) -> str:
    """Return tabs with the same request in Python and for curl; nothing if no 2xx response is recorded."""
    for recording in bundled.service.recordings.values():
        if recording.operation == operation.id and 200 <= recording.status < 300:
            sample = _Sample(context, bundled, operation, code, recording)
            output = fenced(sample.output())
            tabs = {
                "Python": [sample.python(), output],
                "Python, async": [sample.python(is_async=True), output],
                "curl": [sample.curl()],
                "TypeScript": [sample.typescript(), fenced(str(recording.status))],
            }
            parts = [sample.setup()]
            for title, blocks in tabs.items():
                parts += [f'=== "{title}"', *map(_indented, blocks)]
            return "\n\n".join(parts) + "\n"
    return ""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())


@attrs.frozen
class _Sample:
    """The request of a recording."""

    context: SiteContext
    bundled: BundledService
    operation: OperationRef
    code: ServiceCode
    recording: Recording

    @property
    def request(self) -> dict[str, Any]:
        """The recorded request."""
        request: dict[str, Any] = self.recording.source.data["request"]
        return request

    @property
    def variable(self) -> str:
        """The environment variable of the service's address."""
        return f"{self.context.runtime.name}_{self.bundled.name}_URL".upper()

    @property
    def credential(self) -> AuthSpec | None:
        """The token, or else the password, that the operation takes."""
        found = AuthSpec.of_requirements(self.bundled.document, self.operation.definition.get("security", ()))
        return next((each for kinds in _SAMPLED for each in found if each.method in kinds), None)

    @property
    def credential_variables(self) -> list[str]:
        """The environment variables of a credential."""
        if self.credential is None:
            return []
        names = ("USERNAME", "PASSWORD") if self.credential.method == "basic" else ("TOKEN",)
        return [f"{self.context.runtime.name}_{name}".upper() for name in names]

    @property
    def credential_class(self) -> str:
        """The class of the client's credentials."""
        return "BasicAuth" if self.credential and self.credential.method == "basic" else "Token"

    @property
    def body(self) -> FlatSchema:
        """The schema of a 2xx response."""
        return flatten(self.bundled.document, *islice(success_bodies(self.bundled.document, self.operation), 1))

    @property
    def poll(self) -> PollSpec | None:
        """The operation's `x-poll`."""
        return PollSpec.from_operation(self.operation.definition)

    @property
    def items(self) -> str | None:
        """The path of the items in the response, if the operation lists jobs."""
        pages = PaginationSpec.from_operation(self.operation.definition)
        path = (self.poll.items if self.poll else "") or (pages.items if pages else "")
        return path if path and self.body.at("*" if path == WHOLE else f"{path}.*").first("x-job") else None

    @property
    def job(self) -> str | None:
        """The path of the job in the response, if that is about one."""
        path = (self.poll.job if self.poll else "") or WHOLE
        return path if self.items is None and self.body.at(path).first("x-job") else None

    def _expression(self, variable: str, path: str) -> str:
        """Return the Python expression of a path in a response."""
        view, text = self.body, variable
        for step in steps(path):
            if isinstance(step, str):
                text += f".{self.code.fields(view.model).get(step, step)}"
            elif isinstance(step, int):
                text += f"[{step}]"
            view = view.step(step)
        return text

    def setup(self) -> str:
        """Return the set-up of the samples: the replay server, its address, and a credential if one is needed."""
        lines = [f"export {self.variable}=http://127.0.0.1:8010"]
        for variable in self.credential_variables:
            lines.append(f"export {variable}=not-a-real-{variable.rpartition('_')[2].lower()}")
        server = f"python -m {self.context.runtime.name}.testing serve"
        return (
            f"{say('Start the replay server, or set the address and token of the real service:')}\n\n"
            f"{fenced(server, 'sh')}\n\n{fenced(chr(10).join(lines), 'sh')}"
        )

    def python(self, *, is_async: bool = False) -> str:
        """Return the sample in Python, synchronous or asynchronous."""
        name, client = self.bundled.name, self.code.async_client if is_async else self.code.client
        arguments, options = self._arguments()
        header, imports = [], [client]
        if self.credential:
            values = ", ".join(f'os.environ["{variable}"]' for variable in self.credential_variables)
            options.append(f"auth={self.credential_class}({values})")
            header = ["import os", ""]
        opening = "async with" if is_async else "with"
        opened = f"{opening} {client}({', '.join(options)}) as {name}:"
        if len(opened) > _WIDTH - 4 * is_async:
            opened = "\n".join([f"{opening} {client}(", *(f"    {option}," for option in options), f") as {name}:"])
        call = f"{name}.{self.code.method(self.operation.id)}({', '.join(arguments)})"
        if is_async:
            call = f"await {call}"
        snapshot = ["snapshot = JobSnapshot.from_job(job)", "print(snapshot.id, snapshot.state)"]
        if self.items is not None:
            lines = [
                f"    page = {call}",
                f"    for job in {self._expression('page', self.items)}:",
                *(f"        {each}" for each in snapshot),
            ]
        elif self.job is not None:
            if is_async and self.job != WHOLE:
                call = f"({call})"
            lines = [f"    job = {self._expression(call, self.job)}", "", *snapshot]
        else:
            lines = [f"    response = {call}", "", "print(response)"]
        if self.items is not None or self.job is not None:
            imports = sorted([client, "JobSnapshot"])
        header.append(f"from {self.context.package} import {', '.join(imports)}")
        if self.credential:
            header.append(f"from {self.context.runtime.name}.auth import {self.credential_class}")
        body = "\n".join([f"# The address is in {self.variable}.", opened, *lines])
        if is_async:
            header = ["import asyncio", *(header or [""])]
            body = f"\nasync def main() -> None:\n{_indented(body)}\n\n\nasyncio.run(main())"
        return "```python\n" + "\n".join([*header, "", body]) + "\n```"

    def _arguments(self) -> tuple[list[str], list[str]]:
        """Return arguments of the call, and of the client."""
        call, client = [], []
        values = {
            name: value for kind in ("path", "query", "headers") for name, value in self.request.get(kind, {}).items()
        }
        for reference in self.operation.definition.get("parameters", []):
            parameter = resolve(self.bundled.document, reference["$ref"][1:])
            name = parameter["name"]
            if name in values:
                given = values[name]
                value = json.dumps(given, ensure_ascii=False) if isinstance(given, str) else str(given)
                keyword = f"{name.replace('-', '_')}={value}"
                if parameter.get("x-client-parameter"):
                    client.append(keyword)
                else:
                    call.append(value if parameter["required"] else keyword)
        return call, client

    def output(self) -> str:
        """Return the output of the Python sample: a line for the job, or for each job up to the request's limit."""
        path = self.items or self.job
        if path is None:
            return self._line(self._decoded(self.body, self.recording.body))
        found = locate(self.recording.body, path)
        view = self.body.at(path)
        if self.items is None:
            return self._line(self._decoded(view, found[1] if found else None))
        pages = PaginationSpec.from_operation(self.operation.definition)
        limit = self.request.get("query", {}).get(pages.limit if pages else None)
        rows = found[1] if found else []
        return "\n".join(self._line(self._decoded(view.items, row)) for row in rows[:limit])

    def _decoded(self, view: FlatSchema, value: Any) -> Any:
        """Return a value as the client has it."""
        if not view.model or not isinstance(value, dict):
            return value
        return getattr(self.context.import_client(f"{self.bundled.name}.models"), view.model).from_dict(value)

    def _line(self, job: Any) -> str:
        if self.items is None and self.job is None:
            return str(job)
        snapshot = self.context.import_client().JobSnapshot.from_job(job)
        return f"{snapshot.id} {snapshot.state}"

    def _target(self) -> str:
        """Return the path and query of the request."""
        target = raw(self.operation.path)
        for name, value in self.request.get("path", {}).items():
            target = target.replace(f"{{{raw(name)}}}", quote(raw(str(value)), safe=""))
        if query := {raw(name): raw(str(value)) for name, value in self.request.get("query", {}).items()}:
            target += f"?{urlencode(query)}"
        return target

    def typescript(self) -> str:
        """Return the sample in TypeScript, for Node 18 or newer, Deno, Bun and browsers."""
        given = {
            raw(name): raw(str(value)) for name, value in self.operation.definition.get("x-request-headers", {}).items()
        }
        headers = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in given.items()]
        if self.credential:
            values = [f'process.env.{variable} ?? ""' for variable in self.credential_variables]
            value = values[0] if len(values) == 1 else f"btoa(`${{{'}:${'.join(values)}}}`)"
            if self.credential.prefix:
                value = f"{json.dumps(self.credential.prefix)} + " + (f"({value})" if len(values) == 1 else value)
            headers.insert(0, f'"{raw(self.credential.header)}": {value}')
        lines = [
            f"const target = {json.dumps(self._target())}",
            f"const response = await fetch(process.env.{self.variable} + target, {{",
            *(["  headers: {", *(f"    {each}," for each in headers), "  },"] if headers else []),
            "})",
            "const job = await response.json()",
            "",
            "console.log(response.status)",
        ]
        return fenced(mark_foreign("\n".join(lines)), "ts")

    def curl(self) -> str:
        """Return the sample for curl."""
        url = self._target()
        headers = [
            _shell_word(f"{name}: {value}")
            for name, value in self.operation.definition.get("x-request-headers", {}).items()
        ]
        if self.credential and self.credential.method != "basic":
            start = f"{self.credential.header}: {self.credential.prefix}"
            headers.insert(0, _shell_word(start, after=f"${self.credential_variables[0]}"))
        options = "".join(f" \\\n  -H {header}" for header in headers)
        if self.credential and self.credential.method == "basic":
            options = f' \\\n  -u "${":$".join(self.credential_variables)}"{options}'
        return f"```sh\ncurl {_shell_word(url, before=f'${self.variable}')}{options}\n```"


_NOT_SPECIAL = re.compile(r"[\w ,./:;=?&%+@~-]*", re.ASCII)
"""Text that means itself between double quotes."""


def _shell_word(text: str, before: str = "", after: str = "") -> str:
    """Quote text as one word of a shell line in which only the variables before and after it are expanded."""
    if _NOT_SPECIAL.fullmatch(raw(text)):
        return f'"{before}{text}{after}"'
    quoted: str = mark_foreign(shlex.quote(raw(text)))
    return quoted.join(f'"{variable}"' if variable else "" for variable in (before, after))


def example_responses(bundled: BundledService, operation_id: str, problems: list[Problem]) -> list[str]:
    """Return the recordings of an operation, 2xx first. Content of a recording that is not shown becomes a problem."""
    chosen = [recording for recording in bundled.service.recordings.values() if recording.operation == operation_id]
    shown = []
    for recording in sorted(chosen, key=lambda recording: (recording.status, recording.id)):
        file = SourceFile(recording.source.data, recording.source, problems)
        with file.reading("") as whole, file.reading("/provenance") as provenance, file.reading("/request") as request:
            shown.append(_response(recording, whole, provenance, request))
    return shown


def _response(recording: Recording, whole: StrictMapping, provenance: StrictMapping, request: StrictMapping) -> str:
    for shown in ("operation", "status", "content_type", "body", "request", "provenance"):
        whole.get(shown)
    body = json.dumps(recording.body, indent=2, ensure_ascii=False) if recording.is_json else recording.text
    values = {**request.get("path", {}), **request.get("query", {}), **request.get("headers", {})}
    origin = [say("Request: {}.", ", ".join(f"`{name}` {code_of(value)}" for name, value in values.items()))]
    if "invented" in request:
        origin.append(say("Placeholder: {}.", ", ".join(f"`{name}`" for name in request.get("invented"))))
    origin.append(say("Source: {}.", f"{label(provenance.get('source'))}, {label(provenance.get('location'))}"))
    origin += [in_english(" ".join(provenance.get(key).split())) for key in ("note", "repaired") if key in provenance]
    status = say("Status {}, {}.", phrase(str(recording.status)), code_of(recording.content_type))
    parts = [
        f"#### `{recording.id}` {{ #{of_recording(recording.id)} }}",
        f"{in_english(whole.get('summary'))}. {status}",
        fenced(body, "json" if recording.is_json else "text"),
        f"<details markdown>\n<summary>{say('Request and source')}</summary>",
        " ".join(filter(None, origin)),
    ]
    if "raw" in whole:
        parts += [say("As the source has it:"), fenced(whole.get("raw"))]
    return "\n\n".join([*parts, "</details>"])


def phrase(status: str) -> str:
    """Return a status with its name."""
    if status == "default":
        return say("Any other error")
    return f"{status} {HTTPStatus(int(status)).phrase}" if status.isdecimal() else status
