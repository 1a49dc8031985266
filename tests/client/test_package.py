"""The package as Python sees it: its exports, the cost of its import, and its docstrings."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
import tomllib
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

import cloudjobs
from cloudjobs import auth, errors
from cloudjobs._models import Model

from .doc_examples import models, operations, pascal, properties_of

PACKAGE = Path(cloudjobs.__file__).parent
CLIENTS = {f"{kind}{pascal(service)}Client" for service in cloudjobs.services() for kind in ("", "Async")}
PUBLIC_MODULES = [cloudjobs, auth, errors, *(import_module(f"cloudjobs.{name}") for name in cloudjobs.services())]
every_service = pytest.mark.parametrize("service", cloudjobs.services())


# Documents


@every_service
def test_document_equals_bundled_file(service: str) -> None:
    bundled = json.loads((PACKAGE / service / "openapi.json").read_text(encoding="utf-8"))
    assert cloudjobs.document(service) == bundled
    assert bundled["openapi"].startswith("3.1.")


@every_service
def test_recordings_equal_bundled_file(service: str) -> None:
    bundled = json.loads((PACKAGE / service / "recordings.json").read_text(encoding="utf-8"))
    assert cloudjobs.recordings(service) == bundled
    assert bundled


@every_service
@pytest.mark.parametrize("read", [cloudjobs.document, cloudjobs.recordings], ids=["document", "recordings"])
def test_document_and_recordings_are_fresh_copies(service: str, read: Any) -> None:
    first = read(service)
    for value in first.values():
        if isinstance(value, dict):
            value.clear()
    first.clear()
    assert read(service)


@pytest.mark.parametrize("read", [cloudjobs.document, cloudjobs.recordings], ids=["document", "recordings"])
@pytest.mark.parametrize("name", ["", "CCE", "testing", "_client", "..", "../cloudjobs/cce", "cce/", "/etc", "."])
def test_unknown_service_error_lists_services(read: Any, name: str) -> None:
    with pytest.raises(ValueError, match=r"^service must be one of ") as caught:
        read(name)
    assert repr(name) in str(caught.value)
    assert all(service in str(caught.value) for service in cloudjobs.services())


def test_services_match_repository_documents() -> None:
    documents = Path(__file__).parents[2] / "openapi"
    assert cloudjobs.services() == tuple(sorted(path.stem for path in documents.glob("*.yaml")))


# Names


def test_package_exports_clients_snapshots_and_documents() -> None:
    others = {
        *errors.__all__,
        *auth.__all__,
        "Deviation",
        "DeviationKind",
        "JobSnapshot",
        "JobState",
        "RawResponse",
        "LazyList",
        "Severity",
        "document",
        "recordings",
        "services",
    }
    assert set(cloudjobs.__all__) == CLIENTS | others
    assert len(cloudjobs.__all__) == len(set(cloudjobs.__all__))
    assert set(cloudjobs.__all__) <= set(dir(cloudjobs))
    assert all(getattr(cloudjobs, name) is not None for name in cloudjobs.__all__)


def test_the_package_exports_errors_and_credentials_of_their_modules() -> None:
    for module in (errors, auth):
        assert all(getattr(cloudjobs, name) is getattr(module, name) for name in module.__all__)


def test_importing_an_error_from_the_package_imports_no_client() -> None:
    assert not {"cloudjobs._client", "cloudjobs.auth"} & imported_by("from cloudjobs import NotFoundError")


def test_package_star_import_gives_exported_names() -> None:
    brought: dict[str, Any] = {}
    exec("from cloudjobs import *", brought)
    assert set(brought) - {"__builtins__"} == set(cloudjobs.__all__)


def test_package_unknown_name_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'cloudjobs'.*'NoSuchClient'"):
        _ = cloudjobs.NoSuchClient


@every_service
def test_service_package_exports_clients_and_models(service: str) -> None:
    package = import_module(f"cloudjobs.{service}")
    assert {f"{pascal(service)}Client", f"Async{pascal(service)}Client", *models(service)} <= set(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)
    for name in (f"{pascal(service)}Client", f"Async{pascal(service)}Client"):
        assert getattr(cloudjobs, name) is getattr(package, name)


def test_operation_is_a_method_of_both_clients() -> None:
    for operation in operations():
        sync = getattr(getattr(cloudjobs, f"{pascal(operation.service)}Client"), operation.name)
        asynchronous = getattr(getattr(cloudjobs, f"Async{pascal(operation.service)}Client"), operation.name)
        assert inspect.iscoroutinefunction(asynchronous)
        assert not inspect.iscoroutinefunction(sync)
        assert inspect.signature(sync) == inspect.signature(asynchronous)


def test_version_has_three_numbers() -> None:
    assert [part.isdecimal() for part in cloudjobs.__version__.split(".")] == [True, True, True]


# Imports


def imported_by(statement: str) -> set[str]:
    """Return the modules that a statement loads in a new interpreter."""
    program = f"import sys; {statement}; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


def extra_packages() -> set[str]:
    """Return the packages that extras bring."""
    metadata = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    extras = metadata["project"]["optional-dependencies"]
    named = {re.match(r"[A-Za-z0-9_.-]+", one) for requirements in extras.values() for one in requirements}
    return {match[0].replace("-", "_").lower() for match in named if match} - {PACKAGE.name}


OPTIONAL = extra_packages() | {
    "airflow",
    "cloudjobs._aiohttp",
    "cloudjobs.airflow",
    "cloudjobs.cli",
    "cloudjobs.testing",
    "generator",
    "hypothesis",
    "pytest",
}


def test_optional_packages_are_known() -> None:
    assert {"aiohttp", "click", "jsonschema_rs", "rich", "starlette", "uvicorn"} <= OPTIONAL


def test_package_import_loads_no_service_or_dependency() -> None:
    loaded = imported_by("import cloudjobs")
    assert "cloudjobs" in loaded
    assert not {f"cloudjobs.{service}" for service in cloudjobs.services()} & loaded
    assert not (OPTIONAL | {"httpx", "msgspec", "attrs"}) & loaded


@every_service
def test_service_import_loads_no_other_service_or_extra(service: str) -> None:
    others = {f"cloudjobs.{other}" for other in cloudjobs.services() if other != service}
    for statement in (f"import cloudjobs.{service}", f"from cloudjobs import Async{pascal(service)}Client"):
        loaded = imported_by(statement)
        assert f"cloudjobs.{service}.models" in loaded
        assert not others & loaded
        assert not OPTIONAL & loaded
        # The first client imports it: a program that shows its help first does not wait for it.
        assert not {"httpx", "httpx2", "asyncio", "json"} & loaded
        assert not {"pydantic", "pydantic_core", "cloudjobs._frameworks"} & loaded


def test_runtime_modules_have_no_import_cycle() -> None:
    """Not in a function and not for types either."""
    needs: dict[str, set[str]] = {path.stem: set() for path in PACKAGE.glob("[!_]*.py")}
    needs |= {path.stem: set() for path in PACKAGE.glob("_[!_]*.py")}
    for name in needs:
        for node in ast.walk(ast.parse((PACKAGE / f"{name}.py").read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                named = [node.module.split(".")[0]] if node.module else [alias.name for alias in node.names]
                needs[name] |= needs.keys() & set(named)
    assert needs["_decoding"] >= {"_models", "_documents"}
    while ready := {name for name, needed in needs.items() if not needed & needs.keys()}:
        needs = {name: needed for name, needed in needs.items() if name not in ready}
    assert not needs


def test_document_loads_no_service() -> None:
    loaded = imported_by("import cloudjobs; [cloudjobs.document(name) for name in cloudjobs.services()]")
    assert not {f"cloudjobs.{service}" for service in cloudjobs.services()} & loaded


# Explanations


def explained(value: object) -> bool:
    return bool((inspect.getdoc(value) or "").strip())


@pytest.mark.parametrize("module", PUBLIC_MODULES, ids=lambda module: module.__name__)
def test_public_names_have_docstrings(module: ModuleType) -> None:
    assert explained(module)
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value):
            assert (value.__doc__ or "").strip(), f"{name} has none of its own"
        elif inspect.isfunction(value):
            assert explained(value), name


@pytest.mark.parametrize("module", PUBLIC_MODULES, ids=lambda module: module.__name__)
def test_public_methods_and_properties_have_docstrings(module: ModuleType) -> None:
    for name in module.__all__:
        kind = getattr(module, name)
        if not inspect.isclass(kind) or issubclass(kind, Enum):
            continue
        for key in dir(kind):
            member = inspect.getattr_static(kind, key)
            if key.startswith("_") or not isinstance(member, property | classmethod | staticmethod | type(explained)):
                continue
            told_by_a_class = any(f"\n    {key}: " in inspect.cleandoc(base.__doc__ or "") for base in kind.__mro__)
            assert explained(getattr(kind, key)) or told_by_a_class, f"{name}.{key}"


def test_help_of_a_snapshot_documents_every_field() -> None:
    shown = inspect.cleandoc(cloudjobs.JobSnapshot.__doc__ or "")
    for each in attrs.fields(cloudjobs.JobSnapshot):
        assert re.search(rf"^    {each.name}: \w", shown, re.MULTILINE), each.name


def test_docstrings_of_services_name_no_evidence() -> None:
    for service in cloudjobs.services():
        for path in (PACKAGE / service).glob("*.py"):
            assert not re.search(r"^\s*Source:", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_constants_of_open_lists_have_a_suffix_that_no_model_has() -> None:
    for service in cloudjobs.services():
        module = import_module(f"cloudjobs.{service}.models")
        kinds = [value for name in module.__all__ if inspect.isclass(value := getattr(module, name))]
        assert {kind.__name__ for kind in kinds if kind.__name__.endswith("Values")} == {
            kind.__name__ for kind in kinds if not issubclass(kind, Model)
        }


def documented_after(body: list[ast.stmt], index: int) -> bool:
    """Return whether a string stands after a statement, as the docstring of an attribute."""
    following = body[index + 1] if index + 1 < len(body) else None
    return (
        isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
        and isinstance(following.value.value, str)
        and bool(following.value.value.strip())
    )


@every_service
def test_model_attributes_have_docstrings(service: str) -> None:
    tree = ast.parse((PACKAGE / service / "models.py").read_text(encoding="utf-8"))
    seen = 0
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in models(service):
            for index, statement in enumerate(node.body):
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    if statement.target.id.startswith("__"):
                        continue
                    seen += 1
                    assert documented_after(node.body, index), f"{node.name}.{statement.target.id}"
    assert seen == sum(len(properties_of(model)) for model in models(service).values())


@every_service
def test_value_lists_have_docstrings(service: str) -> None:
    tree = ast.parse((PACKAGE / service / "models.py").read_text(encoding="utf-8"))
    for index, statement in enumerate(tree.body):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            assert name == "__all__" or documented_after(tree.body, index), name


@every_service
def test_operation_docstring_covers_arguments_and_errors(service: str) -> None:
    for operation in operations():
        if operation.service != service:
            continue
        for prefix in ("", "Async"):
            method = getattr(getattr(cloudjobs, f"{prefix}{pascal(service)}Client"), operation.name)
            told = inspect.getdoc(method) or ""
            for name in inspect.signature(method).parameters:
                assert name == "self" or f"    {name}: " in told, name
            for error in (
                "ValueError",
                "APIStatusError",
                "APIConnectionError",
                "APITimeoutError",
                "InvalidResponseError",
                "ContractViolationError",
            ):
                assert f"    {error}: " in told, error


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_generated_files_name_their_source(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("# Generated from ")
    assert first.endswith("Do not edit: change that, and run `make generate`.")
    source = first.removeprefix("# Generated from ").partition(". Do not")[0]
    assert (Path(__file__).parents[2] / source).is_file()
