"""The distribution is 100 % output: the same bytes from the same inputs, marked as generated, under any package name.

The committed one is the golden output. `SOURCE.json` lists its sources.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import openapi_python_client
import pytest

from generator.client import Distribution, build
from generator.client.template_model_builder import RUNTIME, TEMPLATES
from generator.documents import Service, Workspace
from generator.documents.bundle import bundle
from generator.evidence import trace
from tests.generator.directory_snapshots import OUTPUT, ROOT, SERVICES, contents, first_difference, python, workshop

COMMENTS = {".py": "# {}", ".toml": "# {}", ".md": "<!-- {}", ".gitignore": "# {}"}
"""How a line says something to a reader alone, by the suffix of the file, or by its name."""

UPSTREAM = {
    "README.md.jinja": "db57918c4d3b23d2a6f1904b124fdeb90fad0baf2a78bec7bfa0617d48fd623c",
    "client.py.jinja": "4eac65762f21014a7fbf59e730f1be6d28c9c85ddc1c40b458b6ff5f67a64c9e",
    "endpoint_module.py.jinja": "c1b2628053eb4875ba59566baa5ae907666f9cbfafa308d93f970a4404b7cd52",
    "literal_enum.py.jinja": "04f2eb9334dd543ab7fa91a1fe3a73e7d5f2cf50e09d864429ddb58e506c8b68",
    "model.py.jinja": "fd1c79680d51c06cfbb89809ad123750ba9add98b688036c04cabbf1f8ba40a0",
    "models_init.py.jinja": "4f64a3d6e1b15a561be5573c1b7702eb928c0e4fa6b67107d20e57a74c44d51a",
    "package_init.py.jinja": "ac15907e32dc39bd9b83ea6f2002fb87514f2182b97f88231b5a9c47321f6210",
    "pyproject.toml.jinja": "ac1685ab4a2a946796f8d7aca8f785fc11829c4101e0fd90abde6f22b18e1504",
    "str_enum.py.jinja": "e4979a5e6b338351eda8bdac534017cfbeb51a809b494fd3c632db39414817fc",
}
"""The originals that our templates replace. Where one has changed: compare, adapt ours, record the new hash."""
OUR_OWN = {
    "iterating.py.jinja",
    "replay_clients.py.jinja",
    "root_init.py.jinja",
    "starting.py.jinja",
    "waiting.py.jinja",
}
"""Templates that replace no original."""


@pytest.fixture(scope="session")
def manifest(built: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((built / "SOURCE.json").read_text(encoding="utf-8"))
    return read


class TestDistributionReproducibility:
    def test_distribution_committed_files_are_current(self, built: Path) -> None:
        assert first_difference(contents(built), contents(ROOT / OUTPUT)) is None

    def test_build_twice_gives_equal_files(
        self, built: Path, bundles: Any, workspace: Workspace, tmp_path: Path
    ) -> None:
        build(Distribution(workspace, bundles), tmp_path)
        assert first_difference(contents(built), contents(tmp_path)) is None

    def test_client_command_removed_distribution_is_restored(self, tree: Path) -> None:
        before = contents(tree)
        shutil.rmtree(tree / OUTPUT)
        made = workshop(tree, "client")
        assert (made.returncode, made.stderr) == (0, "")
        assert made.stdout.strip() == f"{OUTPUT}: cloudjobs with {', '.join(SERVICES)}"
        assert first_difference(before, contents(tree)) is None

    def test_client_command_edited_distribution_is_replaced(self, tree: Path) -> None:
        before = contents(tree)
        package = tree / OUTPUT / "src" / "cloudjobs"
        (package / "errors.py").write_text("mine\n", encoding="utf-8")
        (package / "py.typed").unlink()
        assert workshop(tree, "client").returncode == 0
        assert first_difference(before, contents(tree)) is None

    @pytest.mark.parametrize("seed", ["0", "12345"])
    def test_client_command_hash_seed_does_not_matter(self, seed: str, built: Path, tmp_path: Path) -> None:
        output = tmp_path / "made"
        made = workshop(ROOT, "client", "--output", output, PYTHONHASHSEED=seed)
        assert made.returncode == 0, made.stderr
        assert first_difference(contents(built), contents(output)) is None

    def test_build_ruff_settings_around_output_are_ignored(
        self, built: Path, workspace: Workspace, bundles: Any, tmp_path: Path
    ) -> None:
        (tmp_path / "ruff.toml").write_text('line-length = 60\nformat.quote-style = "single"\n', encoding="utf-8")
        output = tmp_path / "made"
        output.mkdir()
        build(Distribution(workspace, bundles), output)
        assert first_difference(contents(built), contents(output)) is None

    def test_distribution_contains_no_local_path(self, built: Path) -> None:
        places = [str(place).encode() for place in (ROOT, built, built.parent, tempfile.gettempdir(), sys.prefix)]
        for name, content in contents(built).items():
            assert not [place for place in places if place in (content or b"")], name

    def test_distribution_files_have_unix_line_endings(self, built: Path) -> None:
        for name, content in contents(built).items():
            if content:
                assert b"\r" not in content, name
                assert content.endswith(b"\n"), name
                assert not content.endswith(b"\n\n"), name


class TestDistributionManifest:
    def test_distribution_each_file_is_marked_or_listed(self, built: Path, manifest: dict[str, Any]) -> None:
        marked, unmarked = set(), set()
        for name, content in contents(built).items():
            if content is not None:
                comment = COMMENTS.get(Path(name).suffix or Path(name).name)
                if comment is None:
                    unmarked.add(name)
                else:
                    first = content.decode("utf-8").partition("\n")[0]
                    assert first.startswith((comment.format("Generated from "), comment.format("Generated by "))), name
                    assert "Do not edit: change that, and run `make generate`." in first, name
                    marked.add(name)
        assert unmarked == manifest["files_without_comments"].keys()
        assert len(marked) > 20

    def test_distribution_marks_name_existing_sources(self, built: Path, manifest: dict[str, Any]) -> None:
        origins = [origin for origin in manifest["files_without_comments"].values() if origin != "PEP 561"]
        for path in built.rglob("*.py"):
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            origins.append(first.removeprefix("# Generated from ").partition(". Do not edit")[0])
        assert [origin for origin in origins if not (ROOT / origin).exists()] == []

    def test_manifest_hashes_match_the_inputs(self, manifest: dict[str, Any]) -> None:
        wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in manifest["inputs"]}
        assert manifest["inputs"] == wanted

    def test_manifest_lists_all_inputs(self, manifest: dict[str, Any]) -> None:
        openapi = ROOT / "openapi"
        inputs = [
            ROOT / "LICENSE",
            *RUNTIME.rglob("*.py"),
            *TEMPLATES.glob("*"),
            *openapi.glob("*.yaml"),
            *openapi.glob("evidence/*"),
            *openapi.glob("recordings/*/*"),
        ]
        assert list(manifest["inputs"]) == sorted(path.relative_to(ROOT).as_posix() for path in inputs)

    def test_manifest_names_package_services_and_tools(self, manifest: dict[str, Any]) -> None:
        assert manifest["package"] == "cloudjobs"
        assert manifest["services"] == SERVICES
        assert manifest["tools"] == {
            name: importlib.metadata.version(name) for name in ("openapi-python-client", "ruff")
        }

    def test_distribution_versions_agree(self, built: Path, manifest: dict[str, Any]) -> None:
        project = tomllib.loads((built / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert (project["name"], project["version"]) == ("cloudjobs", manifest["version"])
        printed = python(built / "src", "-c", "import cloudjobs; print(cloudjobs.__version__)")
        assert printed.stdout.strip() == manifest["version"]

    @pytest.mark.parametrize("name", SERVICES)
    def test_distribution_contains_documents_and_recordings(
        self, name: str, built: Path, services: dict[str, Service]
    ) -> None:
        package, service = built / "src" / "cloudjobs" / name, services[name]
        document = json.loads((package / "openapi.json").read_text(encoding="utf-8"))
        assert document == bundle(service, trace(service))
        recordings = json.loads((package / "recordings.json").read_text(encoding="utf-8"))
        assert recordings == {each.id: each.source.data for each in service.recordings.values()}

    def test_distribution_has_no_compiled_or_extra_files(self, built: Path) -> None:
        assert sorted(path.name for path in built.iterdir()) == [
            ".gitignore",
            "LICENSE",
            "README.md",
            "SOURCE.json",
            "pyproject.toml",
            "src",
        ]
        assert [path.name for path in (built / "src").iterdir()] == ["cloudjobs"]
        assert not list(built.rglob("*.pyc"))


def imports(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """Return the imports of a module, without those that only type checkers read."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


