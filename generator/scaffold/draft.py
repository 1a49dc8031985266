"""A draft of a service: its files, completed with evidence until the checks accept them."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs
import yaml

from ..contract import Contracts, check_contradictions, check_recordings, exchange_from_recording
from ..documents import Service, Workspace, lint
from ..documents.json_pointer import child
from ..errors import Problem, ValidationError
from ..evidence import trace
from ..evidence.traceability import claims
from .inference import Components, JobFields, class_name, find_job, singular, states

RECORDING = "first-response"
"""The id of the draft's recording."""
_HEADS = {
    "document": "Drafted by `{program} new`. Replace each TODO, and compare each statement with its source.",
    "evidence": "Drafted by `{program} new`. Replace `{service}.fact.draft`, which supports statements without a row.",
    "recording": "Drafted by `{program} new`. Look for confidential values before you commit it.",
}
_ERROR = {
    "description": "TODO: describe the error.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}},
}
_UNSURE = ("type", "mandatory", "values", "open", "default", "minimum", "maximum")
"""Keys of a row that become a note if the document cannot agree with them."""


@attrs.define
class Draft:
    """The knowledge of a service that its files are made from."""

    service: str
    path: str
    """Path of the operation, with its parameters in braces."""
    root: str
    """Name of the component that is the response."""
    components: dict[str, dict[str, Any]]
    body: dict[str, Any]
    """The recorded response."""
    request: dict[str, Any]
    """The recorded request, as in a recording."""
    provenance: dict[str, Any]
    page: dict[str, str]
    confidence: str
    """Confidence of the response: documented or observed."""
    parameters: list[dict[str, Any]] = attrs.field(factory=list)
    rows: list[dict[str, Any]] = attrs.field(factory=list)
    """Rows of the evidence, without the row of the operation."""
    errors: list[str] = attrs.field(factory=list)
    """Statuses of errors that the page names."""
    headers: dict[str, str] = attrs.field(factory=dict)
    """Headers that each request has."""
    token_header: str | None = None
    """The header that takes a token."""
    status: int = 200
    media_type: str = "application/json"
    state_values: list[str] = attrs.field(factory=list)
    """Values of the state that are known besides the recorded one."""

    @property
    def knows_states(self) -> bool:
        """Whether a value of a state is known: named by the page, or in a response that is not invented."""
        return bool(self.state_values) or "note" not in self.provenance

    @property
    def title(self) -> str:
        """The name of the service for readers."""
        return self.service.replace("_", " ").capitalize()

    @property
    def operation_id(self) -> str:
        """`getTask` for `/v1/tasks/{task_id}`, `listTasks` for `/v1/tasks`."""
        parts = [part for part in self.path.split("/") if part]
        named = next((part for part in reversed(parts) if not part.startswith("{")), self.service)
        is_one = bool(parts) and parts[-1].startswith("{")
        return f"get{class_name(singular(named))}" if is_one else f"list{class_name(named)}"

    @property
    def summary(self) -> str:
        """The summary of the operation: `Get a task`."""
        verb, *words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.operation_id).lower().split()
        return f"{verb.capitalize()} {'a ' if verb == 'get' else ''}{' '.join(words)}"


Validate = Callable[[Path], object]
"""A function that raises `ValidationError` for a project folder that the commands would refuse."""


def files_of(draft: Draft, program: str, validate: Validate) -> dict[str, str]:
    """Return the files of a draft by their paths in `openapi/`.

    Args:
        program: The program, as comments in the files name it.
        validate: The checks of the commands, called with a project folder.

    Raises:
        ValidationError: The checks refuse each form of the draft. Names the problems of the simplest form.
    """
    job = find_job(draft.body, map(str, draft.request["path"].values())) if draft.knows_states else None
    if job and job.items is None and "invented" in draft.request and not _argument(draft, job):
        # The page does not say which job its example is.
        *_, last = draft.request["path"]
        draft.request["path"][last] = _value(draft, job, job.id)
    forms = [(job, True), (job, False), (None, False)] if job else [(None, False)]
    problems: list[Problem] = []
    for mapping, polls in forms:
        try:
            return _completed(draft, mapping, polls, program, validate)
        except ValidationError as refused:
            problems = refused.problems
    raise ValidationError(problems)


