"""`python -m benchmarks WORKSHOP_PYTHON`: generates the baselines, runs every workload, writes build/bench.json.

Runs in the environment of the benchmark. WORKSHOP_PYTHON is the interpreter of `.venv`, which measures the generator.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import attrs

from benchmarks import peers, replies
from benchmarks.measure import Row

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "build"
DOCUMENTS = BUILD / "peers" / "documents"
CODE = BUILD / "peers" / "code"
CLIENT = ROOT / "generated_client" / "src"
_ENVIRONMENT = {"PYTHONPATH": f"{CODE}:{CLIENT}:{ROOT}", "PATH": "/usr/bin:/bin"}


def main(workshop: str) -> int:
    _run(workshop, "-m", "generator", "bundle", "--output", DOCUMENTS)
    peers.make(DOCUMENTS, CODE)
    sys.path[:0] = [str(CODE), str(CLIENT)]
    from benchmarks import calls, decoding, waiting

    rows = [*decoding.rows(), *_memory(), *calls.rows(), *waiting.rows(_ENVIRONMENT), *_import()]
    rows += [*_help(workshop), *_generate(workshop)]
    width = max(len(f"{row.workload} | {row.peer}") for row in rows)
    print()
    for row in rows:
        name, verdict = f"{row.workload} | {row.peer}", "met" if row.met else "NOT MET"
        print(f"{name:{width}}  {row.ratio:8.2f}  {row.target:>8}  {verdict}")
    result = [{**attrs.asdict(row), "ratio": round(row.ratio, 3), "met": row.met} for row in rows]
    (BUILD / "bench.json").write_text(json.dumps({"rows": result}, indent=2) + "\n")
    return 0


def _memory() -> Iterator[Row]:
    import cloudjobs

    recorded = json.loads(cloudjobs.recordings("ges")["list-jobs-page"]["body"])
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.json"
        page.write_bytes(replies.listing(recorded))
        grown = {
            name: statistics.median(int(_python("-m", "benchmarks.memory", name, page)) for _ in range(3))
            for name in ("ours", "stock")
        }
    print("peak memory, MB: " + ", ".join(f"{name} {size / 1e6:.0f}" for name, size in grown.items()), flush=True)
    yield Row("peak memory: read the page, touch each row", "stock", grown["ours"] / grown["stock"], "<= 0.5")


def _import() -> Iterator[Row]:
    program = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"
    names = ("cloudjobs.cce", "httpx")
    taken: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(15):
        for name in names:
            taken[name].append(float(_python("-c", program.format(name))))
    ours, httpx = (statistics.median(taken[name]) for name in names)
    print(f"import, ms: cloudjobs.cce {ours * 1e3:.0f}, httpx {httpx * 1e3:.0f}", flush=True)
    yield Row("import cloudjobs.cce", "import httpx", ours / httpx, "<= 0.55")


def _help(workshop: str) -> Iterator[Row]:
    commands = {"help": ("-m", "cloudjobs", "--help"), "libraries": ("-c", "import click, rich")}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(12):
        for name, command in commands.items():
            started = time.perf_counter()
            _run(workshop, *command, environment=_ENVIRONMENT)
            if number:
                taken[name].append(time.perf_counter() - started)
    ours, libraries = (statistics.median(taken[name]) for name in commands)
    print(f"help, ms: {ours * 1e3:.0f}, click and rich {libraries * 1e3:.0f}", flush=True)
    yield Row("cloudjobs --help", "python -c 'import click, rich'", ours / libraries, "<= 2")


def _generate(workshop: str) -> Iterator[Row]:
    binaries = Path(workshop).parent
    # Both use cached bytecode, as installed programs do. The stock generator formats with the ruff on the path.
    environment = {"PATH": f"{binaries}:/usr/bin:/bin"}
    taken: dict[str, list[float]] = {"ours": [], "stock": []}
    with tempfile.TemporaryDirectory() as folder:
        stock = (binaries / "openapi-python-client", "generate", "--overwrite", "--fail-on-warning")
        commands = {
            "ours": (workshop, "-m", "generator", "client", "--output", Path(folder) / "ours"),
            "stock": (*stock, "--path", DOCUMENTS / "cce.json", "--output-path", Path(folder) / "stock"),
        }
        for number in range(8):
            for name, command in commands.items():
                started = time.perf_counter()
                _run(*command, environment=environment)
                if number:
                    taken[name].append(time.perf_counter() - started)
    ours, one = (statistics.median(taken[name]) for name in ("ours", "stock"))
    print(f"client step, s: ours {ours:.2f}, stock for one {one:.2f}", flush=True)
    yield Row(
        "client step of make generate, four services",
        "one stock run for one",
        ours / one,
        "<= 1.5",
    )


def _python(*arguments: object) -> str:
    return _run(sys.executable, *arguments, environment=_ENVIRONMENT)


def _run(*command: object, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
