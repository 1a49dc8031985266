"""A document with one fault, and the one problem that must be reported.

Each broken document is a real one with a single change, so that the change is the only possible reason.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from generator.documents import Service, Workspace, lint
from generator.documents.json_pointer import matches
from generator.errors import Problem
from tests.generator.edits import Edit, with_document

STYLE = "See openapi/STYLE.md"
GET = "/paths/*/get"
OK = f"{GET}/responses/200"
JOB = "/components/schemas/Job"
PARAMETER = {"description": "X.", "required": False, "schema": {"type": "string"}}
"""A parameter without its name and location."""


@attrs.frozen
class BrokenDocument:
    """A change to a document, and the one problem that it makes."""

    edit: Edit
    pointer: str
    message: str
    remedy: str
    service: str = "ges"
    also: tuple[str, ...] = ()
    """Further problems that the same change causes."""


def case(name: str, *arguments: Any, **keywords: Any) -> Any:
    return pytest.param(BrokenDocument(*arguments, **keywords), id=name)


def single_problem(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def assert_single_problem(broken: BrokenDocument, workspace: Workspace, services: dict[str, Service]) -> None:
    """Check that lint reports the broken place with its remedy, and no other problem."""
    service = services[broken.service]
    found = lint(workspace, with_document(service, broken.edit))
    besides = [problem for problem in found if any(message in problem.message for message in broken.also)]
    assert len(besides) == len(broken.also)
    problem = single_problem([problem for problem in found if problem not in besides])
    assert problem.file == service.document.path
    assert problem.line is not None
    assert problem.pointer is not None
    assert matches(broken.pointer, problem.pointer), problem.pointer
    assert broken.message in problem.message
    assert broken.remedy in problem.remedy
