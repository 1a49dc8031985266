"""The search of the site finds what people type: the site's own JavaScript, run on the data of the built site."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import quickjs
import yaml

from generator.docs import SiteContext
from generator.docs.site import TERMS

from .programs import ROOT

Find = Callable[[str], list[dict[str, Any]]]
QUESTIONS = yaml.safe_load((ROOT / "tests/docs/questions.yaml").read_text(encoding="utf-8"))
_SCRIPTS = ("libraries.min.js", "engine.js", "index.js")


@pytest.fixture(scope="module")
def find(site: Path) -> Find:
    """The search of the built site."""
    page = quickjs.Context()
    for name in _SCRIPTS:
        page.eval((site / "assets/search" / name).read_text(encoding="utf-8"))
    page.eval("var search = new SiteSearch.Search(searchData); var find = text => JSON.stringify(search.find(text))")
    return lambda query: json.loads(page.get("find")(query))


def addresses(results: list[dict[str, Any]]) -> list[str]:
    return [result["location"] for result in results]


def address_of(page: str) -> str:
    return f"{page}/".removesuffix("index/")


def test_questions_right_page_is_among_first_three(find: Find) -> None:
    assert len(QUESTIONS) == 160
    missed, empty = [], []
    for question in QUESTIONS:
        found = addresses(find(question["ask"]))
        if not found:
            empty.append(question["ask"])
        if not {*map(address_of, question["pages"])} & {*found[:3]}:
            missed.append((question["ask"], found[:3]))
    assert not empty
    assert len(missed) <= 8, missed


def test_search_each_wire_name_leads_to_its_own_place(find: Find, context: SiteContext) -> None:
    fields = [
        (each.name, schema, field)
        for each in context.services
        for schema, definition in each.document["components"]["schemas"].items()
        for field in definition.get("properties", {})
    ]
    assert len(fields) > 80
    for service, schema, field in fields:
        sections = [section["location"] for result in find(field) for section in result["sections"]]
        assert f"services/{service}/#{schema}.{field}" in sections, (service, schema, field)


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("CCE.01404001", "services/cce/"),  # an error code in a recording
        ("354331b2c-229a-11e8-9c75-0255ac100ceb", "services/cce/"),  # an id in a sample
        ("not_found_grace", "waiting/"),  # an argument in a table
        ("Partialy_succesful", "services/ief/"),  # typing errors
        ("intialising", "quick-start/"),  # further from the word than its stem is
        ("quikstart", "quick-start/"),  # and two words in one
        ("wait_for_jbo", "waiting/"),  # two letters swapped
    ],
)
def test_search_code_and_tables_are_found(find: Find, query: str, page: str) -> None:
    assert page in addresses(find(query))[:3]


def test_search_folded_part_is_found(find: Find) -> None:
    results = find("Two tables follow that of the response, without a heading")
    texts = [section["text"] for result in results[:3] for section in result["sections"]]
    assert any("Two tables follow" in text for text in texts)


def test_search_query_of_empty_words_or_signs_does_not_fail(find: Find) -> None:
    for query in ("the", "?", "«»", "a" * 500, "\\", '"', "图"):
        assert isinstance(find(query), list)


def test_search_excerpt_marks_words_as_text(site: Path) -> None:
    page = quickjs.Context()
    for name in _SCRIPTS[:2]:
        page.eval((site / "assets/search" / name).read_text(encoding="utf-8"))
    pieces = json.loads(page.eval("JSON.stringify(SiteSearch.excerpt('one <b>two</b> three', new Set(['two'])))"))
    assert pieces == ["one <b>", "two", "</b> three"]


def test_terms_name_each_word_once() -> None:
    words = [word for group in yaml.safe_load(TERMS.read_text(encoding="utf-8")) for word in group]
    assert sorted(words) == sorted(set(words))
    assert all(isinstance(word, str) for word in words)
