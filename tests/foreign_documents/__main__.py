"""Print the table of figures for a folder of documents: `python -m tests.foreign_documents DIR`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COLUMNS = ("operations", "generated", "importable", "typed", "called")


def main(folder: Path) -> int:
    """Measure both tools. Returns 1 if ours has a smaller share, or leaves out an operation without a reason."""
    files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml", ".json"))
    if not files:
        print(f"{folder}: must hold documents, .yaml or .json, got none", file=sys.stderr)
        return 2
    failed = False
    print(f"{'document':<28} {'tool':<6} " + " ".join(f"{column:>10}" for column in COLUMNS))
    for file in files:
        with tempfile.TemporaryDirectory(prefix="foreign-") as temporary:
            stock = _measured("stock", file, Path(temporary) / "stock", _make_stock)
            ours = _measured("ours", file, Path(temporary) / "ours", _make_ours)
        for tool, figures in (("stock", stock), ("ours", ours)):
            print(f"{file.stem[:28]:<28} {tool:<6} " + " ".join(f"{figures[column]:>10}" for column in COLUMNS))
            for line in figures["notes"]:
                print(f"    {line}")
        unexplained = ours["operations"] - ours["generated"] - ours["refused"]
        if unexplained or any(ours[column] < stock[column] for column in COLUMNS[1:]):
            failed = True
            print(f"    ours is behind; {unexplained} operations left out without reason")
    return int(failed)


def _measured(kind: str, file: Path, folder: Path, make: Any) -> dict[str, Any]:
    folder.mkdir()
    source, package, notes, refused = make(file, folder)
    probe = _run("-m", "tests.foreign_documents.probe", kind, file, package, path=source)
    try:
        figures = json.loads(probe.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = (probe.stderr.strip().splitlines() or [""])[-1]
        empty = dict.fromkeys(COLUMNS, 0)
        return {**empty, "operations": refused, "refused": refused, "notes": [*notes, f"no client: {last[:160]}"][:6]}
    typed = _typed(kind, source, package, folder / "cache", figures["generated"])
    notes += [f"call failed: {each}" for each in figures.pop("failures")]
    return {**figures, "typed": typed, "refused": refused, "notes": notes[:12]}


def _make_stock(file: Path, folder: Path) -> tuple[Path, str, list[str], int]:
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n", encoding="utf-8")
    words = ("--path", file, "--meta", "none", "--output-path", folder / "stock_client", "--config", config)
    made = _run("-m", "openapi_python_client", "generate", *words, path=folder)
    warnings = len(re.findall(r"^WARNING parsing", made.stdout + made.stderr, re.MULTILINE))
    return folder, "stock_client", [f"{warnings} operations with warnings"] if warnings else [], 0


def _make_ours(file: Path, folder: Path) -> tuple[Path, str, list[str], int]:
    (folder / "cloudjobs.toml").write_text('package = "own_client"\nstandalone = true\n', encoding="utf-8")
    imported = _run("-m", "generator", "import", file, "--service", "own", "--project", folder, path=ROOT)
    problems = [line for line in imported.stderr.splitlines() if line.startswith("left out: ")]
    if imported.returncode:
        problems = [line for line in imported.stderr.splitlines() if "at /paths/" in line or "at /components/" in line]
    notes = [line.replace(f"{file.parent}/", "") for line in problems]
    if not imported.returncode:
        made = _run("-m", "generator", "client", "--project", folder, path=ROOT)
        notes += [line for line in made.stderr.splitlines() if made.returncode]
    elif not problems:
        notes = [line.replace(f"{file.parent}/", "") for line in imported.stderr.splitlines()[:1]]
    return folder / "own-client" / "src", "own_client", notes, len(problems)


def _typed(kind: str, source: Path, package: str, cache: Path, generated: int) -> int:
    """Return operations with modules that pass mypy in strict mode."""
    name = f"{package}.own" if kind == "ours" else package
    words = ("--strict", "--config-file", "", "--cache-dir", cache, "--no-error-summary", "--package", name)
    lines = _run("-m", "mypy", *words, path=source).stdout.splitlines()
    broken = {line.partition(":")[0] for line in lines if ": error:" in line}
    if kind == "ours":
        return 0 if broken else generated
    if any("/api/" not in file for file in broken):
        print(f"    stock: {len(broken)} modules with errors of types")
    return generated - sum("/api/" in file for file in broken)


def _run(*words: Any, path: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with a folder and this repository on its path."""
    environment = {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *map(str, words)]
    where = path if path.is_dir() else ROOT
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
