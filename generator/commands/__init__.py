"""Commands of the command line, one module for each group, and the steps that several begin with.

A command reads its arguments, calls the package that does the work, and prints. It imports that package inside its
function, so that a command loads only the code that it uses.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from ..contract import check_contradictions, check_recordings
from ..documents import Service, Workspace, lint
from ..documents.bundle import bundle
from ..errors import Problem, ValidationError
from ..evidence import trace

ROOT = Path(__file__).parent.parent.parent


def bundled_services(workspace: Workspace, names: list[str] | None) -> list[tuple[Service, dict[str, Any]]]:
    """The services with their bundled documents. Raises `Refused` where anything is wrong with them."""
    services = workspace.select(names)
    raise_if_any([problem for service in services for problem in validate_service(workspace, service)])
    accounts = [trace(service) for service in services]
    raise_if_any([problem for each in accounts for problem in each.problems])
    return [(service, bundle(service, each)) for service, each in zip(services, accounts, strict=True)]


def validate_service(workspace: Workspace, service: Service) -> list[Problem]:
    """Everything that is wrong with the form of a service's document and with its recordings."""
    from ..client import reserved_names

    problems = lint(workspace, service) or check_recordings(service) or check_contradictions(service)
    if service.name in reserved_names():
        problems.append(
            service.document.problem(
                "", f"{service.name} is a module of the client's runtime", "Give the service another name"
            )
        )
    return problems


def relative(what: object) -> str:
    """The text of a path or a problem, with paths from the root of the checkout."""
    return str(what).replace(f"{ROOT}{os.sep}", "")


def add_client_to_path() -> None:
    """Let the generated client be imported. It is no part of the workshop's environment, which has to make it first."""
    source = ROOT / "generated_client" / "src"
    if not source.is_dir():
        raise ValidationError(Problem(source, "is not there", "Run make generate"))
    if str(source) not in sys.path:
        sys.path.insert(0, str(source))


def output(text: str) -> Path:
    """For `type=`: a file or folder to write, outside the inputs."""
    path = Path(text)
    if path.resolve().is_relative_to((ROOT / "openapi").resolve()):
        raise argparse.ArgumentTypeError(f"must be outside openapi/, which holds the inputs, got {text!r}")
    return path


def raise_if_any(problems: list[Problem]) -> None:
    """Raise `Refused` where there are problems."""
    if problems:
        raise ValidationError(problems)
