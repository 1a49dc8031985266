"""The generator uses the client as other programs do: by its public names, and only where credentials are needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from generator.documents import Workspace
from tests.contract.contracts import ROOT


def imported(source: str) -> Iterator[str]:
    """Yield every name that a module imports, with dots."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def private(names: Iterator[str]) -> list[str]:
    """Return those below the client with a private part."""
    parts = (name.split(".") for name in names)
    return [".".join(each) for each in parts if each[0] == "cloudjobs" and any(part[:1] == "_" for part in each)]


def test_generator_imports_no_private_module_of_client() -> None:
    runtime = ROOT / "generator" / "client" / "runtime"
    files = [path for path in (ROOT / "generator").rglob("*.py") if not path.is_relative_to(runtime)]
    assert len(files) > 50
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in files
        if (names := private(imported(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


def test_scan_for_private_imports_finds_each_form() -> None:
    source = (
        "import cloudjobs._urls\nfrom cloudjobs import _urls, auth\ndef f():\n    from cloudjobs.auth._iam import x\n"
    )
    assert private(imported(source)) == ["cloudjobs._urls", "cloudjobs._urls", "cloudjobs.auth._iam.x"]


def test_checker_without_generated_client_is_importable(tmp_path: Path) -> None:
    """The recorder and the checker work in a fresh clone, before `make generate`."""
    code = (
        "import sys; import generator.contract.recorder, generator.contract.live; "
        "sys.exit(any(name.partition('.')[0] == 'cloudjobs' for name in sys.modules))"
    )
    command, environment = [sys.executable, "-c", code], {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_verify_reads_variables_of_client() -> None:
    """The copies of the client's names of environment variables and of its extension are those of the client."""
    from cloudjobs._operations import SCHEMES_EXTENSION
    from cloudjobs._operations import SecurityScheme as OfClient
    from cloudjobs._urls import _OF_SDK, argument_variables
    from generator.contract.live import http_client
    from generator.contract.live.targets import _VENDOR_VARIABLES, variables
    from generator.documents.mappings import AuthSpec

    assert http_client._SCHEMES_EXTENSION == SCHEMES_EXTENSION
    ours = AuthSpec("token", "X", max_length=3)
    theirs = OfClient("token", "X", max_length=3)
    assert {name: getattr(ours, name) for name in OfClient.__struct_fields__} == {
        name: getattr(theirs, name) for name in OfClient.__struct_fields__
    }
    assert {name: (variable,) for name, variable in _VENDOR_VARIABLES.items()} == _OF_SDK
    for service in Workspace(ROOT).service_names:
        assert variables(service, "URL") == argument_variables(service, "url")
        for argument, variable in _VENDOR_VARIABLES.items():
            assert [*variables(service, argument), variable] == argument_variables(service, argument)
