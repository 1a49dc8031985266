"""`python -m tests.interop.tools.stock LANGUAGE DOCUMENTS PROGRAMS FOLDER`: try the generated clients of a language.

The clients of all services are generated and compiled with a program that prints the values of a response. It reads
each recording from the replay server, and each variant (`variants.yaml`) from a server here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import yaml

from generator.documents import Workspace
from generator.documents.json_pointer import resolve

from .documents import ROOT
from .running import served
from .table import HERE, SERVICES

_PROGRAMS = HERE / "programs"
RECIPES = ROOT / "generator" / "clients"
"""The settings of the generators, by language."""


@attrs.frozen
class Variant:
    """A response and the values that a client must print for it."""

    name: str
    service: str
    arguments: tuple[str, ...]
    status: int
    content_type: str
    body: str
    expect: dict[str, Any]
    is_recording: bool


def main(language: str, documents: str, programs: str, folder: str) -> int:
    """Print each difference, and return 1 if there is one."""
    command = _PROGRAM[language](Path(documents), Path(programs), Path(folder))
    found = variants()
    with _variants_served(found) as url, ExitStack() as stack:
        replays = {service: stack.enter_context(served(service)) for service in SERVICES}
        lines = [
            " ".join(
                (each.service, replays[each.service] if each.is_recording else f"{url}/{each.name}", *each.arguments)
            )
            for each in found
        ]
        done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr)
        return 1
    wrong = [
        f"error: {each.name}: read {printed}, expected {each.expect}"
        for each, line in zip(found, done.stdout.splitlines(), strict=True)
        if (printed := _comparable(json.loads(line))) != _comparable(each.expect)
    ]
    print("\n".join(wrong) or f"{len(found)} responses read")
    return int(bool(wrong))


def variants() -> list[Variant]:
    """Return the recordings and their variants, as `variants.yaml` describes them."""
    workspace = Workspace(ROOT)
    services = {service.name: service for service in workspace.select(None)}
    return [_variant(each, services) for each in yaml.safe_load((HERE / "variants.yaml").read_text(encoding="utf-8"))]


def _variant(data: dict[str, Any], services: dict[str, Any]) -> Variant:
    name, _, recording_id = data["recording"].partition("/")
    recording = services[name].recordings[recording_id]
    body = json.loads(json.dumps(recording.body))
    for pointer, value in data.get("set", {}).items():
        parent, _, key = pointer.rpartition("/")
        resolve(body, parent)[key] = value
    for pointer in data.get("remove", ()):
        parent, _, key = pointer.rpartition("/")
        del resolve(body, parent)[key]
    return Variant(
        data["name"],
        name,
        tuple(recording.source.data["request"]["path"].values()),
        data.get("status", recording.status),
        data.get("content_type", recording.content_type),
        data.get("body", json.dumps(body)),
        data["expect"],
        not {"set", "remove", "body"} & set(data),
    )


def _comparable(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without differences that do not matter.

    The replay and a recording differ in the whitespace of an error, and Java's library reads a progress in digits as a
    number.
    """
    result = dict(values)
    if "progress" in result:
        result["progress"] = [str(each) for each in result["progress"]]
    if isinstance(result.get("error"), str):
        with suppress(ValueError):
            result["error"] = json.loads(result["error"])
    return result


@contextmanager
def _variants_served(found: list[Variant]) -> Iterator[str]:
    """Serve each variant below its name."""
    by_name = {each.name: each for each in found}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            variant = by_name[self.path.split("/")[1]]
            body = variant.body.encode()
            self.send_response(variant.status)
            self.send_header("Content-Type", variant.content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _generate(language: str, documents: Path, programs: Path, service: str, out: Path, *options: str) -> None:
    settings = str(RECIPES / language / "openapi-generator.yaml")
    generator = [str(programs / "openapi-generator-cli"), "generate", "-c", settings, "-o", str(out)]
    _run([*generator, "-i", str(documents / f"{service}.json"), *options])


def jar_of(programs: Path) -> Path:
    """Return the jar of openapi-generator, which has Jackson too."""
    return next(programs.parent.glob("lib/*/site-packages/openapi_generator_cli/*.jar"))


def _typescript(documents: Path, programs: Path, folder: Path) -> list[str]:
    generator = str(programs / "openapi-typescript")
    commands = [[generator, str(documents / f"{name}.json"), "-o", f"src/{name}.ts"] for name in SERVICES]
    return _node(commands, "openapi_fetch.ts", programs, folder)


def _hey_api(documents: Path, programs: Path, folder: Path) -> list[str]:
    # The settings beside its packages tell the generator that imports need an extension, as in a project.
    shutil.copy(RECIPES / "typescript" / "tsconfig.json", programs.parents[1])
    generator, options = str(programs / "openapi-ts"), ("-c", "@hey-api/client-fetch")
    sources = [(name, str(documents / f"{name}.json")) for name in SERVICES]
    commands = [[generator, "-i", source, "-o", f"src/hey-api/{name}", *options] for name, source in sources]
    return _node(commands, "hey_api.ts", programs, folder)


def _node(generators: list[list[str]], calls: str, programs: Path, folder: Path) -> list[str]:
    """Generate and compile clients with the program that reads, and the calls for these clients."""
    (folder / "src").mkdir()
    for command in generators:
        _run(command, folder=folder)
    shutil.copy(_PROGRAMS / "read.ts", folder / "src")
    shutil.copy(_PROGRAMS / calls, folder / "src" / "calls.ts")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(RECIPES / "typescript" / name, folder)
    _run([str(programs / "tsc"), "-p", str(folder)])
    return ["node", str(folder / "dist" / "read.js")]


def _java(documents: Path, programs: Path, folder: Path) -> list[str]:
    sources = [str(_PROGRAMS / "Read.java"), *map(str, (_PROGRAMS / "annotations").glob("*.java"))]
    for service in SERVICES:
        package, out = f"stock.{service}", folder / service
        packages = [f"--{kind}-package={package}" for kind in ("api", "model", "invoker")]
        _generate("java", documents, programs, service, out, *packages)
        sources += map(str, (out / "src" / "main").rglob("*.java"))
    jar = jar_of(programs)
    (folder / "sources").write_text("\n".join(sources))
    _run(["javac", "-nowarn", "-cp", str(jar), "-d", str(folder / "classes"), f"@{folder / 'sources'}"])
    return ["java", "-cp", f"{jar}{os.pathsep}{folder / 'classes'}", "Read"]


def _go(documents: Path, programs: Path, folder: Path) -> list[str]:
    for service in SERVICES:
        out = folder / "src" / "stock" / service
        _generate("go", documents, programs, service, out, f"--package-name={service}")
    (folder / "src" / "read").mkdir()
    shutil.copy(_PROGRAMS / "read.go", folder / "src" / "read")
    # Without modules the compiler needs no network: the clients import the standard library alone.
    settings = {"GO111MODULE": "off", "GOPATH": str(folder), "GOCACHE": str(ROOT / "build" / "go-cache")}
    _run([str(programs / "go"), "build", "-o", str(folder / "reader"), "read"], {**os.environ, **settings})
    return [str(folder / "reader")]


_PROGRAM = {"java": _java, "go": _go, "typescript": _typescript, "hey-api": _hey_api}


def _run(command: list[str], environment: dict[str, str] | None = None, folder: Path | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name}: {done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
