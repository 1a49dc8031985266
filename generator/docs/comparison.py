"""Comparison of the services, in tables made from their documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs import context
from generator.docs.context import BundledService, Page, SiteContext
from generator.docs.plain_markdown import plain
from generator.docs.service_page.job_mapping import FINAL, FORMATS, STATES
from generator.docs.service_page.schema_text import anchor, code
from generator.documents.json_pointer import find, segments
from generator.documents.schema_view import flatten

_SENT = {"token": "a token", "aksk": "a signature"}
"""What a client sends, by the method of `x-auth`."""


def comparison_page(material: SiteContext) -> Page:
    """The page of comparisons."""
    text = "\n\n".join(_page(material)) + "\n"
    description = "The services side by side: states, final states, times, IDs, requests and errors."
    return Page("services/index", description, text, plain(text), layout="wide")


def _page(material: SiteContext) -> Iterator[str]:
    yield "# Services compared"
    yield (
        "Every cell is made from a document. The client reads all of them into one view, `JobSnapshot`, by these rules."
    )
    yield "## States"
    yield (
        f"What each service calls the state of a job. {_listed([f'`{state}`' for state in FINAL])} are final. A value "
        "in no column is an unknown state, and never final. A final one that may go on again lasts until somebody "
        "asks for more, such as a retry."
    )
    yield states(material, "")
    yield "## Times"
    yield times(material, "")
    yield "## IDs, parts and progress"
    yield parts(material, "")
    yield "## Requests"
    yield requests(material, "")
    yield "## Errors"
    yield "Every status that a document describes, and where the parts of an error are in its reply."
    yield errors(material, "")


def states(material: SiteContext, folder: str = "services/") -> str:
    """The values of each state, a service a row."""
    shapes = list(_shapes(material))
    words = [word for word in STATES if any(word in shape["state"] for _, _, shape in shapes)]
    return context.rows(
        ("Job", *(f"{word}, final" if word in FINAL else word for word in words)),
        [
            (
                _link(each, pointer, folder),
                *(_words(shape, word) for word in words),
            )
            for each, pointer, shape in shapes
        ],
    )


def times(material: SiteContext, folder: str = "services/") -> str:
    """Where start and end of a job are and how they are written, a kind of job a row."""
    return context.rows(
        ("Job", "Started", "Ended"),
        [
            (
                _link(each, pointer, folder),
                _time(each, pointer, shape.get("started"), folder),
                _time(each, pointer, shape.get("ended"), folder),
            )
            for each, pointer, shape in _shapes(material)
        ],
    )


def parts(material: SiteContext, folder: str = "services/") -> str:
    """Where ID, parts, progress and reason of a job are, a kind of job a row."""
    return context.rows(
        ("Job", "ID", "Parts", "Progress", "Reason"),
        [
            (
                _link(each, pointer, folder),
                _fields(each, pointer, shape["id"], folder),
                _fields(each, pointer, shape.get("children", []), folder) or "–",
                _progress(each, pointer, shape.get("progress"), folder),
                _fields(each, pointer, shape.get("reason", []), folder) or "–",
            )
            for each, pointer, shape in _shapes(material)
        ],
    )


def requests(material: SiteContext, folder: str = "services/") -> str:
    """Method, path and credentials, an operation a row."""
    lines = []
    for each in material.services:
        known = each.document["components"].get("securitySchemes", {})
        for operation in each.service.operations:
            names = [name for choice in operation.definition["security"] for name in choice]
            headers = [f"{_SENT[known[name]['x-auth']['method']]} in `{known[name]['name']}`" for name in names]
            poll = operation.definition.get("x-poll", {})
            again = f"`{poll['argument']}`" if "argument" in poll else "–"
            if "match" in poll:
                again = f"the item with its `{poll['match']}`"
            where = f"{folder}{each.name}.md#{operation.id}"
            lines.append(
                (
                    f"[{operation.definition['summary']}]({where})<br>{each.title}",
                    f"`{operation.method.upper()} {operation.path}`",
                    " or ".join(headers) or "none documented",
                    again,
                )
            )
    return context.rows(("Operation", "Request", "Credentials", "A job by"), lines)


def errors(material: SiteContext, folder: str = "services/") -> str:
    """Statuses and the parts of an error, a service a row."""
    lines = []
    for each in material.services:
        statuses = dict.fromkeys(
            f"[{status}]({folder}{each.name}.md#{operation.id}.{status})"
            for operation in each.service.operations
            for status in operation.definition["responses"]
        )
        link = f"[{each.title}]({folder}{each.name}.md)"
        lines.append((link, ", ".join(statuses), *_error(each, folder)))
    return context.rows(("Service", "Statuses", "Code", "Message", "Request ID"), lines)


def _error(each: BundledService, folder: str) -> tuple[str, ...]:
    """Where code, message and request ID are: by `x-error`, or the body itself where that is a text."""
    keys = ("code", "message", "request_id")
    for pointer, shape in find(each.document, "/components/schemas/*/x-error"):
        schema = pointer.removesuffix("/x-error")
        places = [[_part(each, schema, entry, folder) for entry in shape.get(key, [])] for key in keys]
        return tuple(", else ".join(found) or "–" for found in places)
    bodies = [
        flatten(each.document, pointer)
        for pointer, _ in find(each.document, "/paths/*/*/responses/*/content/*/schema")
        if not segments(pointer)[4].startswith("2")
    ]
    is_text = any("string" in body.types for body in bodies)
    return "–", "the body, a bare JSON string" if is_text else "–", "–"


def _shapes(material: SiteContext) -> Iterator[tuple[BundledService, str, dict[str, Any]]]:
    """Every schema that is a job or a part of one."""
    for each in material.services:
        for pointer, shape in find(each.document, "/components/schemas/*/x-job"):
            yield each, pointer.removesuffix("/x-job"), shape


def _link(each: BundledService, pointer: str, folder: str) -> str:
    name = pointer.rpartition("/")[2]
    return f"[`{name}`]({folder}{each.name}.md#{name})<br>{each.title}"


def _fields(each: BundledService, schema: str, names: str | list[str], folder: str) -> str:
    chosen = [names] if isinstance(names, str) else names
    return ", else ".join(_field(each, schema, name, folder) for name in chosen)


def _field(each: BundledService, schema: str, dotted: str, folder: str) -> str:
    """A link to a field by its dotted name."""
    (pointer, *_) = flatten(each.document, schema).at(dotted).roots
    return f"[`{dotted}`]({folder}{each.name}.md#{anchor(each.document, pointer)})"


def _words(shape: dict[str, Any], state: str) -> str:
    words = ", ".join(code(value) for value in shape["state"].get(state, []))
    again = "<br>may go on again" if words and state in shape.get("resumable", []) else ""
    return f"{words}{again}" or "–"


def _time(each: BundledService, schema: str, time: dict[str, Any] | None, folder: str) -> str:
    if time is None:
        return "–"
    written = ", else ".join(FORMATS[name] for name in time["formats"])
    zone = f", a text without zone at `{time['zone']}`" if "zone" in time else ""
    when = "; once it is final" if time.get("when") else ""
    return f"{_fields(each, schema, time['field'], folder)}: {written}{zone}{when}"


def _progress(each: BundledService, schema: str, basis: dict[str, Any] | None, folder: str) -> str:
    if basis is None:
        return "–"
    if "from" in basis:
        return "mean of its parts"
    if "of" in basis:
        return f"{_fields(each, schema, basis['field'], folder)} of `{basis['of']}`"
    done = " + ".join(_field(each, schema, name, folder) for name in basis["done"])
    return f"{done} of {_field(each, schema, basis['total'], folder)}"


def _part(each: BundledService, schema: str, entry: str | dict[str, str], folder: str) -> str:
    return _field(each, schema, entry, folder) if isinstance(entry, str) else f"header `{entry['header']}`"


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
