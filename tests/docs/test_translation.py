"""Editions in other languages: complete, marked as such, linked with their originals, and reported when they lag."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import attrs
import pytest

from generator.docs import Page, SiteContext
from generator.docs.pages import CONTENT, lagging_translations, translated_services
from generator.docs.service_page.page import service_page
from generator.docs.translation import LANGUAGES, digest, label, lagging, phrases, say, speaking
from generator.errors import ValidationError

from .html_pages import visible
from .programs import ROOT

HAN = re.compile(r"[\u4e00-\u9fff]")


def literal_phrases() -> set[str]:
    """Return the phrases in calls of `say` that are written there; others are found when the pages are made."""
    found = set()
    for path in (ROOT / "generator/docs").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say":
                (first, *_) = node.args
                choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                found |= {str(each.value) for each in choices if isinstance(each, ast.Constant)}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_all_are_translated_with_their_values(language: str) -> None:
    known = phrases()[language]
    assert len(literal_phrases()) > 80
    assert not literal_phrases() - known.keys()
    for english, text in known.items():
        assert english.count("{}") == text.count("{}"), english


def test_say_phrase_without_translation_is_an_error() -> None:
    assert say("Value of {}", 1) == "Value of 1"
    with speaking("zh"):
        assert say("Value of {}", 1) == "1 的值"
        with pytest.raises(ValidationError, match="must have 'Unheard of' in zh, got none"):
            say("Unheard of")


def test_editions_have_their_language_and_link_each_other(site: Path, assembled: list[Page]) -> None:
    translated = [page for page in assembled if page.language]
    assert {page.original for page in translated} >= {"quick-start", *(f"services/{name}" for name in SERVICES)}
    for page in translated:
        text = (site / page.address / "index.html").read_text(encoding="utf-8")
        original = (site / page.original / "index.html").read_text(encoding="utf-8")
        assert text.count(f'<html lang="{page.language}"') == original.count('<html lang="en"') == 1
        up = "../" * page.address.count("/")
        assert f'rel="alternate" hreflang="en" href="{up}{page.original}/"' in text
        up = "../" * (page.original.count("/") + 1)
        assert f'rel="alternate" hreflang="{page.language}" href="{up}{page.address}"' in original
        assert len(HAN.findall(visible(site / page.address / "index.html"))) > 300


SERVICES = ("cce", "ges", "ief", "yuanrong")


def test_guide_in_another_language_has_the_same_samples(assembled: list[Page]) -> None:
    by_name = {page.name: page for page in assembled}
    code = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
    guides = [page for page in assembled if page.language and page.source]
    assert guides
    for page in guides:
        assert code.findall(page.markdown) == code.findall(by_name[page.original].markdown), page.name


def test_service_page_text_of_other_english_is_shown_in_english(context: SiteContext, tmp_path: Path) -> None:
    bundled, language, file = next(iter(translated_services(context)))
    changed = tmp_path / file.name
    english = bundled.document["info"]["summary"]
    changed.write_text(file.read_text(encoding="utf-8").replace(digest(english), "00000000"), encoding="utf-8")
    with speaking(language):
        [guarded] = [each for each in context.guarded.services if each.name == bundled.name]
        page = service_page(context.guarded, guarded.translated(language, changed))
    assert f'<span lang="en">{english}</span> （英文）' in page.markdown


ENGLISH = re.compile(r"<span lang=\"en\">.*?</span>|`[^`]*`|\]\([^)]*\)|<[^>]+>|^```.*?^```$", re.MULTILINE | re.DOTALL)
SENTENCE = re.compile(r"(?:[A-Za-z][a-z]+[ ,;]+){4,}")


def test_service_pages_have_no_unmarked_english_sentence(assembled: list[Page]) -> None:
    pages = [page for page in assembled if page.language and not page.source]
    assert len(pages) == len(SERVICES)
    for page in pages:
        assert not SENTENCE.findall(ENGLISH.sub("", page.markdown)), page.name
        assert "<title" in page.markdown
        for text in re.findall(r"<(?:title|desc)\b[^>]*>(.*?)<", page.markdown):
            assert HAN.search(text), (page.name, text)


def test_label_is_translated_by_its_words_or_marked() -> None:
    assert label("Table 3") == "Table 3"
    with speaking("zh"):
        assert label("Table 3") == "表 3"
        assert label("Job table (Table 3)") == "作业表（表 3）"
        assert label("Appendix") == '<span lang="en">Appendix</span>'


def test_lagging_translations_of_this_project_are_none(context: SiteContext) -> None:
    assert lagging_translations(context, CONTENT) == []


def test_lagging_names_changed_missing_and_unknown_texts(context: SiteContext, tmp_path: Path) -> None:
    bundled, _, file = next(iter(translated_services(context)))
    text = file.read_text(encoding="utf-8").replace("/info/title:", "/info/titles:", 1)
    changed = tmp_path / file.name
    changed.write_text(text.replace(digest(bundled.document["info"]["summary"]), "00000000"), encoding="utf-8")
    unknown, lags, missing = lagging(changed, bundled.document, bundled.evidence["contradictions"])
    assert "must be the key of a text of the document, got /info/titles" in unknown.message
    assert "the English text of /info/summary has changed" in lags.message
    assert lags.line is not None
    assert "must translate each text of the document, got no entry for 1, such as /info/title" in missing.message


def test_lagging_guide_is_reported_with_its_digits(context: SiteContext, tmp_path: Path) -> None:
    shutil.copytree(CONTENT, tmp_path / "content")
    english = tmp_path / "content" / "quick-start.md"
    english.write_text(english.read_text(encoding="utf-8") + "\nMore.\n", encoding="utf-8")
    (problem,) = lagging_translations(attrs.evolve(context, services=[]), tmp_path / "content")
    assert problem.file == tmp_path / "content" / "zh" / "quick-start.md"
    assert problem.remedy.endswith(digest(english.read_text(encoding="utf-8")))
