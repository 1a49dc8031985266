"""Rendering of a distribution: packages of the services, the runtime, metadata, data."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import textwrap
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import attrs
from jinja2 import Environment, StrictUndefined
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import safe_for_docstring
from ruff.__main__ import find_ruff_bin

from ..documents import Service, Workspace
from ..documents.renditions import BUNDLED, listing, renditions
from ..documents.settings import RUNTIME_PACKAGE
from ..errors import Problem, ValidationError
from ..files import MANIFEST, files_below
from .runtime._version import VERSION
from .template_model import ServicePackage
from .template_model_builder import RUNTIME, TEMPLATES, describe

WIDTH = 120
"""Columns of a generated line."""


def environment() -> Environment:
    """Return the environment, with the filters `literal` (a value as Python), `paragraph` and `docstring`."""
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=Path(),
        file_encoding="utf-8",
        overwrite=False,
        output_path=None,
    )
    empty = GeneratorData.from_dict(_EMPTY, config=config)
    if isinstance(empty, GeneratorError):
        raise TypeError(str(empty))
    project = Project(openapi=empty, config=config, custom_template_path=TEMPLATES)
    project.env.filters.update(literal=repr, paragraph=paragraph, docstring=docstring)
    project.env.undefined = StrictUndefined
    return project.env


def docstring(text: str, indent: int) -> str:
    """Return a whole docstring: on one line if it fits."""
    body = paragraph(text, indent, used=3)
    if body.endswith('"'):
        body = f'{body[:-1]}\\"'
    fits = "\n" not in body and indent + len(body) + 6 <= WIDTH
    return f'"""{body}"""' if fits else f'"""{body}\n{" " * indent}"""'


def paragraph(text: str, indent: int = 0, used: int = 0) -> str:
    """Return text wrapped for a docstring with so much indentation, and used columns in its first line."""
    lines = textwrap.wrap(
        safe_for_docstring(text),
        width=WIDTH - indent,
        initial_indent=" " * used,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"\n{' ' * indent}".join(lines).strip()


_GENERATOR = Path(__file__).resolve().parents[1]

_IN_PACKAGE = _GENERATOR / "LICENSE"
LICENSE = _IN_PACKAGE if _IN_PACKAGE.is_file() else _GENERATOR.parent / "LICENSE"
"""The licence of the runtime: in the installed tool, or in the checkout."""

_EMPTY = {"openapi": "3.1.0", "info": {"title": "client", "version": "0"}, "paths": {}}
"""A document for openapi-python-client, which requires one. The templates get our documents separately."""

_RUFF = ("--isolated", "--quiet", "--no-cache", "--target-version", "py311", "--line-length", str(WIDTH))

_MODULES = {
    "__init__": "package_init.py.jinja",
    "async_client": "client.py.jinja",
    "client": "client.py.jinja",
    "models": "models_init.py.jinja",
    "operations": "endpoint_module.py.jinja",
}

_TOOLS = ("openapi-python-client", "ruff")


@attrs.frozen
class Distribution:
    """The client to generate."""

    workspace: Workspace
    services: list[tuple[Service, dict[str, Any]]]
    """Each service with its bundled document."""
    package: str = RUNTIME_PACKAGE
    version: str = VERSION
    description: str = "Typed clients of job-query endpoints, made from OpenAPI documents. Unofficial."
    standalone: bool = True
    """Whether it has a copy of the runtime. Otherwise it requires the distribution that has it."""
    regenerate: str = "make generate"
    """The command that writes it, as its files name it."""

    @property
    def name(self) -> str:
        """Name of the distribution."""
        return self.package.replace("_", "-")

    @property
    def runtime(self) -> str:
        """Import name of the package with the runtime."""
        return self.package if self.standalone else RUNTIME_PACKAGE


def compatible(version: str) -> str:
    """Return the requirement of generated code on the runtime: a distribution with compatible versions.

    Generated code uses private modules of the runtime, which a compatible release keeps.
    """
    major, minor, *_ = version.split(".")
    return f"~={version}" if major == "0" else f"~={major}.{minor}"


def build(distribution: Distribution, folder: Path) -> None:
    """Write the whole distribution into an empty folder. Raises `ValidationError`."""
    packages = [describe(service.name, document, service.document.path) for service, document in distribution.services]
    _Build(distribution, folder, packages).run()


class _Build:
    def __init__(self, distribution: Distribution, folder: Path, packages: list[ServicePackage]) -> None:
        self.distribution = distribution
        self.root = distribution.workspace.root
        self.folder = folder
        self.packages = packages
        self.do_not_edit = f"Do not edit: change that, and run `{distribution.regenerate}`."
        self.environment: Environment = environment()
        self.origins: dict[str, str] = {}
        """The sources of each file, for formats without comments."""

    def run(self) -> None:
        for (service, document), package in zip(self.distribution.services, self.packages, strict=True):
            self._service(service, document, package)
        self._renditions()
        if self.distribution.standalone:
            self._runtime()
        self._data("py.typed", "", "PEP 561")
        self._metadata()
        self._ruff()
        self._manifest()

    def _service(self, service: Service, document: dict[str, Any], package: ServicePackage) -> None:
        origin = self._relative(service.document.path)
        for module, template in _MODULES.items():
            text = self._render(template, service=package, document=document, asynchronous=module == "async_client")
            if not self.distribution.standalone:
                text = re.sub(r"^from \.\.(?=\w)", f"from {RUNTIME_PACKAGE}.", text, flags=re.MULTILINE)
            self._module(f"{service.name}/{module}.py", origin, text)
        recordings = {name: recording.source.data for name, recording in service.recordings.items()}
        self._data(f"{service.name}/openapi.json", _json(document), origin)
        self._data(f"{service.name}/recordings.json", _json(recordings), f"openapi/recordings/{service.name}/")

    def _renditions(self) -> None:
        made = renditions(self.distribution.services, self.distribution.version)
        for rendition in made:
            if rendition.kind is not BUNDLED:
                self._data(f"renditions/{rendition.name}.json", _json(rendition.data), "openapi/")
        header = f"<!-- Generated from openapi/. {self.do_not_edit} -->\n\n"
        readme = f"src/{self.distribution.package}/renditions/README.md"
        self._write(readme, header + listing(made, self.distribution.package))

    def _runtime(self) -> None:
        for path in sorted(RUNTIME.rglob("*.py")):
            name = path.relative_to(RUNTIME).as_posix()
            if name != "__init__.py":
                text = re.sub(r"\bcloudjobs\b", self.distribution.package, path.read_text(encoding="utf-8"))
                text = re.sub(r"\bCLOUDJOBS_", f"{self.distribution.package.upper()}_", text)
                if name == "_version.py":
                    text = text.replace(f'"{VERSION}"', f'"{self.distribution.version}"')
                self._module(name, self._relative(path), text)
        template = "replay_clients.py.jinja"
        self._module("testing/_clients.py", self._relative(TEMPLATES / template), self._render(template))

    def _metadata(self) -> None:
        template = "root_init.py.jinja"
        self._module("__init__.py", self._relative(TEMPLATES / template), self._render(template))
        for name, mark in (("pyproject.toml", "# {}\n"), ("README.md", "<!-- {} -->\n\n")):
            template = f"{name}.jinja"
            header = mark.format(f"Generated from {self._relative(TEMPLATES / template)}. {self.do_not_edit}")
            self._write(name, header + self._render(template))
        self._write(
            ".gitignore", f"# Generated by {self._relative(Path(__file__))}. {self.do_not_edit}\n__pycache__/\n"
        )
        if self.distribution.standalone:
            self._write("LICENSE", LICENSE.read_text(encoding="utf-8"))
            self.origins["LICENSE"] = self._relative(LICENSE)

    def _exports(self) -> dict[str, str]:
        """Return the exports of the package, with the module of each."""
        exports = dict.fromkeys(("document", "recordings", "services"), "._documents")
        exports |= dict.fromkeys(("JobSnapshot", "JobState"), "._jobs")
        exports |= dict.fromkeys(("Deviation", "DeviationKind", "Severity"), "._deviations")
        exports |= {"RawResponse": "._response", "LazyList": "._rows"}
        for module, path in ((".errors", "errors.py"), (".auth", "auth/__init__.py")):
            exports |= dict.fromkeys(_public_names(RUNTIME / path), module)
        if not self.distribution.standalone:
            of_all = ("document", "recordings", "services")
            exports = {name: RUNTIME_PACKAGE for name in exports if name not in of_all}
        for package in self.packages:
            exports |= dict.fromkeys((package.client_name, f"Async{package.client_name}"), f".{package.name}")
        return exports

    def _render(self, template: str, **context: Any) -> str:
        return self.environment.get_template(template).render(
            context,
            services=self.packages,
            exports=self._exports(),
            package=self.distribution.package,
            runtime=self.distribution.runtime,
            standalone=self.distribution.standalone,
            requirement=compatible(VERSION),
            distribution=self.distribution.name,
            version=self.distribution.version,
            description=self.distribution.description,
        )

    def _module(self, name: str, origin: str, text: str) -> None:
        self._write(f"src/{self.distribution.package}/{name}", f"# Generated from {origin}. {self.do_not_edit}\n{text}")

    def _data(self, name: str, text: str, origin: str) -> None:
        path = f"src/{self.distribution.package}/{name}"
        self._write(path, text)
        self.origins[path] = origin

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")

    def _ruff(self) -> None:
        """Remove unused imports, sort the others and format all files, in one run."""
        for command in (("check", "--select", "F401,I001", "--fix"), ("format",)):
            run = subprocess.run(
                [find_ruff_bin(), *command, *_RUFF, "src"],
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
            )
            if run.returncode:
                said = " ".join((run.stdout + run.stderr).split()).replace(" src/", " generated_client/src/")
                raise ValidationError(
                    Problem(TEMPLATES, f"must give Python that ruff accepts, got {said[:600]}", "Correct the template")
                )

    def _manifest(self) -> None:
        sources = sorted(TEMPLATES.glob("*.jinja"))
        if self.distribution.standalone:
            sources += [*RUNTIME.rglob("*.py"), LICENSE]
        for service, _ in self.distribution.services:
            sources += [service.document.path, *([] if service.is_imported else [service.evidence.path])]
            sources += [recording.source.path for recording in service.recordings.values()]
        manifest = {
            "about": f"The sources of this distribution, by `{self.distribution.regenerate}`. {self.do_not_edit}",
            "package": self.distribution.package,
            "version": self.distribution.version,
            "services": [service.name for service, _ in self.distribution.services],
            **({} if self.distribution.standalone else {"runtime": f"{RUNTIME_PACKAGE}{compatible(VERSION)}"}),
            "tools": {tool: installed_version(tool) for tool in _TOOLS},
            "inputs": dict(sorted((self._relative(path), _hash(path)) for path in sources)),
            "files_without_comments": {MANIFEST: self._relative(Path(__file__)), **self.origins},
            "files": sorted([MANIFEST, *files_below(self.folder)]),
        }
        self._write(MANIFEST, _json(manifest))

    def _relative(self, path: Path) -> str:
        """Return the path from the project, or from the folder that the generator's package is in."""
        resolved, root = path.resolve(), self.root.resolve()
        if resolved.is_relative_to(root):
            return resolved.relative_to(root).as_posix()
        inner = resolved.relative_to(_GENERATOR) if resolved.is_relative_to(_GENERATOR) else Path(path.name)
        return f"cloudjobs_generator/{inner.as_posix()}"


def _public_names(path: Path) -> list[str]:
    """Return the `__all__` of a module, read from its source."""
    names: list[str] = next(
        ast.literal_eval(node.value)
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    return names


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
