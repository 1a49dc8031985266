"""Placeholders of a page, which show data of documents and committed figures in hand-written prose; their tables.

A placeholder is a separate line with a kind and words:

    {{ diagram: flow }}
    {{ table: services }}

Expressions, conditions and includes do not exist. A placeholder in a fenced block (``` or ~~~) stays as it is.

To add a diagram or a table, add a function to `DIAGRAMS` (`diagrams.py`) or `TABLES`; to add a kind, a function to
`KINDS`. For words that it does not know, it raises `LookupError` with a message and a hint; the error names file and
line. A block of HTML is one element without an empty line in it, and takes its colours from `theme/assets/site.css`.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs

from ..errors import Problem, ValidationError
from .context import SiteContext, documents_table, figures, figures_file, hosts_table, rows, service_table
from .diagrams import diagram
from .escaping import Fence, mark_foreign


def scoreboard(context: SiteContext) -> str:
    """Return a table of the faulty recordings that each tool detects, and of its false alarms."""
    data = figures(context.root, "scoreboard")
    faults, tools = data["faults"], data["tools"].values()
    cells = [
        # The name of a fault is `service--what-is-wrong`.
        (
            fault.partition("--")[2].replace("-", " "),
            *("missed" if fault in tool["missed"] else "found" for tool in tools),
        )
        for fault in faults
    ]
    cells.append((f"**of {len(faults)}**", *(f"**{len(faults) - len(tool['missed'])}**" for tool in tools)))
    cells.append(
        (f"false alarms, of {len(data['sound'])} sound ones", *(str(len(tool["false_alarms"])) for tool in tools))
    )
    cells.append(("version", *(tool["version"] for tool in tools)))
    return rows(("A recording with", *(f"`{name}`" for name in data["tools"])), cells)


def other_tools(context: SiteContext) -> str:
    """Return a table for each group of tools that read our documents: their results before and after changes."""
    tables, found = [], figures(context.root, "tools")["rows"]
    for group in dict.fromkeys(row["group"] for row in found):
        cells = [
            (f"{row['tool']} {row['version']}", row["checks"], row["before"], row["after"], mark_foreign(row["fault"]))
            for row in found
            if row["group"] == group
        ]
        tables.append(f"### {group}\n\n{rows(('Tool', 'Shows', 'Before', 'After', 'Cause'), cells)}")
    return "\n\n".join(tables)


def renderers(context: SiteContext) -> str:
    """Return a table of pages of the same document, ours and those of renderers, as Lighthouse measured them."""
    found = figures(context.root, "lighthouse")["rows"]
    heads = ("Page", "First text, ms", "All text, ms", "Blocked, ms", "kB", "Memory, MB", "Speed", "Accessibility")
    cells = [
        (
            f"{row['page']} {row['version']}".strip(),
            *(f"{row[key]:,}".replace(",", " ") for key in ("first_text_ms", "complete_ms", "blocked_ms")),
            *(str(round(row["bytes"] / 1000)), str(round(row["memory"] / 1_000_000))),
            *(str(row["performance"]), str(row["accessibility"])),
        )
        for row in found
    ]
    return rows(heads, cells)


TABLES: dict[str, Callable[[SiteContext], str]] = {
    "services": service_table,
    "documents": documents_table,
    "hosts": hosts_table,
    "scoreboard": scoreboard,
    "tools": other_tools,
    "renderers": renderers,
}


def _table(context: SiteContext, words: list[str]) -> str:
    name = " ".join(words)
    if name not in TABLES:
        raise LookupError(f"table must be one of {', '.join(TABLES)}, got {name!r}", "Correct the placeholder")
    return TABLES[name](context)


KINDS: dict[str, Callable[[SiteContext, list[str]], str]] = {"diagram": diagram, "table": _table}

_PLACEHOLDER = re.compile(r"\{\{ *(?P<kind>[a-z]+): *(?P<words>[^}]*?) *\}\}\s*\Z")


def fill(text: str, context: SiteContext, file: str, first_line: int = 1) -> str:
    """Return the text with its placeholders filled. Raises `ValidationError` for invalid ones."""
    lines, problems, fence = [], [], Fence()
    for number, line in enumerate(text.splitlines(), first_line):
        if fence.holds(line) or not line.lstrip().startswith("{{"):
            lines.append(line)
            continue
        try:
            lines.append(_content(line, context))
        except LookupError as error:
            message, hint = (*map(str, error.args), "Correct the placeholder")[:2]
            problems.append(Problem(file, message, hint, number))
    if problems:
        raise ValidationError(problems)
    return "\n".join(lines) + "\n"


def _content(line: str, context: SiteContext) -> str:
    found = _PLACEHOLDER.match(line)
    if found is None:
        message = f"must be a placeholder {{{{ kind: words }}}}, got {line.strip()!r}"
        raise LookupError(message, "To show braces, put the line into a fenced block")
    if found["kind"] not in KINDS:
        message = f"kind of a placeholder must be {' or '.join(sorted(KINDS))}, got {found['kind']}"
        raise LookupError(message, "Correct the placeholder")
    return KINDS[found["kind"]](context, found["words"].split())


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _array(items: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "items": items}


_NUMBER = {"type": "number", "minimum": 0}
_SHARE = {**_NUMBER, "maximum": 1}
_RATIO = {"type": "number", "exclusiveMinimum": 0}
_TARGET = {"type": "string", "pattern": "^[<>]= [0-9.]+$"}
_STRING = {"type": "string", "minLength": 1}
_COMPARISON = _object(workload=_STRING, peer=_STRING, ratio=_RATIO, target=_TARGET, met={"type": "boolean"})
_SCORE = _object(service=_STRING, mutants=_NUMBER, noticed=_NUMBER, score=_SHARE, score_recordings=_SHARE)
_TOOL = _object(version=_STRING, missed=_array(_STRING), false_alarms=_array(_STRING))
_TOOLS = {"type": "object", "minProperties": 1, "additionalProperties": _TOOL}

_TEXT = {"type": "string"}
_OTHER_TOOL = _object(
    group=_STRING, tool=_STRING, version=_STRING, checks=_STRING, before=_STRING, after=_STRING, fault=_TEXT
)
_RENDERER = _object(
    page=_STRING,
    version=_TEXT,
    first_text_ms=_NUMBER,
    complete_ms=_NUMBER,
    blocked_ms=_NUMBER,
    bytes=_NUMBER,
    memory=_NUMBER,
    performance=_NUMBER,
    accessibility=_NUMBER,
)

SCHEMAS: dict[str, dict[str, Any]] = {
    "bench": _object(rows=_array(_COMPARISON, 1)),
    "lighthouse": _object(rows=_array(_RENDERER, 1)),
    "mutation": _object(services=_array(_SCORE, 1)),
    "scoreboard": _object(faults=_array(_STRING), sound=_array(_STRING), tools=_TOOLS),
    "tools": _object(rows=_array(_OTHER_TOOL, 1)),
}
"""Schemas of the figures that diagrams and tables show, by the name of their file."""


def copy_measurements(root: Path) -> dict[Path, Any]:
    """Return the figures of the build folder, by the path that they are committed at.

    Raises:
        ValidationError: The figures are missing, or do not match their schema.
    """
    machine = f"{os.cpu_count()} cores, {platform.system()}"
    measured = f"{platform.python_implementation()} {platform.python_version()}, {machine}"
    files: dict[Path, Any] = {}
    for name, schema in SCHEMAS.items():
        source = root / "build" / f"{name}.json"
        if source.exists():
            data = _read(source, schema)
            files[figures_file(root, name)] = {"measured": measured, **{key: data[key] for key in schema["required"]}}
    if not files:
        wanted = " or ".join(f"{name}.json" for name in SCHEMAS)
        raise ValidationError(
            Problem("build", f"must have {wanted}, got none", "Run make bench, make scoreboard or make mutate first")
        )
    return files


def _read(source: Path, schema: dict[str, Any]) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValidationError(Problem(source, f"cannot be read: {error}", "Measure again")) from None
    for violation in jsonschema_rs.Draft202012Validator(schema).iter_errors(data):
        pointer = "".join(f"/{key}" for key in violation.instance_path)
        raise ValidationError(
            Problem(source, f"must match its schema: {violation.message}", "Measure again", pointer=pointer)
        )
    return data
