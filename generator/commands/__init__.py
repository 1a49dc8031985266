"""Commands of the command line, one module for each group, and the steps that several of them share.

A command reads its arguments, calls the package that does the work, and prints. It imports that package inside its
function, so that a command loads only the code that it uses.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..contract import check_contradictions, check_recordings
from ..documents import Service, Workspace, lint
from ..documents.bundle import bundle
from ..documents.workspace import HOUSE
from ..errors import Problem, ValidationError
from ..evidence import trace

_BESIDE = Path(__file__).parent.parent.parent
CHECKOUT = _BESIDE if (_BESIDE / "generator" / "commands" / Path(__file__).name).is_file() else None
"""The checkout that this code is in; None for the installed tool."""
PROGRAM = "python -m generator" if CHECKOUT else "cloudjobs-generator"


def bundled_services(workspace: Workspace, names: list[str] | None) -> list[tuple[Service, dict[str, Any]]]:
    """Return the services with their bundled documents. Raises `ValidationError` if any of them has a problem."""
    from ..quality.suite import interpretation_problems

    services = workspace.select(names)
    if problems := [problem for service in services for problem in validate_service(workspace, service)]:
        raise ValidationError(problems)
    accounts = [trace(service) for service in services]
    if problems := [problem for each in accounts for problem in each.problems]:
        raise ValidationError(problems)
    if problems := [problem for service in services for problem in interpretation_problems(service)]:
        raise ValidationError(problems)
    return [(service, bundle(service, each)) for service, each in zip(services, accounts, strict=True)]


def validate_service(workspace: Workspace, service: Service) -> list[Problem]:
    """Return the problems in the form of a service's document, in its recordings and in its contradictions."""
    from ..client import reserved_names

    problems = lint(workspace, service) or check_recordings(service) or check_contradictions(service)
    if service.name in reserved_names():
        problems.append(
            service.document.problem(
                "",
                f"the service must not have the name of a module of the client's runtime, got {service.name}",
                "Rename the document",
            )
        )
    return problems


def package_name(workspace: Workspace) -> str:
    """Return the import name of the project's client. Raises `ValidationError` if its settings lack it."""
    settings = workspace.settings
    if settings.package is None:
        message = "package must be the import name of the client, got no value"
        raise ValidationError(Problem(settings.file, message, 'Add a line such as package = "acme_jobs"'))
    return settings.package


def client_folder(workspace: Workspace, package: str) -> Path:
    """Return the folder of the project's client."""
    return workspace.root / (workspace.settings.output or package.replace("_", "-"))


def relative(what: object) -> str:
    """Return a path or problem as text, with paths relative to the current folder.

    The installed tool has the house rules in its own folder, so their path is replaced.
    """
    text = str(what).replace(f"{Path.cwd()}{os.sep}", "")
    return text if CHECKOUT else re.sub(r"\bopenapi/(?=STYLE\.md|schemas/)", lambda _: f"{HOUSE}{os.sep}", text)


def runtime_folder() -> Path:
    """Return the folder of the package `cloudjobs`, the runtime of generated clients, and make it importable.

    Raises:
        ValidationError: The package is not installed, or the checkout has not generated it.
    """
    source = CHECKOUT / "generated_client" / "src" if CHECKOUT else None
    if source is None:
        spec = find_spec("cloudjobs")
        if spec is None or not spec.submodule_search_locations:
            raise ValidationError(Problem("cloudjobs", "is not installed", "Run pip install cloudjobs"))
        return Path(next(iter(spec.submodule_search_locations))).parent
    if not source.is_dir():
        raise ValidationError(Problem(source, "is missing", "Run make generate"))
    if str(source) not in sys.path:
        sys.path.insert(0, str(source))
    return source