def _completed(draft: Draft, job: JobFields | None, polls: bool, program: str, validate: Validate) -> dict[str, str]:
    document, evidence = _document(draft, job, polls), _evidence(draft, job, polls)
    recording = {
        "summary": f"A response of {draft.operation_id}",
        "operation": draft.operation_id,
        "request": draft.request,
        "status": draft.status,
        "content_type": draft.media_type,
        "provenance": draft.provenance,
        "body": json.dumps(draft.body, indent=2, ensure_ascii=False) + "\n",
    }
    name = draft.service
    with tempfile.TemporaryDirectory(prefix="draft-") as folder:
        project = Path(folder)
        # A repair can make other facts and rows incomplete, so the checks run again.
        for _ in range(len(_UNSURE) + 2):
            files = {
                f"{name}.yaml": _yaml(document, "document", name, program),
                f"evidence/{name}.yaml": _yaml(evidence, "evidence", name, program),
                f"recordings/{name}/{RECORDING}.yaml": _yaml(recording, "recording", name, program),
            }
            service, problems = _checked(project, name, files, validate)
            if not problems:
                return files
            if not service or not _repair(service, evidence, problems):
                break
    raise ValidationError([attrs.evolve(problem, file=_relative(problem, project)) for problem in problems])


def _relative(problem: Problem, project: Path) -> str:
    """Name a file of the draft as it would be in the project."""
    return str(problem.file).replace(f"{project}/", "draft of ")


def _checked(
    project: Path, name: str, files: dict[str, str], validate: Validate
) -> tuple[Service | None, list[Problem]]:
    """Read a draft, and return it with the problems that the commands would have with it."""
    for path, text in files.items():
        file = project / "openapi" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    workspace = Workspace(project)
    try:
        service = workspace.read(name)
    except ValidationError as refused:
        return None, refused.problems
    problems = lint(workspace, service) or check_recordings(service) or check_contradictions(service)
    if problems:
        return None, problems
    if problems := trace(service).problems:
        return service, problems
    try:
        validate(project)
    except ValidationError as refused:
        return None, refused.problems
    contracts = Contracts.from_services([service])
    return service, [
        Problem(
            finding.source,
            f"{finding.rule}: must be {finding.expected}, got {finding.actual}",
            "Correct the schema in the draft",
        )
        for recording in service.recordings.values()
        for finding in contracts.check(exchange_from_recording(service, recording))
    ]


def _repair(service: Service, evidence: dict[str, Any], problems: list[Problem]) -> bool:
    """Add evidence for claims without it, and move disputed keys of rows into notes. Returns whether it changed any."""
    before = deepcopy(evidence)
    supports = evidence["facts"][0]["supports"]
    rows = {row["id"]: row for row in evidence["rows"]}
    for problem in problems:
        # The problem has a pointer of the document, and its message begins with the id of the row.
        row = rows.get(problem.message.partition(":")[0], {})
        if key := next((key for key in _UNSURE if key in row), None):
            row["note"] = "; ".join([*([row["note"]] if "note" in row else []), f"{key}: {row.pop(key)}"])
    report = trace(service)
    for pointer, value in claims(service.document.data).items():
        if pointer not in report.support:
            supports[pointer] = value
    return evidence != before


