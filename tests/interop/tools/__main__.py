"""`python -m tests.interop.tools`: run the tools, print the table, write build/tools.json.

Exit code 1 if a row differs from the expected result: a tool fails without a listed reason, or passes with one.

The column "before" is of the documents of commit 032369e: bundle them in a worktree of it, and run this with `--before
--documents FOLDER`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from .documents import ROOT, bundled, recordings
from .running import Outcome, Runner
from .table import HERE, Tool, tools

BUILD = ROOT / "build" / "tools"
RESULTS = ROOT / "build" / "tools.json"
COMMITTED = ROOT / "generator" / "docs" / "figures" / "tools.json"
BEFORE = HERE / "before.json"
_UNMEASURED = "not run with these documents yet"


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen tools. Return 1 if a row is not as expected, 2 if the tool is unknown."""
    options = _options(arguments)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    table = tools()
    chosen = [tool for tool in table if options.tool.lower() in tool.name.lower()]
    if not chosen:
        print(f"--tool must be part of the name of a tool, got {options.tool!r}", file=sys.stderr)
        return 2
    documents = options.documents or bundled(BUILD / "documents")
    runner = Runner(documents.resolve(), recordings(BUILD / "recordings.json"), BUILD)
    wrong = []
    for tool in chosen:
        outcome = runner.run(tool)
        print(_line(tool, outcome), flush=True)
        if _is_wrong(tool, outcome):
            wrong.append(tool.name)
        if options.before:
            _write(BEFORE, _ordered(table, {**_read(BEFORE, {}), tool.name: outcome.as_data}))
        else:
            _store(table, tool, outcome)
    if wrong:
        print(f"{len(wrong)} of {len(chosen)} rows must be as expected: {', '.join(wrong)}", file=sys.stderr)
    return int(bool(wrong) and not options.before)


def _store(table: list[Tool], tool: Tool, outcome: Outcome) -> None:
    """Put a row into the results of earlier runs, or into the committed results."""
    rows = {row["tool"]: row for row in _read(RESULTS, _read(COMMITTED, {"rows": []}))["rows"]}
    before = _read(BEFORE, {})
    for each in table:
        if each is tool or each.name not in rows:
            after = outcome if each is tool else Outcome(skipped=_UNMEASURED)
            rows[each.name] = _row(each, Outcome.from_data(before.get(each.name, {"skipped": _UNMEASURED})), after)
    _write(RESULTS, {"rows": list(_ordered(table, rows).values())})


def _row(tool: Tool, before: Outcome, after: Outcome) -> dict[str, str]:
    return {
        "group": tool.group,
        "tool": tool.name,
        "version": tool.version,
        "checks": tool.checks,
        "before": before.short,
        "after": after.short,
        "fault": _fault(tool, before, after),
    }


def _fault(tool: Tool, before: Outcome, after: Outcome) -> str:
    """Return the project at fault for a failure, with its message."""
    if after.skipped:
        return after.skipped
    if not after.is_green:
        return f"tool: {tool.excused}" if tool.excused else f"open: {after.message}"
    return "" if before.is_green or before.skipped else f"documents, corrected: {before.message}"


def _ordered(table: list[Tool], by_name: dict[str, Any]) -> dict[str, Any]:
    return {tool.name: by_name[tool.name] for tool in table if tool.name in by_name}


def _read(file: Path, otherwise: Any) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else otherwise


def _write(file: Path, data: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _options(arguments: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="make tools", description="Run other OpenAPI tools over our documents.")
    parser.add_argument("--tool", default="", help="part of the name of a tool; all by default")
    parser.add_argument("--documents", type=Path, help="folder with bundled documents; by default those of openapi/")
    parser.add_argument("--before", action="store_true", help="write the results to before.json")
    return parser.parse_args(arguments)


def _is_wrong(tool: Tool, outcome: Outcome) -> bool:
    if outcome.skipped:
        return False
    return outcome.is_green == bool(tool.excused)


def _line(tool: Tool, outcome: Outcome) -> str:
    if outcome.skipped:
        return f"- {tool.name} {tool.version}: skipped, {outcome.skipped}"
    mark = "ok" if outcome.is_green else "FAILED"
    failures = "".join(f"\n    {service}: {failure}" for service, failure in outcome.failed.items())
    excuse = f"\n    excused: {tool.excused}" if tool.excused else ""
    return f"- {tool.name} {tool.version}: {len(outcome.passed)} of {len(tool.services)} {mark}{failures}{excuse}"


if __name__ == "__main__":
    sys.exit(main())
