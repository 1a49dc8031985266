"""The built site: the same bytes each time, complete for tools, closed in itself, and usable below any path."""

from __future__ import annotations

import re
import shutil
import socket
import sys
import tarfile
from importlib import import_module
from io import BytesIO
from pathlib import Path, PurePosixPath
from posixpath import normpath

import attrs
import pytest

from generator.cli import _parser
from generator.docs import Page, SiteContext, assemble, build
from generator.docs.pages import Section, hand_written, read_navigation, translated_services
from generator.docs.service_page.page import service_page
from generator.docs.site import _fill_in, add_consoles, archive, broken
from generator.docs.translation import speaking
from generator.errors import ValidationError
from tests.generator.directory_snapshots import contents, first_difference

from .programs import ROOT


def files(site: Path, suffix: str) -> list[Path]:
    return sorted(site.rglob(f"*{suffix}"))


@pytest.mark.exhaustive
def test_build_twice_gives_identical_bytes(
    site: Path, context: SiteContext, assembled: list[Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.setenv("COLUMNS", "40")
    again = tmp_path / "a folder elsewhere" / "site"
    again.mkdir(parents=True)
    build(context, assembled, read_navigation(page.name for page in assembled), "", again)
    assert first_difference(contents(site), contents(again)) is None
    assert archive(site) == archive(again)


def test_site_contains_no_local_path_or_host_name(site: Path) -> None:
    unwanted = [str(ROOT), str(site.parent), str(Path.home()), sys.prefix, sys.executable, socket.gethostname()]
    unwanted = [text for text in unwanted if len(text) > 6]
    for path in site.rglob("*"):
        if path.is_file() and path.suffix != ".png":
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [each for each in unwanted if each in text], path


def test_site_links_all_resolve_within_the_site(site: Path) -> None:
    assert broken(site) == []
    links = sum(page.read_text(encoding="utf-8").count("<a ") for page in files(site, ".html"))
    assert links > 2000


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        (
            "index.html",
            'href="quick-start/"',
            'href="quick-starts/"',
            "must link to files of this site, got quick-starts/",
        ),
        (
            "services/index.html",
            'href="cce/#Job"',
            'href="cce/#Jobs"',
            "must link to anchors that exist, got cce/#Jobs",
        ),
        ("index.html", "</body>", '<a href="/errors/">e</a></body>', "must have relative links"),
        (
            "index.html",
            "</body>",
            '<img alt="" src="https://example.com/a.png"></body>',
            "must load files of this site only",
        ),
        (
            "index.html",
            "</head>",
            '<link rel="stylesheet" href="//example.com/a.css"></head>',
            "must load files of this site only",
        ),
        ("llms.txt", "(errors.md)", "(error.md)", "must link to files of this site, got error.md"),
        (
            "services/cce.md",
            "(../openapi/cce.yaml)",
            "(../openapi/cce.yml)",
            "must link to files of this site, got ../openapi/cce.yml",
        ),
        ("index.html", "</body>", '<a href="../">up</a></body>', "must link to files of this site, got ../"),
        ("index.html", "</body>", '<p id="the-services"></p></body>', "must have each anchor once, got #the-services"),
    ],
)
def test_site_link_to_missing_target_is_reported(
    site: Path, tmp_path: Path, page: str, old: str, new: str, said: str
) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    text = (copy / page).read_text(encoding="utf-8")
    assert old in text
    (copy / page).write_text(text.replace(old, new, 1), encoding="utf-8")
    (problem,) = broken(copy)
    assert problem.file == f"site/{page}"
    assert said in problem.message


def test_site_each_page_is_in_sitemap_llms_txt_and_markdown(site: Path, assembled: list[Page]) -> None:
    sitemap = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8"))
    llms = (site / "llms.txt").read_text(encoding="utf-8")
    assert sorted(sitemap) == sorted(page.address or "./" for page in assembled)
    for page in assembled:
        assert (site / page.address / "index.html").is_file()
        assert (site / f"{page.name}.md").read_text(encoding="utf-8") == page.plain
        assert f"[{page.title}]({page.name}.md): {page.description}" in llms
        shown = (site / page.address / "index.html").read_text(encoding="utf-8")
        (copy,) = re.findall(r'<link rel="alternate" type="text/markdown" href="(.*?)">', shown)
        assert (site / page.address / copy).resolve() == (site / f"{page.name}.md").resolve()


