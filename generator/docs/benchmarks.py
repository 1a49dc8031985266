"""Committed figures of measurements, with the machine that they are from, and the table of the scoreboard."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import jsonschema_rs

from ..errors import Problem, ValidationError
from .context import SiteContext, rows
from .escaping import mark_foreign


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

SCHEMAS: dict[str, dict[str, Any]] = {
    "bench": _object(rows=_array(_COMPARISON, 1)),
    "mutation": _object(services=_array(_SCORE, 1)),
    "scoreboard": _object(faults=_array(_STRING), sound=_array(_STRING), tools=_TOOLS),
    "tools": _object(rows=_array(_OTHER_TOOL, 1)),
}
"""Schemas of the figures that diagrams and tables show, by the name of their file."""


def figures_file(root: Path, name: str) -> Path:
    """Return the path of the committed figures of that name."""
    return root / "generator" / "docs" / "figures" / f"{name}.json"


def figures(root: Path, name: str) -> dict[str, Any]:
    """Return committed figures. Raises `LookupError` if the file is missing or no JSON."""
    path = figures_file(root, name)
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LookupError(f"{path.name} cannot be read ({type(error).__name__}): make docs-figures writes it") from None
    return data


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
            Problem("build", f"has no {wanted}", "Measure first: make bench, make scoreboard, contract mutate")
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


def scoreboard(context: SiteContext) -> str:
    """Return a table of the recordings: those with a fault that each tool finds, and its false alarms."""
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
    """Return a table for each group of tools that read our documents: what each does, before and after."""
    tables, found = [], figures(context.root, "tools")["rows"]
    for group in dict.fromkeys(row["group"] for row in found):
        cells = [
            (f"{row['tool']} {row['version']}", row["checks"], row["before"], row["after"], mark_foreign(row["fault"]))
            for row in found
            if row["group"] == group
        ]
        tables.append(f"### {group}\n\n{rows(('Tool', 'Shows', 'Before', 'After', 'Cause'), cells)}")
    return "\n\n".join(tables)
