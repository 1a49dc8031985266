"""Provenance: anchors, evidence and contradictions of each statement, and the evidence row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ...documents.json_pointer import PointerNotFound, find, segments
from ...documents.mappings import STATES
from ..context import BundledService, SourceFile, StrictMapping, rows
from ..escaping import code_of
from ..translation import label, say
from .job_mapping import names_of

CONFIDENCE = {
    "documented": "a row of the vendor's page states it",
    "observed": "recorded responses or the vendor's other publications show it",
    "inferred": "derived from the rest, without direct evidence",
}


def mark(confidence: str | None) -> str:
    """Return the HTML of a confidence, shown beside a statement; empty without a confidence."""
    return f'<span class="confidence {confidence}">{say(confidence)}</span>' if confidence else ""


def support(bundled: BundledService, mapping: StrictMapping) -> str:
    """Return the evidence of a statement: each id with its section of the page, or its confidence."""
    parts = []
    for name in mapping.get("x-evidence", []):
        if entry := bundled.entries.get(name):
            section = entry.get("section")
            origin = label(section) if section else say(entry.get("confidence") or "recorded responses")
            parts.append(f"[`{name}`]({bundled.english}#{name}) ({origin})")
    return say("Evidence: {}", ", ".join(parts)) if parts else ""


def known_issues(bundled: BundledService, mapping: StrictMapping) -> Iterator[str]:
    """Yield a line with links to the known issues that concern a statement."""
    found = [f"[{bundled.contradictions[name]['title']}](#{name})" for name in mapping.get("x-contradictions", [])]
    if found:
        yield f"{say('Known issue: {}', '; '.join(found))}\n{{: .known }}"


def issue(bundled: BundledService, entry: StrictMapping) -> Iterator[str]:
    """Yield a contradiction as a known issue: fault, remedy, and a folded block of the reason and its evidence."""
    yield f"#### {entry.get('title')} {{ #{entry.get('id')} }}"
    yield one_line(entry.get("consequence"))
    yield f"<details markdown>\n<summary>{say('Reason and evidence')}</summary>"
    yield "\n".join(_reason(bundled, entry))
    yield "</details>"


def _reason(bundled: BundledService, entry: StrictMapping) -> Iterator[str]:
    for key, title in (("page", "The page says"), ("other", "Other evidence"), ("decision", "Decision")):
        confidence = f" {mark(entry.get('confidence'))}" if key == "decision" else ""
        yield f"- **{say(title)}:** {one_line(entry.get(key))}{confidence}".rstrip()
    named = [bundled.entries[row] for row in entry.get("rows")]
    documents = [pattern for row in named for pattern in row.get("documents", [])]
    if found := links(bundled, [*documents, *entry.get("resolution", {})]):
        yield f"- **{say('Where')}:** {found}"
    if named:
        linked_rows = [f"[`{row['id']}`]({bundled.english}#{row['id']})" for row in named]
        yield f"- **{say('Rows')}:** {', '.join(linked_rows)}"
    subjects = [
        f"`{each['recording']}`" if "recording" in each else say("the document") for each in entry.get("checks")
    ]
    checks = [f"{subject} ({subjects.count(subject)})" for subject in dict.fromkeys(subjects)]
    yield f"- **{say('Verified by')}:** {', '.join(checks)}"
    if "explains" in entry:
        findings = [
            say("{} breaks {}", f"`{each['recording']}`", f"`{each['rule']}`") for each in entry.get("explains")
        ]
        yield f"- **{say('Explains')}:** {', '.join(findings)}"


def one_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def links(bundled: BundledService, patterns: Iterable[str], page: str = "") -> str:
    """Return links to the statements at patterns of pointers, on the page of the service."""
    found = [pointer for pattern in patterns for pointer, _ in find(bundled.service.document.data, pattern)]
    names = dict.fromkeys(anchor(bundled.document, pointer) for pointer in found)
    return ", ".join(f"[`{name}`]({page}#{name})" for name in names if name)


def anchor(document: dict[str, Any], pointer: str) -> str:
    """Return the anchor of a pointer of the document, or of the nearest one around it."""
    match segments(pointer):
        case ["components", "schemas", name, "properties", field, *_]:
            return f"{name}.{field}"
        case ["components", "schemas", name, *_]:
            return name
        case ["components", "headers", name, *_]:
            return f"header.{name}"
        case ["components", "securitySchemes", name, *_]:
            return f"scheme.{name}"
        case ["components", "parameters", name, *_]:
            return _parameter_anchor(document, name)
        case ["paths", path, method, *rest]:
            if "*" in (path, method):
                path, item = next(iter(document["paths"].items()))
                method = next(iter(item))
            operation = str(document["paths"][path][method]["operationId"])
            match rest:
                case ["responses", name, *_] if name != "*":
                    return f"{operation}.{name}"
                case ["x-request-headers", name]:
                    return f"{operation}.{name}"
            return operation
        case ["servers", index, *_]:
            return "server" if index == "0" else f"server.{index}"
    return ""


def of_recording(name: str) -> str:
    """Return the anchor of a recording."""
    return f"recording.{name}"


def _parameter_anchor(document: dict[str, Any], name: str) -> str:
    """Return the anchor of a parameter, which is in the first of the operations that have it."""
    pointer = f"/components/parameters/{name}"
    for path in document["paths"].values():
        for operation in path.values():
            if pointer in [each["$ref"][1:] for each in operation.get("parameters", [])]:
                return f"{operation['operationId']}.{name}"
    raise PointerNotFound(name)


def evidence(bundled: BundledService, file: SourceFile) -> Iterator[str]:
    """Yield the entries of the evidence file; its contradictions are the known issues."""
    with file.reading("") as whole:
        whole.get("service")
        whole.get("contradictions")
        yield "## Evidence { #evidence }"
        with file.reading(whole.at("page")) as page:
            # Data for the comparison of pages, in the evidence file.
            page.get("fingerprints", None)
            yield (
                f"Every row of “{page.get('title')}” ({page.get('edition')}), with its place in the document. "
                f"SHA-256 of the page: `{page.get('sha256')}`. "
                f"All of it is in [the evidence file](../evidence/{bundled.name}.yaml). "
                + "; ".join(f"{mark(word)}: {meaning}" for word, meaning in CONFIDENCE.items())
                + "."
            )
        yield rows(("Row", "On the page", "States", "In the document"), _rows(bundled, file, whole.keys_of("rows")))
        if pointers := whole.keys_of("observed"):
            yield "### Seen in recorded responses only"
            yield rows(("Entry", "Seen in", "States", "In the document"), _rows(bundled, file, pointers))
        if pointers := whole.keys_of("facts"):
            yield "### Known from other sources"
            yield rows(("Fact", "Confidence", "States", "Origin", "Supports"), _facts(bundled, file, pointers))
        if pointers := whole.keys_of("interpretations"):
            yield "### How a job is read"
            yield from interpretations(file, pointers)


def _rows(bundled: BundledService, file: SourceFile, pointers: list[str]) -> Iterator[tuple[str, ...]]:
    for pointer in pointers:
        with file.reading(pointer) as row:
            observed = [f"`{each['recording']}` at `{each['pointer']}`" for each in row.get("observed_in", [])]
            if "rejected_by" in row:
                name = row.get("rejected_by")
                documents = f"rejected: [{bundled.contradictions[name]['title']}](#{name})"
            else:
                documents = links(bundled, row.get("documents"))
            yield _id(row), row.get("section") or ", ".join(observed), _columns(row), documents


def _facts(bundled: BundledService, file: SourceFile, pointers: list[str]) -> Iterator[tuple[str, ...]]:
    for pointer in pointers:
        with file.reading(pointer) as fact:
            seen = f" (seen on {fact.get('seen')})" if "seen" in fact else ""
            texts = [fact.get("confidence"), fact.get("statement"), f"{linked(fact.get('origin'))}{seen}"]
            yield _id(fact), *texts, links(bundled, fact.get("supports"))


_ADDRESS = re.compile(
    r"(?P<address>https://[\w./#%+~-]*[\w/])"
    r"|\b(?P<path>[\w-]+(?:/[\w.-]+)*/[\w.-]+\.\w+) of (?P<of>github\.com/[\w-]+/[\w-]+)"
    r"|\b(?P<repository>github\.com/[\w-]+/[\w-]+)"
)


def linked(text: str) -> str:
    """Return the text with links at its `https` addresses, public repositories and files of those."""

    def link(found: re.Match[str]) -> str:
        if found["path"]:
            return f"[{found['path']}](https://{found['of']}/blob/HEAD/{found['path']}) of {found['of']}"
        address = found["address"] or f"https://{found['repository']}"
        return f"[{found[0]}]({address})"

    return _ADDRESS.sub(link, text)


def _id(entry: StrictMapping) -> str:
    name = entry.get("id")
    return f'<a id="{name}"></a>`{name.partition(".")[2]}`'


def _columns(row: StrictMapping) -> str:
    """Return the columns that a row has."""
    parts = [f"{row.get('kind')} {code_of(row.get('name'))}"]
    if "type" in row:
        parts.append(f"type “{row.get('type')}”")
    if "component" in row:
        parts.append(f"which is `{row.get('component')}`")
    if "mandatory" in row:
        parts.append("mandatory" if row.get("mandatory") else "optional")
    if "values" in row:
        parts.append(f"{'such as' if row.get('open') else 'values'} {', '.join(map(code_of, row.get('values')))}")
    parts += [f"{key} {code_of(row.get(key))}" for key in ("default", "minimum", "maximum") if key in row]
    return ", ".join(parts) + (f". {row.get('note')}" if "note" in row else "")


def interpretations(file: SourceFile, pointers: list[str]) -> Iterator[str]:
    """Yield each interpretation: its statement, and a table of the expected values."""
    for pointer in pointers:
        with file.reading(pointer) as entry:
            name = entry.get("id")
            statement = f"({entry.get('confidence')}). {entry.get('statement')}"
            yield f'<a id="{name}"></a>`{name.partition(".")[2]}` {statement}'
            if "expect" in entry:
                with file.reading(entry.at("expect")) as expected:
                    yield rows(("Field", "Pointer", "Examples"), _expected(file, expected))
            if "examples" in entry:
                yield rows(("Fields", "The job"), list(map(_example, entry.get("examples"))))
            yield f"{_subject(file, entry)} Known from: {entry.get('origin')}."


def _subject(file: SourceFile, entry: StrictMapping) -> str:
    recording, job = entry.get("recording"), entry.get("job")
    base = f", relative to `{job}`" if job else ""
    text = f"Pointers are those of [`{recording}`](#{of_recording(recording)}){base}."
    if "id_parameter" in entry:
        text += f" A job is queried with `{entry.get('id_parameter')}`."
    if "pagination" in entry:
        with file.reading(entry.at("pagination")) as spec:
            names = [f"{key} `{spec.get(key)}`" for key in ("offset", "limit", "items", "count") if key in spec]
        text += f" It is a page of a listing: {', '.join(names)}."
    return text


def _expected(file: SourceFile, expected: StrictMapping) -> Iterator[tuple[str, str, str]]:
    with file.reading(expected.at("state")) as state:
        values = [f"{name}: {', '.join(map(code_of, state.get(name)))}" for name in STATES if name in state]
        yield "state", names_of(state.get("pointer")), "; ".join(values)
    for key in ("id", "reason", "children", "started", "ended"):
        if key in expected:
            with file.reading(expected.at(key)) as field:
                examples = [
                    f"{code_of(each['value'])} is {each['equals'] or 'none'}" for each in field.get("examples", [])
                ]
                when = ", once the job is final" if field.get("when") else ""
                yield f"{key}{when}", names_of(field.get("pointer")), "; ".join(examples)
    if "progress" in expected:
        yield "progress", "", "; ".join(map(_progress_example, expected.get("progress")))
    if "resumable" in expected:
        yield "can be resumed", "", ", ".join(expected.get("resumable"))


def _example(example: dict[str, Any]) -> tuple[str, str]:
    changes = [f"`{pointer}` {code_of(value)}" for pointer, value in example.get("set", {}).items()]
    changes += [f"no `{pointer}`" for pointer in example.get("drop", ())]
    return ", ".join(changes) or "as recorded", ", ".join(
        f"{key} {'none' if value is None else code_of(value)}" for key, value in example["equals"].items()
    )


def _progress_example(example: dict[str, Any]) -> str:
    values = " and ".join(f"`{pointer}` {code_of(value)}" for pointer, value in example["set"].items())
    return f"with {values}: {'none' if example['equals'] is None else example['equals']}"