class TestDistributionCode:
    def test_distribution_runtime_imports_no_service(self, built: Path) -> None:
        package = built / "src" / "cloudjobs"
        for path in package.rglob("*.py"):
            inside = path.relative_to(package).parts
            for node in imports(path):
                if isinstance(node, ast.ImportFrom) and node.level:
                    base = list(inside)[: len(inside) - node.level]
                    target = [*base, *(node.module or "").split(".")][0]
                    if inside[0] in SERVICES:
                        assert target not in set(SERVICES) - {inside[0]}, path
                    elif inside != ("__init__.py",):
                        assert target not in SERVICES, path

    def test_distribution_imports_only_declared_dependencies(self, built: Path) -> None:
        project = tomllib.loads((built / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        known = {requirement.partition(">")[0].replace("-", "_") for requirement in project["dependencies"]}
        extras = {
            name: {requirement.partition(">")[0].replace("-", "_") for requirement in requirements}
            for name, requirements in project["optional-dependencies"].items()
        }
        package = built / "src" / "cloudjobs"
        for path in package.rglob("*.py"):
            for node in imports(path):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                foreign = {name.partition(".")[0] for name in names} - sys.stdlib_module_names
                allowed = known | extras.get(path.parent.name, set())
                allowed |= {"airflow"} if "apache_airflow" in extras.get(path.parent.name, set()) else set()
                allowed |= extras["aio"] if path.name == "_aiohttp.py" else set()
                allowed |= extras["httpx2"] if path.name == "_stacks.py" else set()
                allowed |= {"pydantic_core"} if path.name == "_frameworks.py" else set()  # which pydantic alone calls
                allowed |= {"pytest"} if path.name == "pytest_plugin.py" else set()  # which alone loads it
                assert foreign <= allowed, path

    def test_package_import_loads_no_service(self, built: Path) -> None:
        code = "import sys, cloudjobs; print([name for name in sys.modules if name.startswith('cloudjobs.')])"
        printed = python(built / "src", "-c", code)
        assert ast.literal_eval(printed.stdout) == ["cloudjobs._version"]

    def test_models_each_job_schema_has_a_job_mapping(self, built: Path, services: dict[str, Service]) -> None:
        for name, service in services.items():
            models = (built / "src" / "cloudjobs" / name / "models.py").read_text(encoding="utf-8")
            schemas = service.document.data["components"]["schemas"]
            classes = {each.get("x-model", name) for name, each in schemas.items() if "x-job" in each}
            assert models.count("__job__: ClassVar[JobMapping] = JobMapping(") == len(classes)


class TestTemplates:
    def originals(self) -> Path:
        return Path(openapi_python_client.__file__).parent / "templates"

    def test_templates_replaced_originals_have_known_hashes(self) -> None:
        there = {
            name: hashlib.sha256((self.originals() / name).read_bytes()).hexdigest()
            for name in UPSTREAM
            if (self.originals() / name).is_file()
        }
        assert there == UPSTREAM

    def test_templates_each_replaces_an_original_or_is_listed(self) -> None:
        ours = {path.name for path in TEMPLATES.iterdir()}
        assert ours == UPSTREAM.keys() | OUR_OWN
        assert not [name for name in OUR_OWN if (self.originals() / name).exists()]

    def test_templates_of_ours_take_precedence(self, built: Path) -> None:
        assert "from attrs import" not in (built / "src" / "cloudjobs" / SERVICES[0] / "models.py").read_text(
            encoding="utf-8"
        )
