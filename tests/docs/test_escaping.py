"""Text of documents, evidence and recordings is text on the site, whatever markup it has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import Counter
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import attrs
import pytest
from markdown import Markdown
from markdown_it import MarkdownIt

from generator.docs import BundledService, SiteContext
from generator.docs.escaping import code, fenced, in_html, in_markdown, mark_foreign, raw
from generator.docs.service_page.samples import samples

from .hostile import BLOCKS, INLINE, RUN, hostile_site
from .programs import ROOT

pytestmark = pytest.mark.sampled(3)

_TEXTUAL = {"p", "ul", "ol", "li", "em", "strong", "code", "pre", "br", "blockquote", "hr", "span", "dl"}
"""Elements that intended Markdown becomes. They are compared where they have attributes."""
_HARMLESS = ("http://", "https://", "mailto:", "data:image/")


class _Elements(HTMLParser):
    """Counts elements with their attributes' names, comments, and addresses with a scheme; keeps scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[str] = Counter()
        self.scripts: list[str] = []
        self._script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        names = sorted(name for name, _ in attributes)
        self._script = tag == "script"
        if self._script:
            self.scripts.append("")
        if tag not in _TEXTUAL or (names and tag != "span"):
            self.found[f"<{tag} {' '.join(names)}>"] += 1
        for name, value in attributes:
            if name.startswith("on"):
                self.found[f"{tag} {name}"] += 1
            if name in ("href", "src", "action", "data", "srcset") and re.match(r"\s*[\w+.-]+:", value or ""):
                assert str(value).startswith(_HARMLESS), value

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_comment(self, data: str) -> None:
        self.found["<!--"] += 1

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_site(tmp_path_factory.mktemp("hostile"))


@pytest.mark.exhaustive
def test_site_with_hostile_text_has_no_extra_elements(hostile: Path, site: Path) -> None:
    pages = sorted(path.relative_to(site) for path in site.rglob("*.html"))
    assert pages == sorted(path.relative_to(hostile) for path in hostile.rglob("*.html"))
    with_markup = 0
    for page in pages:
        text = (hostile / page).read_text(encoding="utf-8")
        shown, usual = _Elements(text), _Elements((site / page).read_text(encoding="utf-8"))
        assert shown.found - usual.found == Counter(), page
        assert usual.found - shown.found == Counter(), page
        assert not any(RUN in script for script in shown.scripts), page
        assert len(shown.scripts) == len(usual.scripts), page
        with_markup += RUN in text
    assert with_markup >= 6


_OUR_MARKUP = ("<!-- not run", "<br>", '<span lang="en">', "</span>")
"""Text of another language has its language marked."""