def test_markdown_copies_contain_no_html_or_macros(assembled: list[Page]) -> None:
    for page in assembled:
        prose = re.sub(r"^( *)(```+).*?^\1\2\s*$", "", page.plain, flags=re.DOTALL | re.MULTILINE)
        prose = re.sub(r"`[^`]*`", "", prose)
        assert not re.search(r"</?(div|span|details|summary|svg|figure|a)\b", prose), page.name
        assert not re.search(r"^ *(===|!!!|\?\?\?)|\{:? ?[#.]|\{\{", prose, re.MULTILINE), page.name
        assert not re.search(r"^::: ", prose, re.MULTILINE), page.name


def test_build_with_address_writes_absolute_sitemap(context: SiteContext, tmp_path: Path) -> None:
    pages = [
        Page("index", "Home.", "# Home\n\n[Other](other.md)\n", "# Home\n"),
        Page("other", "Other.", "# Other\n", "# Other\n"),
    ]
    made = tmp_path / "site"
    made.mkdir()

    build(
        context, pages, [Section(None, ["index"]), Section("More", ["other"])], "https://docs.example.com/jobs/", made
    )
    assert re.findall(r"<loc>(.*?)</loc>", (made / "sitemap.xml").read_text(encoding="utf-8")) == [
        "https://docs.example.com/jobs/",
        "https://docs.example.com/jobs/other/",
    ]
    assert 'href="other/"' in (made / "index.html").read_text(encoding="utf-8")
    assert 'href="https://docs.example.com/jobs/"' in (made / "404.html").read_text(encoding="utf-8")


def test_build_broken_link_in_prose_has_file_and_line(context: SiteContext, tmp_path: Path) -> None:
    source = tmp_path / "guide.md"
    source.write_text("---\ndescription: A guide.\n---\n\n# Guide\n\nSee [that](nowhere.md).\n", encoding="utf-8")
    (make,) = hand_written(context, tmp_path)
    page = attrs.evolve(make(), name="index")
    (tmp_path / "site").mkdir()
    with pytest.raises(ValidationError) as refused:
        build(context, [page], [Section(None, ["index"])], "", tmp_path / "site")
    (problem,) = refused.value.problems
    assert (problem.file, problem.line) == (source, 7)
    assert "page does not exist: See [that](nowhere.md)." in problem.message


def test_python_reference_contains_every_public_name(site: Path, context: SiteContext) -> None:
    index = (site / "python" / "index.html").read_text(encoding="utf-8")
    pages = "".join(page.read_text(encoding="utf-8") for page in files(site / "python", "index.html"))
    modules = ["", ".errors", ".auth", ".testing", *(f".{each.name}" for each in context.services)]
    names = {name for module in modules for name in import_module(f"{context.package}{module}").__all__}
    assert len(names) > 60
    for name in names:
        assert re.search(rf'href="[a-z]+/#[a-z0-9_.]+\.{name}"[^>]*><code>{name}</code>', index), name
        assert re.search(rf'id="[a-z0-9_.]+\.{name}"', pages), name
    for method in ("wait_for_job", "watch_job", "with_raw_response", "with_options"):
        assert re.search(rf'id="[A-Za-z_.]+\.CceClient\.{method}"', pages), method


def test_command_line_page_contains_every_command(assembled: list[Page], context: SiteContext) -> None:
    (page,) = (page for page in assembled if page.name == "command-line")
    for verb in ("get", "wait", "watch"):
        for each in context.services:
            assert f"### {context.package} {verb} {each.name}\n" in page.plain
    assert f"### python -m {context.package}.testing serve\n" in page.plain
    for verb in ("client", "docs", "contract check", "recordings add"):
        assert f"### python -m generator {verb}\n" in page.plain
    assert "\x1b" not in page.plain


def test_archive_contains_the_whole_site(site: Path) -> None:
    with tarfile.open(fileobj=BytesIO(archive(site))) as tar:
        packed = {entry.name: tar.extractfile(entry).read() for entry in tar.getmembers()}  # type: ignore[union-attr]
        assert {(entry.uid, entry.mode, entry.mtime) for entry in tar.getmembers()} == {(0, 0o644, 1767225600)}
    assert packed == {name: data for name, data in contents(site).items() if data is not None}


