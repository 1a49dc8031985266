"""Packages that wait for jobs in other languages: hand-written code, with the extensions of the documents as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..documents import Service
from ..documents.mappings import FINAL_STATES, STATES
from ..errors import Problem, ValidationError
from .services import service_data

RECIPES = Path(__file__).parent
"""A folder for each language: settings of its generators, and in `wait/` the hand-written code."""

_MARK = "Written by the generator from the OpenAPI documents; changes are lost."

Files = dict[str, str]


def wait_package(language: str, services: Iterable[Service]) -> Files:
    """Return the files of a wait package by their relative paths.

    Raises:
        ValidationError: A service has no operation with `x-poll`.
    """
    found = {service.name: (service, service_data(service)) for service in services}
    problems = [_missing(service) for service, data in found.values() if data is None]
    if problems:
        raise ValidationError(problems)
    folder = RECIPES / language / "wait"
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    return {**files, **LANGUAGES[language]({name: data for name, (_, data) in found.items() if data is not None})}


def _missing(service: Service) -> Problem:
    remedy = "Add x-poll to the operation that returns a job, or choose other services with --services"
    return service.document.problem("/paths", "must have an operation with x-poll, got none", remedy)


def _typescript(services: Mapping[str, Any]) -> Files:
    states = " | ".join(f'"{state}"' for state in (*STATES, "unknown"))
    lines = [f"// {_MARK}", "", 'import type { Service } from "./wait.js";', ""]
    lines += ["/** State of a job. `unknown` is a value that the document does not list; it is never final. */"]
    lines += [f"export type JobState = {states};", ""]
    lines += [f"export const FINAL_STATES: readonly JobState[] = {json.dumps(FINAL_STATES)};", ""]
    for name, data in services.items():
        text = json.dumps(data, indent=2, ensure_ascii=False)
        lines += [f"/** {data['operation']} of {name}. */", f"export const {_camel(name)}: Service = {text};", ""]
    return {"services.ts": "\n".join(lines)}


def _java(services: Mapping[str, Any]) -> Files:
    lines = [f"// {_MARK}", "package cloudjobs.wait;", "", "/** The services. */", "public final class Services {"]
    lines += ["    private Services() {}", ""]
    for name, data in services.items():
        text = json.dumps(data, indent=1, ensure_ascii=True).replace("\\", "\\\\").replace('"""', '\\"""')
        lines += [f"    /** {data['operation']} of {name}. */"]
        lines += [f'    public static final Service {name.upper()} = Service.parse("""']
        lines += [*(f"        {line}" for line in text.splitlines()), '        """);', ""]
    states = ", ".join(state.upper() for state in (*STATES, "unknown"))
    final = " || ".join(f"this == {state.upper()}" for state in FINAL_STATES)
    state = f"""// {_MARK}
package cloudjobs.wait;

/** State of a job, the same for all services. UNKNOWN is a value that the document does not list; it is never final. */
public enum JobState {{
    {states};

    public boolean isFinal() {{
        return {final};
    }}
}}
"""
    return {"Services.java": "\n".join([*lines[:-1], "}", ""]), "JobState.java": state}


LANGUAGES: dict[str, Callable[[Mapping[str, Any]], Files]] = {"typescript": _typescript, "java": _java}
"""The languages with a wait package, each with the function that writes the data of its services."""


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))