def test_markdown_copies_hostile_text_stays_text(hostile: Path, site: Path) -> None:
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    copies = sorted([*hostile.rglob("*.md"), hostile / "llms.txt"])
    for path in copies:
        for token in reader.parse(path.read_text(encoding="utf-8")):
            for part in [token, *(token.children or [])]:
                assert not part.type.startswith("html_") or part.content.startswith(_OUR_MARKUP), path
                assert part.type != "image", path
                assert not re.match(r"(?!https?:|mailto:)[a-z]+:", str(part.attrs.get("href", ""))), path
    assert sum(RUN in path.read_text(encoding="utf-8") for path in copies) >= 6
    # The data of the search is text: its scripts never read it as markup.
    scripts = {path.name: path.read_text(encoding="utf-8") for path in (hostile / "assets/search").glob("*.js")}
    assert scripts["index.js"].count(RUN) > 10
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", scripts["dialog.js"])
    sitemap = (hostile / "sitemap.xml").read_text(encoding="utf-8")
    assert ElementTree.fromstring(sitemap).tag.endswith("urlset")
    assert sitemap == (site / "sitemap.xml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def markdown() -> Markdown:
    """The site's own reader of Markdown."""
    settings = json.loads((ROOT / "generator/docs/theme/settings.json").read_text(encoding="utf-8"))
    known = settings["markdown_extensions"]
    return Markdown(extensions=list(known), extension_configs=known)


def test_mark_foreign_intended_markdown_is_kept(markdown: Markdown) -> None:
    text = "A `code` and *that*, [here](https://example.com/a?b=1&c=2) or [there](#Job).\n\n- one\n- two"
    assert mark_foreign(text) == text
    shown = in_html(markdown.reset().convert(mark_foreign(text)))
    assert '<a href="https://example.com/a?b=1&amp;c=2">here</a> or <a href="#Job">there</a>' in shown
    assert "<code>code</code> and <em>that</em>" in shown
    assert "<li>one</li>" in shown


@pytest.mark.parametrize(
    "text", [INLINE, BLOCKS, "a < b & c > d", "{a} [b]: c `d < e`", "1. # a\n> ::: b\n\u2028::: c"]
)
def test_mark_foreign_any_text_is_shown_verbatim(markdown: Markdown, text: str) -> None:
    text = re.sub("[\x02\x03\ue000]", "", text)
    assert raw(mark_foreign(text)) == text
    shown = _Elements(
        in_html(markdown.reset().convert(fenced(mark_foreign(text)) + "\n\n" + code(mark_foreign("a` `` ``` <b>"))))
    )
    assert set(shown.found) <= {"<div class>", "<a href id name>"}
    assert in_markdown(fenced(mark_foreign(text))).count(RUN) == text.count(RUN)


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        ("a <b> `c <d>`", "a \\<b> `c <d>`"),
        ("- ` a\n- <b> `", "- ` a\n- \\<b> `"),
        ("\\`<b>\\`", "\\\\`<b>\\`"),
        ("[x](javascript:y)", "[x\\](javascript:y)"),
        ("a &lt; {b} ![c](d)", "a \\&lt; {b} \\![c](d)"),
    ],
)
def test_in_markdown_foreign_text_outside_code_is_escaped(text: str, copied: str) -> None:
    assert in_markdown(mark_foreign(text)) == copied


@pytest.mark.parametrize("unit", ["`", "` `` ", "](a", "- ", "1.", "&a"])
def test_mark_foreign_megabyte_takes_linear_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    start = time.process_time()
    in_markdown(mark_foreign(text))
    in_html(code(mark_foreign(text)))
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    "text", ["$(touch run)", "`touch run`", 'a"; touch run; "', "a'; touch run; '", "\\$HOME !b", "[a](b) {c}"]
)
def test_curl_sample_shell_syntax_stays_data(context: SiteContext, tmp_path: Path, text: str) -> None:
    each = context.services[0]
    document = deepcopy(each.document)
    path, item = document["paths"].popitem()
    document["paths"] = {f"{path}/{text}": item}
    for operation in item.values():
        operation["x-request-headers"] = {"X-Value": text, text: "value"}
    for scheme in document["components"]["securitySchemes"].values():
        scheme["name"] = text
    source = attrs.evolve(each.service.document, data=document)
    service = attrs.evolve(each.service, document=source)
    guarded = BundledService.guarded(attrs.evolve(each, document=document, service=service))

    markdown = in_markdown(samples(context, guarded, guarded.service.operations[0], context.client.service(each.name)))

    *_, line = re.findall(r" *```sh\n(.*?)\n *```", markdown, re.DOTALL)
    program = f"""curl() {{ printf '%s\\0' "$@"; }}\n{line}\n"""
    variables = {f"CLOUDJOBS_{each.name.upper()}_URL": "https://host", "CLOUDJOBS_TOKEN": "secret"}
    command, environment = ["bash", "-c", program], {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    url, *options = done.stdout.removesuffix("\0").split("\0")
    assert url.startswith("https://host/")
    assert url.endswith(f"/{text}")
    assert options[1::2] == [f"{text}: secret", f"X-Value: {text}", f"{text}: value"]
    assert done.stderr == ""
    assert not list(tmp_path.iterdir())