def _document(draft: Draft, job: JobFields | None, polls: bool) -> dict[str, Any]:
    tag = draft.service
    reference = {"$ref": f"#/components/schemas/{draft.root}"}
    response: dict[str, Any] = {
        "description": "TODO: describe the response.",
        "content": {draft.media_type: {"schema": reference}},
        "x-recordings": [RECORDING],
    }
    if draft.confidence != "documented":
        response["x-confidence"] = draft.confidence
    operation: dict[str, Any] = {
        "operationId": draft.operation_id,
        "summary": draft.summary,
        "description": "TODO: describe the operation.",
        "tags": [tag],
        "parameters": [{"$ref": f"#/components/parameters/{each['name']}"} for each in draft.parameters],
        "responses": {str(draft.status): response, **{status: deepcopy(_ERROR) for status in draft.errors}},
        "security": [{"token": []}] if draft.token_header else [],
        "x-request-headers": draft.headers,
    }
    if not draft.headers:
        del operation["x-request-headers"]
    if not draft.parameters:
        del operation["parameters"]
    components: dict[str, Any] = {"schemas": deepcopy(draft.components)}
    if draft.errors:
        body = {"description": "TODO: describe the body of an error.", "type": "object", "additionalProperties": True}
        components["schemas"].setdefault("Failure", body)
    if draft.parameters:
        components = {"parameters": {each["name"]: each for each in draft.parameters}, **components}
    if draft.token_header:
        scheme = {"type": "apiKey", "description": "TODO: describe the token.", "in": "header"}
        components["securitySchemes"] = {"token": {**scheme, "name": draft.token_header, "x-auth": {"method": "token"}}}
    if job is not None:
        mapping = {"id": ".".join(job.id), "state": {"field": ".".join(job.state), **_states(draft, job)}}
        components["schemas"][_job_component(draft, job)]["x-job"] = mapping
        if polls and (poll := _poll(draft, job)):
            operation["x-poll"] = poll
            if job.items is not None:
                operation["x-pagination"] = {"items": job.items}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": draft.title,
            "version": "0.1.0",
            "summary": f"Jobs of {draft.title.lower()}",
            "description": "TODO: describe the service.",
        },
        "servers": [
            {
                "url": "https://{endpoint}",
                "description": "The address of the service.",
                "variables": {"endpoint": {"default": f"{draft.service.replace('_', '-')}.example.com"}},
            }
        ],
        "tags": [{"name": tag, "description": f"{draft.title}."}],
        "paths": {draft.path: {"get": operation}},
        "components": components,
    }


def _job_component(draft: Draft, job: JobFields) -> str:
    if job.items is None:
        return draft.root
    items = draft.components[draft.root]["properties"][job.items]["items"]
    return str(items["$ref"]).rpartition("/")[2]


def _job(draft: Draft, job: JobFields) -> dict[str, Any]:
    found: dict[str, Any] = draft.body if job.items is None else draft.body[job.items][0]
    return found


def _value(draft: Draft, job: JobFields, path: tuple[str, ...]) -> str:
    value: Any = _job(draft, job)
    for name in path:
        value = value[name]
    return str(value)


def _states(draft: Draft, job: JobFields) -> dict[str, list[str]]:
    return states([*draft.state_values, _value(draft, job, job.state)])


def _poll(draft: Draft, job: JobFields) -> dict[str, str] | None:
    """Return the `x-poll` of the operation: a parameter of its path, or a list."""
    if job.items is not None:
        return {"items": job.items, "match": ".".join(job.id)}
    argument = _argument(draft, job)
    return {"argument": argument} if argument else None


def _argument(draft: Draft, job: JobFields) -> str | None:
    """Return the path parameter with the job's ID."""
    if job.items is not None:
        return None
    value = _value(draft, job, job.id)
    return next((name for name, given in draft.request["path"].items() if given == value), None)


