"""The environment that templates are rendered in: openapi-python-client's own, with our templates before its own."""

from __future__ import annotations

import textwrap
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from openapi_python_client import Project
from openapi_python_client.parser import GeneratorData
from openapi_python_client.strings import safe_for_docstring

from generator.client.names import TEMPLATES
from generator.client.parse import parser_config

WIDTH = 120
"""Columns of a generated line."""


def environment(parsed: GeneratorData) -> Environment:
    """The environment, with the filters `literal` (a value as Python), `paragraph` and `docstring`."""
    project = Project(openapi=parsed, config=parser_config(Path()), custom_template_path=TEMPLATES)
    project.env.filters.update(literal=repr, paragraph=paragraph, docstring=docstring)
    project.env.undefined = StrictUndefined
    return project.env


def docstring(text: str, indent: int, source: str = "") -> str:
    """A whole docstring: on one line where it fits, with the evidence it rests on as its last paragraph."""
    body = paragraph(text, indent, used=3)
    margin = " " * indent
    if source:
        body += f"\n\n{margin}{paragraph(f'Source: {source}', indent)}"
    fits = "\n" not in body and indent + len(body) + 6 <= WIDTH
    return f'"""{body}"""' if fits else f'"""{body}\n{margin}"""'


def paragraph(text: str, indent: int = 0, used: int = 0) -> str:
    """Text wrapped for a docstring whose lines are indented so far, and whose first has columns used already."""
    lines = textwrap.wrap(
        safe_for_docstring(text),
        width=WIDTH - indent,
        initial_indent=" " * used,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f"\n{' ' * indent}".join(lines).strip()
