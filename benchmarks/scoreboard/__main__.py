"""`python -m benchmarks.scoreboard PYTHON`: runs every tool over the same recordings; writes build/scoreboard.json.

Runs in the environment `.venv`. PYTHON is the interpreter of the environment with the other tools.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.scoreboard import node
from generator.contract import Contracts, check_sequence, export_har
from generator.contract.har import exchanges_of
from generator.documents import Service, Workspace, without_inferred
from generator.documents.bundle import bundle
from generator.evidence import trace
from generator.files import print_table
from tests.contract.faulty import faulty

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / "build"
FOLDER = BUILD / "scoreboard"
OURS = "contract check"


def main(python: str) -> int:
    services = Workspace(ROOT).select(None)
    faults = _write(services)
    said = {OURS: {"version": "this checkout", "verdicts": _ours(services)}}
    said |= json.loads(_run(python, "-m", "benchmarks.scoreboard.peers", FOLDER))
    lacking = node.missing()
    if lacking:
        print(f"redocly drift is skipped: {lacking}; install Node and npm", file=sys.stderr)
    else:
        said["redocly drift"] = {"version": node.VERSIONS["@redocly/cli"], "verdicts": _drift()}
    result = _result(said, faults)
    (BUILD / "scoreboard.json").write_text(json.dumps(result, indent=2) + "\n")
    _show(result)
    ours = result["tools"][OURS]
    return 0 if ours["caught"] == len(faults) and not ours["false_alarms"] else 1


def _write(services: list[Service]) -> list[str]:
    """Write documents and HAR files for all tools. Returns the ids of the faults."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "documents").mkdir(parents=True)
    (FOLDER / "har").mkdir()
    for service in services:
        document = without_inferred(bundle(service, trace(service)))
        for item in document["paths"].values():
            for operation in item.values():
                operation.pop("security", None)
        _json(FOLDER / "documents" / f"{service.name}.json", document)
        har = export_har([service])
        for entry, recording in zip(har["log"]["entries"], service.recordings, strict=True):
            one = {"log": {**har["log"], "entries": [entry]}}
            _json(FOLDER / "har" / f"{service.name}--sound--{recording}.har", one)
    faults = faulty(services)
    for each in faults:
        _json(FOLDER / "har" / f"{each.service}--{each.id}.har", each.har)
    return [f"{each.service}--{each.id}" for each in faults]


def _ours(services: list[Service]) -> dict[str, bool]:
    contracts, verdicts = Contracts.from_services(services), {}
    for file in _files():
        exchanges = list(exchanges_of(json.loads(file.read_text()), file.name))
        found = [finding for exchange in exchanges for finding in contracts.check(exchange)]
        verdicts[file.stem] = any(finding.is_new for finding in found + check_sequence(contracts, exchanges))
    return verdicts


def _drift() -> dict[str, bool]:
    programs, verdicts = node.installed(BUILD / "node"), {}
    for file in _files():
        document = FOLDER / "documents" / f"{file.name.partition('--')[0]}.json"
        report = node.drift(programs, document, file)
        verdicts[file.stem] = bool(report["problems"])
    return verdicts


def _result(said: dict[str, Any], faults: list[str]) -> dict[str, Any]:
    tools = {}
    for name, tool in said.items():
        verdicts = tool["verdicts"]
        tools[name] = {
            "version": tool["version"],
            "caught": sum(verdicts[fault] for fault in faults),
            "missed": [fault for fault in faults if not verdicts[fault]],
            "false_alarms": [each for each, objects in verdicts.items() if objects and each not in faults],
        }
    return {"faults": faults, "sound": [file.stem for file in _files() if file.stem not in faults], "tools": tools}


def _show(result: dict[str, Any]) -> None:
    tools = result["tools"]
    rows = [
        [fault, *("-" if fault in tool["missed"] else "x" for tool in tools.values())] for fault in result["faults"]
    ]
    rows.append([f"caught of {len(rows)}", *(tool["caught"] for tool in tools.values())])
    alarms = (len(tool["false_alarms"]) for tool in tools.values())
    rows.append([f"false alarms on {len(result['sound'])} sound ones", *alarms])
    print_table(["faulty recording", *(f"{name} {tools[name]['version']}" for name in tools)], rows)


def _files() -> list[Path]:
    return sorted((FOLDER / "har").glob("*.har"))


def _json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, indent=1))


def _run(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
