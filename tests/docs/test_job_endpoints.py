"""The guide of the vocabulary names each keyword, with examples of documents that pass `check`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from generator.documents import load

from .programs import ROOT

TEXT = (ROOT / "generator" / "docs" / "content" / "job-endpoints.md").read_text(encoding="utf-8")
DOCUMENTS = [*(ROOT / "openapi").glob("*.yaml"), *(ROOT / "tests" / "services").glob("*/*.yaml")]
EXTENSIONS = ("x-poll", "x-start", "x-job", "x-pagination", "x-auth")
ROWS = [
    (name, key, yaml.safe_load(example))
    for name, part in zip(EXTENSIONS, re.split(r"^## x-\w+$", TEXT, flags=re.MULTILINE)[1:], strict=True)
    for key, example in re.findall(r"^\| `([\w-]+)` \|.*\| `([^`]+)` \|$", part, re.MULTILINE)
]


def declared(value: Any, name: str) -> Iterator[dict[str, Any]]:
    """Yield the values of an extension in a document, and its security schemes for `x-auth`."""
    if isinstance(value, dict):
        if isinstance(value.get(name), dict):
            yield value[name]
        if name == "x-auth":
            yield from value.get("securitySchemes", {}).values()
        for member in value.values():
            yield from declared(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from declared(member, name)


@cache
def found(name: str) -> list[dict[str, Any]]:
    """Return the values of an extension in all documents."""
    return [each for document in documents() for each in declared(document, name)]


@cache
def documents() -> list[Any]:
    return [load(path).data for path in DOCUMENTS]


@pytest.mark.parametrize("name", EXTENSIONS)
def test_guide_of_vocabulary_names_each_keyword(name: str) -> None:
    schema = json.loads((ROOT / "openapi" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]) <= {key for extension, key, _ in ROWS if extension == name}


@pytest.mark.parametrize(("name", "key", "example"), ROWS)
def test_example_of_vocabulary_is_of_a_document(name: str, key: str, example: Any) -> None:
    if isinstance(example, dict) and "type" in example:
        assert example["type"] == key
        assert any(example.items() <= each.items() for each in found(name))
    else:
        assert any(each[key] == example for each in found(name) if key in each)
