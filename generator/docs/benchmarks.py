"""Committed measurements, and the table of the scoreboard.

Which machine they are from goes with them; nothing of it tells whose it is.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import jsonschema_rs

from generator.docs.context import SiteContext, rows
from generator.errors import Problem, ValidationError

_NUMBER = {"type": "number", "minimum": 0}

_SHARE = {**_NUMBER, "maximum": 1}

_TEXT = {"type": "string", "minLength": 1}

FORMS: dict[str, dict[str, Any]] = {
    "bench": {
        "required": ["rows"],
        "properties": {
            "rows": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["workload", "peer", "ratio", "target", "met"],
                    "properties": {
                        "workload": _TEXT,
                        "peer": _TEXT,
                        "ratio": {"type": "number", "exclusiveMinimum": 0},
                        "target": {"type": "string", "pattern": "^[<>]= [0-9.]+$"},
                        "met": {"type": "boolean"},
                    },
                },
            }
        },
    },
    "mutation": {
        "required": ["services"],
        "properties": {
            "services": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["service", "mutants", "noticed", "score", "score_recordings"],
                    "properties": {
                        "service": _TEXT,
                        "mutants": _NUMBER,
                        "noticed": _NUMBER,
                        "score": _SHARE,
                        "score_recordings": _SHARE,
                    },
                },
            }
        },
    },
    "scoreboard": {
        "required": ["faults", "sound", "tools"],
        "properties": {
            "faults": {"type": "array", "items": _TEXT},
            "sound": {"type": "array", "items": _TEXT},
            "tools": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {
                    "type": "object",
                    "required": ["version", "missed", "false_alarms"],
                    "properties": {
                        "version": _TEXT,
                        "missed": {"type": "array", "items": _TEXT},
                        "false_alarms": {"type": "array", "items": _TEXT},
                    },
                },
            },
        },
    },
}
"""The figures that the site shows, by the name of their file, and what their pictures need of them."""


def place(root: Path, name: str) -> Path:
    """Where the committed figures of that name are."""
    return root / "generator" / "docs" / "figures" / f"{name}.json"


def copy_measurements(root: Path) -> dict[Path, Any]:
    """The figures that are in the build folder, by the place that they go to. Raises `Refused`."""
    files: dict[Path, Any] = {}
    for name, form in FORMS.items():
        source = root / "build" / f"{name}.json"
        if source.exists():
            data = _read(source, form)
            files[place(root, name)] = {"measured": _measured(), **{key: data[key] for key in form["required"]}}
    if not files:
        wanted = " or ".join(f"{name}.json" for name in FORMS)
        raise ValidationError(
            Problem("build", f"has no {wanted}", "Measure first: make bench, make scoreboard, contract mutate")
        )
    return files


def figures(root: Path, name: str) -> dict[str, Any]:
    """Committed figures. Raises `LookupError` where there are none of that name, or no readable ones."""
    path = place(root, name)
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LookupError(f"{path.name} cannot be read ({type(error).__name__}): make docs-figures writes it") from None
    return data


def _read(source: Path, form: dict[str, Any]) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValidationError(Problem(source, f"cannot be read: {error}", "Measure again")) from None
    for found in jsonschema_rs.Draft202012Validator({"type": "object", **form}).iter_errors(data):
        pointer = "".join(f"/{key}" for key in found.instance_path)
        raise ValidationError(
            Problem(source, f"is not what was expected: {found.message}", "Measure again", pointer=pointer)
        )
    return data


def _measured() -> str:
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}"
    )


def scoreboard(material: SiteContext) -> str:
    """What each tool finds in the recordings with a fault, and in those without."""
    data = figures(material.root, "scoreboard")
    tools: dict[str, dict[str, Any]] = data["tools"]
    cells = [
        (_fault(fault), *("missed" if fault in tool["missed"] else "found" for tool in tools.values()))
        for fault in data["faults"]
    ]
    found = [len(data["faults"]) - len(tool["missed"]) for tool in tools.values()]
    cells.append((f"**of {len(data['faults'])}**", *(f"**{number}**" for number in found)))
    alarms = [str(len(tool["false_alarms"])) for tool in tools.values()]
    cells.append((f"false alarms, of {len(data['sound'])} sound ones", *alarms))
    cells.append(("version", *(tool["version"] for tool in tools.values())))
    return rows(("A recording with", *(f"`{name}`" for name in tools)), cells)


def _fault(name: str) -> str:
    """`service--what-is-wrong` as words."""
    return name.partition("--")[2].replace("-", " ")