def _evidence(draft: Draft, job: JobFields | None, polls: bool) -> dict[str, Any]:
    name = draft.service
    origin = draft.provenance["location"]
    operation = {
        "id": f"{name}.operation",
        "section": draft.rows[0]["section"] if draft.rows else "Request",
        "kind": "operation",
        "name": f"GET {draft.path}",
        "documents": [child(child("/paths", draft.path), "get")],
    }
    evidence: dict[str, Any] = {
        "service": name,
        "page": draft.page,
        "rows": [operation, *deepcopy(draft.rows)],
        "observed": [],
        "facts": [
            {
                "id": f"{name}.fact.draft",
                "confidence": draft.confidence,
                "origin": origin,
                "statement": "TODO: say where each of these statements comes from.",
                "supports": {child(child("/paths", draft.path), "get"): "present"},
            }
        ],
    }
    if job is not None:
        interpretation: dict[str, Any] = {
            "id": f"{name}.interpretation.job",
            "confidence": draft.confidence,
            "origin": origin,
            "statement": "TODO: say what each value of the state means. Those that no source has are guesses.",
            "recording": RECORDING,
            "job": "" if job.items is None else f"/{job.items}/0",
        }
        if polls and (argument := _argument(draft, job)):
            interpretation["id_parameter"] = argument
        if polls and job.items is not None:
            interpretation["pagination"] = {"items": child("", job.items)}
        interpretation["expect"] = {
            "id": {"pointer": child("", *job.id)},
            "state": {"pointer": child("", *job.state), **_states(draft, job)},
        }
        evidence["interpretations"] = [interpretation]
    return {**evidence, "contradictions": []}


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as blocks, lists indented below their key, and no aliases."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def _yaml(data: dict[str, Any], kind: str, service: str, program: str) -> str:
    head = _HEADS[kind].format(program=program, service=service)
    return f"# {head}\n\n" + str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def create(files: dict[Path, str]) -> None:
    """Write new files, all of them or none.

    Raises:
        ValidationError: A file exists already, or cannot be written.
    """
    taken = [file for file in files if file.exists() or file.is_symlink()]
    if taken:
        message = "must not exist, got an existing file"
        remedy = "Choose another name for the service, or remove the file"
        raise ValidationError([Problem(file, message, remedy) for file in taken])
    made: list[Path] = []
    try:
        for file, text in files.items():
            for folder in reversed(file.parents):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
            with file.open("x", encoding="utf-8", newline="\n") as opened:
                made.append(file)
                opened.write(text)
    except OSError as error:
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        problem = Problem(file, f"cannot be written ({error.strerror})", "Name a project folder that can be written")
        raise ValidationError(problem) from None


NO_PAGE = {"edition": "TODO: which edition of the page this is", "sha256": "0" * 64}
"""The key `page` of the evidence of a draft that was made without a page."""


def path_parameter(name: str) -> dict[str, Any]:
    """Return the OpenAPI parameter of a placeholder in a path: a string that is not empty."""
    schema = {"type": "string", "minLength": 1}
    return {
        "name": name,
        "in": "path",
        "description": f"TODO: describe `{name}`.",
        "required": True,
        "schema": schema,
    }


def empty_draft(service: str) -> Draft:
    """Return a draft of one job by its ID, with invented names and values."""
    components = Components()
    body = {"job_id": "job-1", "status": "RUNNING", "progress": 40}
    components.of_object("Job", [body])
    section = "TODO: heading of the page"
    rows: list[dict[str, Any]] = [
        {
            "id": f"{service}.path.job_id",
            "section": section,
            "kind": "path",
            "name": "job_id",
            "type": "String",
            "mandatory": True,
            "documents": ["/components/parameters/job_id"],
        }
    ]
    for name, type_ in (("job_id", "String"), ("status", "String"), ("progress", "int64")):
        pointer = f"/components/schemas/Job/properties/{name}"
        row = {"id": f"{service}.field.{name}", "section": section, "kind": "field", "name": name}
        rows.append({**row, "type": type_, "documents": [pointer]})
    rows.append(
        {
            "id": f"{service}.status.200",
            "section": section,
            "kind": "status",
            "name": "200",
            "documents": ["/paths/*/get/responses/200"],
        }
    )
    path = f"/v1/{service.replace('_', '-')}/{{job_id}}"
    return Draft(
        service=service,
        path=path,
        root="Job",
        components=components.schemas,
        body=body,
        request={"path": {"job_id": "job-1"}},
        provenance={"source": "page", "location": section, "note": "Invented: put a real response in its place."},
        page={"title": "TODO: title of the page", **NO_PAGE},
        confidence="documented",
        parameters=[path_parameter("job_id")],
        rows=rows,
        state_values=["PENDING", "RUNNING", "SUCCEEDED", "FAILED"],
    )
