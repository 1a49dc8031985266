"""The pages about all services: their comparison, in tables made from the documents, and their known issues."""

from __future__ import annotations

from collections.abc import Iterator

from ..documents.json_pointer import find, segments
from ..documents.mappings import (
    FINAL_STATES,
    STATES,
    AuthSpec,
    Header,
    JobMapping,
    PollSpec,
    TimestampMapping,
    error_mappings,
    job_mappings,
)
from ..documents.schema_view import flatten
from .context import BundledService, Page, SiteContext, rows
from .escaping import code_of
from .service_page.job_mapping import FORMATS, FORMS
from .service_page.provenance import anchor, links

_CREDENTIALS = {
    "token": "a token",
    "aksk": "a signature",
    "basic": "a user name and password",
    "oauth2": "a token of OAuth 2",
}
"""Credentials in a header, by the method of a security scheme."""


def comparison_page(context: SiteContext) -> Page:
    """Return the page that compares the services."""
    description = "The services side by side: states, final states, times, IDs, requests and errors."
    return Page.from_parts("services/index", description, _parts(context), layout="wide")


def _parts(context: SiteContext) -> Iterator[str]:
    final = [f"`{state}`" for state in FINAL_STATES]
    yield "# Services compared"
    yield (
        "Every cell is made from an OpenAPI document. The client reads all of them into one view, `JobSnapshot`, by "
        "these rules."
    )
    yield "## States"
    yield (
        f"The names of job states in each service. {', '.join(final[:-1])} and {final[-1]} are final. Any "
        "other value is an unknown state, which is not final. A state that can be resumed is final until a request "
        "resumes the job, such as a retry."
    )
    yield _states(context)
    yield "## Times"
    yield _times(context)
    yield "## IDs, children and progress"
    yield _fields(context)
    yield "## Requests"
    yield _requests(context)
    yield "## Errors"
    yield "Every status that a document describes, and the place of each part of an error in the response."
    yield _errors(context)


def _states(context: SiteContext) -> str:
    """Return a table of the values of each state, with a row for each type of job."""
    jobs = list(_jobs(context))
    used = [state for state in STATES if any(state in mapping.known_states for _, _, mapping in jobs)]
    columns = [f"{state}, final" if state in FINAL_STATES else state for state in used]
    cells = [(_job(each, schema), *(_values(mapping, state) for state in used)) for each, schema, mapping in jobs]
    return rows(("Job", *columns), cells)


def _values(mapping: JobMapping, state: str) -> str:
    values = ", ".join(code_of(text) for text in mapping.texts.get(state, ()))
    return f"{values}{'<br>can be resumed' if values and state in mapping.resumable else ''}" or "–"


def _times(context: SiteContext) -> str:
    """Return a table of the fields of start and end and their formats, with a row for each type of job."""
    cells = [
        (_job(each, schema), *(_time(each, schema, time) for time in (mapping.started, mapping.ended)))
        for each, schema, mapping in _jobs(context)
    ]
    return rows(("Job", "Started", "Ended"), cells)


def _time(each: BundledService, schema: str, time: TimestampMapping | None) -> str:
    if time is None:
        return "–"
    formats = ", else ".join(FORMATS[name] for name in time.formats)
    zone = f", a time without a zone at `{time.zone}`" if time.zone else ""
    when = "; once it is final" if time.when_terminal else ""
    return f"{_links(each, schema, time.fields)}: {formats}{zone}{when}"


def _fields(context: SiteContext) -> str:
    """Return a table of the fields of ID, children, progress and reason, with a row for each type of job."""
    cells = [
        (
            _job(each, schema),
            _links(each, schema, mapping.id),
            _links(each, schema, mapping.children, " and "),
            _progress(each, schema, mapping),
            ", ".join(
                _links(each, schema, fields)
                for fields in (mapping.reason, mapping.code)
                if fields or fields is mapping.reason
            ),
        )
        for each, schema, mapping in _jobs(context)
    ]
    return rows(("Job", "ID", "Children", "Progress", "Reason"), cells)


def _progress(each: BundledService, schema: str, mapping: JobMapping) -> str:
    if mapping.progress_of_children:
        return "mean of its children"
    if mapping.progress:
        form = FORMS[mapping.progress_format] if mapping.progress_format else f"of `{mapping.progress_full}`"
        return f"{_links(each, schema, mapping.progress)} {form}"
    if mapping.total:
        return f"{_links(each, schema, mapping.done, ' + ')} of {_link(each, schema, mapping.total)}"
    return "–"


