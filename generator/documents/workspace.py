"""The services of a project folder: documents with their evidence and recordings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs

from ..errors import Problem, ValidationError
from .json_pointer import child
from .settings import Settings
from .strict_yaml import MOST_LEVELS, Source, load


def without_inferred(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document that contract checks use: a copy without the responses that are only inferred.

    A response for `default`, `4XX` or `5XX` would make every status of an error a documented one.
    """
    view = deepcopy(document)
    for operation in operations(view):
        responses = operation.definition["responses"]
        for status in [status for status, response in responses.items() if response.get("x-confidence") == "inferred"]:
            del responses[status]
    return view


_LONGEST_MESSAGE = 240

_BESIDE_CODE = Path(__file__).parent / "house"
HOUSE = _BESIDE_CODE if _BESIDE_CODE.is_dir() else Path(__file__).parents[2] / "openapi"
"""The folder with `STYLE.md` and `schemas/`: beside this module in the installed tool, `openapi/` in the checkout."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
"""Media types of bodies that have fields."""

_TEXTS = ("application/xml", "application/yaml", "application/javascript", "application/jsonl", "application/x-ndjson")


@attrs.frozen
class Recording:
    """One recorded response."""

    id: str
    source: Source

    @property
    def operation(self) -> str:
        """operationId of the operation that returned the response."""
        return str(self.source.data["operation"])

    @property
    def status(self) -> int:
        return int(self.source.data["status"])

    @property
    def content_type(self) -> str:
        """Media type of the response, without parameters."""
        return str(self.source.data["content_type"])

    @property
    def is_json(self) -> bool:
        """Whether the media type is JSON, or one that ends with `+json`."""
        return is_json(self.content_type)

    @property
    def text(self) -> str:
        """The body as text."""
        return str(self.source.data["body"])

    @property
    def body(self) -> Any:
        """The body, parsed if it is JSON, else as text."""
        return json.loads(self.text) if self.is_json else self.text

    @property
    def as_data(self) -> dict[str, Any]:
        """The whole recording with its body parsed. Pointers into it begin with `/body` or `/request`."""
        return {**self.source.data, "body": self.body}


@attrs.frozen
class OperationRef:
    """One method of one path."""

    path: str
    method: str
    definition: dict[str, Any]
    pointer: str

    @property
    def id(self) -> str:
        return str(self.definition["operationId"])

    @property
    def path_names(self) -> list[str]:
        """Names of the path parameters, in the order of the path."""
        return re.findall(r"\{([^{}]+)\}", self.path)

    @property
    def path_pattern(self) -> re.Pattern[str]:
        """A pattern that matches its path at the end of another path, with a group for each parameter."""
        # It is anchored only at the end: a server or a gateway may add text before the path.
        template = re.sub(r"\\\{[^{}]+?\\\}", "([^/]+)", re.escape(self.path))
        return re.compile(rf"{template}/?\Z")


@attrs.frozen(slots=False)
class Service:
    """A document, its evidence and its recordings."""

    name: str
    document: Source
    evidence: Source
    recordings: dict[str, Recording]

    @cached_property
    def operations(self) -> list[OperationRef]:
        """The operations, in the order of the document."""
        return list(operations(self.document.data))

    @property
    def is_imported(self) -> bool:
        """Whether the document was imported from a vendor's document, and has no evidence."""
        return is_imported(self.document.data)

    def operation(self, operation_id: str) -> OperationRef | None:
        """Return the operation with that operationId."""
        return next((operation for operation in self.operations if operation.id == operation_id), None)


IMPORTED = "x-imported"
"""Key of an imported document, with the name of the vendor's file."""


def is_imported(document: Any) -> bool:
    """Return whether a document was imported from a vendor's document."""
    return isinstance(document, dict) and IMPORTED in document