def subset(context: SiteContext, names: tuple[str, ...]) -> SiteContext:
    chosen = [each for each in context.services if each.name in names]
    return attrs.evolve(context, services=chosen, left_out=frozenset(each.name for each in context.services) - {*names})


@pytest.mark.parametrize("names", [("cce",), ("ges",), ("ief",), ("yuanrong",), ("cce", "ges")])
def test_guides_with_chosen_services_link_to_no_page_of_others(
    context: SiteContext, assembled: list[Page], names: tuple[str, ...]
) -> None:
    chosen = subset(context, names)
    pages = [make() for make in hand_written(chosen.guarded)]
    known = {page.name for page in assembled if page.name.rpartition("/")[2] not in chosen.left_out}
    for page in pages:
        folder = PurePosixPath(page.name).parent
        text = re.sub(r"^( *)(```+).*?^\1\2\s*$", "", page.markdown, flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\((?!https?:)([^()\s#]+)\.md\b", text):
            assert normpath(folder / target) in known, (page.name, target)
    # The text of a link stays.
    authentication = next(page for page in pages if page.name == "authentication")
    link = "[both ways](services/cce.md#cce.token-or-signature)"
    assert (link if "cce" in names else "CCE documents\nboth ways, IEF ") in authentication.markdown


@pytest.mark.exhaustive
@pytest.mark.parametrize("names", [("cce",), ("ges",), ("ief",), ("yuanrong",), ("cce", "ges")])
def test_site_of_chosen_services_is_built(context: SiteContext, names: tuple[str, ...], tmp_path: Path) -> None:
    chosen = subset(context, names)
    pages = assemble(chosen, _parser(()))
    build(chosen, pages, read_navigation(page.name for page in pages), "", tmp_path)
    assert {path.name for path in (tmp_path / "services").iterdir() if path.is_dir()} == {*names}


def test_service_pages_link_their_console_if_there_is_one(context: SiteContext) -> None:
    guarded = context.guarded
    bundled, language, file = next(translated_services(guarded))
    for has_consoles in (False, True):
        with_consoles = attrs.evolve(guarded, has_consoles=has_consoles)
        with_consoles.__dict__["client"] = context.client
        page = service_page(with_consoles, bundled)
        assert (f"[Console](../console/{bundled.name}/index.html)" in page.markdown) is has_consoles
        with speaking(language):
            page = service_page(with_consoles, bundled.translated(language, file))
        assert (f"(../../console/{bundled.name}/index.html)" in page.markdown) is has_consoles


@pytest.mark.parametrize(("line", "is_wide"), [("a" * 20, False), ("a" * 21, True), ("&lt;" * 20, False)])
def test_code_with_a_wide_line_can_be_scrolled_by_keyboard(line: str, is_wide: bool, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(f'<pre><span></span><code><b class="long">one</b>\n{line}\n</code></pre>', encoding="utf-8")
    _fill_in(tmp_path)
    assert ('<code tabindex="0">' in page.read_text(encoding="utf-8")) is is_wide


def test_site_has_no_external_fonts_or_scripts(site: Path) -> None:
    for page in files(site, ".html"):
        text = page.read_text(encoding="utf-8")
        assert "fonts.g" not in text
        assert not re.findall(r'<script[^>]*src="(?!(?:\.\./|\./)*assets/)', text), page


def test_add_consoles_pages_have_local_files_and_inert_data(context: SiteContext, tmp_path: Path) -> None:
    renderer = tmp_path / "renderer"
    renderer.mkdir()
    (tmp_path / "first").mkdir()
    with pytest.raises(ValidationError) as caught:
        add_consoles(context, renderer, tmp_path / "first")
    assert "must have swagger-ui.css of Swagger UI" in str(caught.value)
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"):
        (renderer / name).write_text("", encoding="utf-8")
    hostile = attrs.evolve(
        context.services[0], document={**context.services[0].document, "info": {"title": "</script><b>"}}
    )
    (tmp_path / "site").mkdir()
    add_consoles(attrs.evolve(context, services=[hostile, *context.services[1:]]), renderer, tmp_path / "site")
    assert broken(tmp_path / "site") == []
    page = (tmp_path / "site" / "console" / hostile.service.name / "index.html").read_text(encoding="utf-8")
    assert page.count("</script>") == 3
    assert "<b>" not in page
    assert len(list((tmp_path / "site").rglob("index.html"))) == len(context.services) + 1