def _requests(context: SiteContext) -> str:
    """Return a table of method, path and credentials, with a row for each operation."""
    cells = []
    for each in context.services:
        for operation in each.service.operations:
            used = AuthSpec.of_requirements(each.document, operation.definition.get("security", ()))
            headers = dict.fromkeys(f"{_CREDENTIALS[scheme.method]} in `{scheme.header}`" for scheme in used)
            job = "–"
            if poll := PollSpec.from_operation(operation.definition):
                taken = poll.argument or poll.body
                job = f"`{taken}`" if taken else f"the item with its `{poll.match}`" if poll.match else "its URL"
            name = f"[{operation.definition['summary']}]({each.name}.md#{operation.id})<br>{each.title}"
            request = f"`{operation.method.upper()} {operation.path}`"
            cells.append((name, request, " or ".join(headers) or "none documented", job))
    return rows(("Operation", "Request", "Credentials", "A job by"), cells)


def _errors(context: SiteContext) -> str:
    """Return a table of the statuses and the fields of an error, with a row for each service."""
    cells = []
    for each in context.services:
        statuses = dict.fromkeys(
            f"[{status}]({each.name}.md#{operation.id}.{status})"
            for operation in each.service.operations
            for status in operation.definition["responses"]
        )
        cells.append((f"[{each.title}]({each.name}.md)", ", ".join(statuses), *_error(each)))
    return rows(("Service", "Statuses", "Code", "Message", "Request ID"), cells)


def _error(each: BundledService) -> tuple[str, ...]:
    """Return locations of code, message and request ID: by `x-error`, or the body itself where it is a string."""
    for schema, mapping in error_mappings(each.document):
        fields = (mapping.code, mapping.message, mapping.request_id)
        return tuple(", else ".join(_entry(each, schema, entry) for entry in entries) or "–" for entries in fields)
    bodies = [
        flatten(each.document, pointer)
        for pointer, _ in find(each.document, "/paths/*/*/responses/*/content/*/schema")
        if not segments(pointer)[4].startswith("2")
    ]
    is_string = any("string" in body.types for body in bodies)
    return "–", "the body, a bare JSON string" if is_string else "–", "–"


def _entry(each: BundledService, schema: str, entry: str | Header) -> str:
    return f"header `{entry.name}`" if isinstance(entry, Header) else _link(each, schema, entry)


def _jobs(context: SiteContext) -> Iterator[tuple[BundledService, str, JobMapping]]:
    """Yield every schema of a job or of its children: the service, the schema's pointer, and its mapping."""
    for each in context.services:
        for schema, mapping in job_mappings(each.document):
            yield each, schema, mapping


def _job(each: BundledService, schema: str) -> str:
    name = schema.rpartition("/")[2]
    return f"[`{name}`]({each.name}.md#{name})<br>{each.title}"


def _links(each: BundledService, schema: str, names: tuple[str, ...], between: str = ", else ") -> str:
    return between.join(_link(each, schema, name) for name in names) or "–"


def _link(each: BundledService, schema: str, dotted: str) -> str:
    """Return a link to a field by its dotted name."""
    (pointer, *_) = flatten(each.document, schema).at(dotted).roots
    return f"[`{dotted}`]({each.name}.md#{anchor(each.document, pointer)})"


def contradictions_page(context: SiteContext) -> Page:
    """Return the list of known issues of all services; the page of each service has them in full."""
    description = "The known issues of all services: where a vendor's page contradicts itself or other evidence."
    return Page.from_parts("contradictions", description, _contradictions(context))


def _contradictions(context: SiteContext) -> Iterator[str]:
    count = sum(len(each.contradictions) for each in context.services)
    yield "# Known issues"
    yield (
        f"In {count} places the vendors' pages contradict themselves, their own examples or other evidence. Each entry "
        "leads to the fault, the remedy and the reason on the page of its service. Checks of recordings and documents "
        "verify every entry: if one is not true any more, the build fails."
    )
    for each in context.services:
        yield f"## {each.title} {{ #{each.name} }}"
        page = f"{each.name}.md"
        cells = []
        for name, entry in each.contradictions.items():
            rows_of_entry = [each.entries[row] for row in entry["rows"]]
            documents = [pattern for row in rows_of_entry for pattern in row.get("documents", [])]
            where = links(each, [*documents, *entry.get("resolution", {})], f"services/{page}")
            cells.append((f"[{entry['title']}](services/{page}#{name})", where or "–"))
        yield rows(("Known issue", "Where"), cells)
