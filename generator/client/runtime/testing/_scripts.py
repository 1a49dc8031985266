"""Reads a script: a TOML file of jobs, rows and faults.

    [[job]]
    service = "…"
    id = "…"
    states = ["pending", "running", "failed"]
    seconds = 2

    [[rows]]
    service = "…"
    count = 100000

    [[fault]]
    code = 503
    retry_after = 1
    times = 2
    after = 10

The keys are the keywords of `Replay.job`, `Replay.rows` and `Replay.fault_next`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._scenario import Replay

_NEEDED = {"job": ("service",), "rows": ("service", "count"), "fault": ()}


def read_script(replay: Replay, path: Path) -> None:
    """Do what a script says. Raises `ValueError` with its place in the file, and `OSError`."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: it is no TOML: {error}") from None
    verbs: dict[str, Callable[..., object]] = {"job": replay.job, "rows": replay.rows, "fault": replay.fault_next}
    for verb, entries in said.items():
        if verb not in verbs:
            raise ValueError(f"{path}: {verb!r} is no part of a script: there are {', '.join(verbs)}")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError(f"{path}: {verb} is no list of tables: write [[{verb}]]")
        for number, entry in enumerate(entries, 1):
            try:
                _do(verbs[verb], entry, _NEEDED[verb])
            except ValueError as error:
                raise ValueError(f"{path}: {verb} {number}: {error}") from None


def _do(verb: Callable[..., object], entry: dict[str, Any], needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in entry:
            raise ValueError(f"it has no {name}")
    service = entry.get("service")
    if service is not None and not isinstance(service, str):
        raise ValueError(f"service is {service!r}: give a text")
    verb(**entry)