def operations(document: dict[str, Any]) -> Iterator[OperationRef]:
    """Yield the operations of a document, in its order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield OperationRef(path, method, item[method], child(child("/paths", path), method))


class Workspace:
    """A project folder: the documents in its `openapi/`, and its settings."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.openapi = root / "openapi"

    @cached_property
    def settings(self) -> Settings:
        """The project's settings. Raises `ValidationError` if the settings file is invalid."""
        return Settings.read(self.root)

    @cached_property
    def service_names(self) -> list[str]:
        """Names of the project's services, sorted. Raises `ValidationError` if it has no service, or lacks a
        document."""
        names = sorted(path.stem for path in self.openapi.glob("*.yaml"))
        if not names:
            others = sorted(path.name for pattern in ("*.yml", "*.json") for path in self.openapi.glob(pattern))
            remedy = "Create one with the command new SERVICE, or name another folder with --project"
            if others:
                remedy = f"Rename {others[0]} to {Path(others[0]).stem}.yaml"
            raise ValidationError(
                Problem(self.openapi, "must contain an OpenAPI document <service>.yaml, got none", remedy)
            )
        wanted = self.settings.services
        if wanted and (missing := sorted(set(wanted) - set(names))):
            message = f"services must be names of documents in openapi/, got {', '.join(missing)}"
            raise ValidationError(Problem(self.settings.file, message, f"Choose from {', '.join(names)}"))
        return sorted(set(wanted)) if wanted else names

    def select(self, names: list[str] | None) -> list[Service]:
        """Read the services with these names, or all. Raises `ValidationError` with the problems of all of them."""
        unknown = sorted(set(names or []) - set(self.service_names))
        if unknown:
            known = ", ".join(self.service_names)
            raise ValidationError(
                Problem("--services", f"must be names from {known}, got {', '.join(unknown)}", "Correct the names")
            )
        services, problems = [], []
        for name in self.service_names:
            if names is None or name in names:
                try:
                    services.append(self.read(name))
                except ValidationError as refused:
                    problems += refused.problems
        if problems:
            raise ValidationError(problems)
        return services

    def read(self, name: str) -> Service:
        """Read one service. Raises `ValidationError` if its evidence or a recording violates the schema."""
        problems: list[Problem] = []

        def read(path: Path) -> Source | None:
            try:
                return load(path)
            except ValidationError as refused:
                problems.extend(refused.problems)
                return None

        document = read(self.openapi / f"{name}.yaml")
        path = self.openapi / "evidence" / f"{name}.yaml"
        is_bare = document is not None and is_imported(document.data) and not path.exists()
        if document is not None and not is_bare and not path.exists():
            remedy = "Copy the form of the draft that the command new SERVICE writes in an empty folder"
            problems.append(Problem(path, f"must exist and contain the evidence of {name}, got no file", remedy))
            raise ValidationError(problems)
        evidence = Source(path, _no_evidence(name), {}) if is_bare else read(path)
        if evidence and not is_bare:
            problems += self.violations("evidence", evidence)
        recordings = {}
        for path in sorted((self.openapi / "recordings" / name).glob("*")):
            if path.suffix != ".yaml":
                problems.append(Problem(path, "must be a recording <id>.yaml, got another name", "Rename or remove it"))
            elif source := read(path):
                broken = self.violations("recording", source)
                recording = Recording(path.stem, source)
                problems += broken or _unreadable_body(recording)
                recordings[recording.id] = recording
        if document and not isinstance(document.data, dict):
            problems.append(
                document.problem(
                    "",
                    "must be an OpenAPI document, got a list or scalar",
                    "Write a mapping with openapi, info and paths",
                )
            )
        if problems or document is None or evidence is None:
            raise ValidationError(problems)
        return Service(name, document, evidence, recordings)

    @cached_property
    def schemas(self) -> dict[str, dict[str, Any]]:
        """The JSON Schemas of evidence, recordings and extensions, by name."""
        return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (HOUSE / "schemas").glob("*.json")}

    def violations(self, schema: str, source: Source) -> list[Problem]:
        """Return a problem for each value of a file that violates a schema of `openapi/schemas/`."""
        return [
            source.problem(pointer, f"must match the schema: {message}", f"See openapi/schemas/{schema}.json")
            for pointer, message in violations(self.schemas[schema], source.data)
        ]


def _no_evidence(service: str) -> dict[str, Any]:
    """Return the evidence of an imported document."""
    return {"service": service, "rows": [], "observed": [], "facts": [], "contradictions": []}


def violations(schema: Any, data: Any) -> list[tuple[str, str]]:
    """Return pointer and message of each violation of a JSON Schema."""
    validator = jsonschema_rs.Draft202012Validator(schema)
    found = []
    for error in validator.iter_errors(data):
        pointer = ""
        for key in error.instance_path:
            pointer = child(pointer, key)
        found.append((pointer, short(error.message)))
    return found


def short(message: str) -> str:
    """Return a validator's message on one line, shortened because it may quote a whole document."""
    line = " ".join(message.split()).rstrip(".")
    return (
        line if len(line) <= _LONGEST_MESSAGE else f"{line[: _LONGEST_MESSAGE // 2]} … {line[-_LONGEST_MESSAGE // 2 :]}"
    )


def _unreadable_body(recording: Recording) -> list[Problem]:
    if not recording.is_json:
        return []
    try:
        if is_deeper(json.loads(recording.text, parse_constant=_no_constant), MOST_LEVELS):
            raise RecursionError
    except RecursionError:
        message = f"must be nested at most {MOST_LEVELS} levels deep, got more"
        return [recording.source.problem("/body", message, "Shorten it, and keep the original under raw")]
    except ValueError as error:
        return [
            recording.source.problem(
                "/body", f"must be valid JSON, got an error: {error}", "Repair it, and keep the original under raw"
            )
        ]
    return []


def is_deeper(value: Any, levels: int) -> bool:
    """Return whether a value has more levels of nesting than that, without recursion."""
    inner = [value]
    for _ in range(levels):
        inner = [
            part
            for each in inner
            if isinstance(each, dict | list)
            for part in (each.values() if isinstance(each, dict) else each)
        ]
    return any(isinstance(part, dict | list) for part in inner)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def essence(media_type: str) -> str:
    """Return the media type in lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Return whether a media type is JSON, or ends with `+json`."""
    return essence(media_type) == "application/json" or essence(media_type).endswith("+json")


def is_text(media_type: str) -> bool:
    """Return whether a media type is text other than JSON."""
    kind = essence(media_type)
    return kind.startswith("text/") or kind in _TEXTS or kind.endswith("+xml")


def preferred(content: Iterable[str]) -> str:
    """Return the media type that a client uses: the first that is JSON, else a form, else text, else the first."""
    names = list(content)
    for is_kind in (
        lambda name: essence(name) == "application/json",
        is_json,
        lambda name: essence(name) in FORMS,
        is_text,
    ):
        if found := next((name for name in names if is_kind(name)), None):
            return found
    return names[0]
