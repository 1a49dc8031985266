"""Build the site with Zensical in a temporary folder, then swap it in; files for tools, search index, link check.

Zensical runs in a separate process, because it keeps its state in modules, and prints. The sitemap, Markdown copies
and llms.txt are made here: Zensical cannot make them without the address that a site will have.

The data of the search is all that the pages show, code, tables and folded parts too. The browser loads it when the
search opens (`theme/assets/search/dialog.js`); `engine.js` beside it orders the results.
"""

from __future__ import annotations

import gzip
import html
import io
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

import yaml

from .. import files
from ..documents.renditions import Rendition, renditions
from ..errors import Problem, ValidationError
from . import escaping
from .context import LAYOUTS, Page, SiteContext
from .escaping import in_html, in_markdown, mark_foreign, raw
from .pages import Section
from .publishing import LATEST
from .translation import LANGUAGES, say, speaking

DOCUMENTS = "openapi"
"""Folder of the bundled documents below the site."""
EVIDENCE = "evidence"
"""Folder of the evidence files below the site."""
CONSOLE = "console"
"""Folder of the console pages below the site."""
_OF_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE")
_LLMS_FULL = "llms-full.txt"
"""All pages as one Markdown file. Its links are those of the single pages."""
THEME = Path(__file__).parent / "theme"
_UNUSED = "assets/stylesheets/classic"
_UNUSED_SCRIPTS = "assets/javascripts"
"""The theme's own scripts: `theme/templates/main.html` leaves them out."""
_EPOCH = 1767225600
"""Time of every file in the archive: that of the distribution."""


def prepare(
    work: Path, context: SiteContext, pages: Sequence[Page], navigation: Sequence[Section], address: str, version: str
) -> None:
    """Write everything that Zensical reads into the folder `work`."""
    for page in pages:
        write_page(work, context, page, pages)
    shutil.copytree(THEME / "assets", work / "docs" / "assets", dirs_exist_ok=True)
    _add_brand(context, work / "docs")
    shutil.copytree(THEME / "templates", work / "theme", dirs_exist_ok=True)
    # JSON is YAML, which both MkDocs and Zensical read.
    (work / "mkdocs.yml").write_text(json.dumps(_settings(context, navigation, address, version)), encoding="utf-8")


def write_page(work: Path, context: SiteContext, page: Page, pages: Sequence[Page]) -> None:
    """Write a page where Zensical reads it, with links to its editions among `pages`."""
    path = work / "docs" / f"{page.name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = _with_head(context, page, _editions(page, pages))
    # A preview builds each page that is written.
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def build(
    context: SiteContext,
    pages: Sequence[Page],
    navigation: Sequence[Section],
    address: str,
    site: Path,
    version: str = "",
    renderer: Path | None = None,
) -> None:
    """Build the site into the empty folder `site`.

    Args:
        address: The address that the site will have, with a slash at its end; empty if it is not known.
        version: The version of the site beside others, see `publishing.py`; empty for a site alone.
        renderer: The folder of Swagger UI, for a console page of each document.

    Raises:
        ValidationError: Zensical warns, or a link leads nowhere.
    """
    with tempfile.TemporaryDirectory(prefix="site-", dir=site.parent) as folder:
        work = Path(folder)
        prepare(work, context, pages, navigation, address, version)
        _run_zensical(work, pages)
        shutil.copytree(work / "site", site, dirs_exist_ok=True)
    shutil.rmtree(site / _UNUSED)
    _fill_in(site)
    _move_search_index(site, pages)
    _add_files_for_tools(context, pages, navigation, address, site)
    if renderer is not None:
        add_consoles(context, renderer, site)
    if problems := broken(site):
        raise ValidationError(problems)


def add_consoles(context: SiteContext, renderer: Path, site: Path) -> None:
    """Add a page for each document that sends requests to the replay: Swagger UI, with the files of a folder.

    Raises:
        ValidationError: A file is missing in the folder.
    """
    folder = site / CONSOLE
    folder.mkdir()
    for name in _OF_SWAGGER_UI:
        if not (renderer / name).is_file():
            message = f"must have {name} of Swagger UI, got no such file"
            raise ValidationError(Problem(renderer, message, "Install swagger-ui-dist with npm"))
        shutil.copy(renderer / name, folder)
    shutil.copy(THEME / "console" / "console.js", folder)
    template = (THEME / "console" / "console.html").read_text(encoding="utf-8")
    links = []
    for service in context.services:
        title = html.escape(service.document["info"]["title"])
        # Data of a document must not end the element that it is in.
        data = json.dumps(service.document, ensure_ascii=False).replace("<", "\\u003c")
        page = folder / service.service.name / "index.html"
        page.parent.mkdir()
        before, between, after = re.split(r"\{title\}|\{document\}", template)
        page.write_text(f"{before}{title}{between}{data}{after}", encoding="utf-8")
        links.append(f'<li><a href="{service.service.name}/">{title}</a></li>')
    head = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Consoles</title>\n'
    contents = f"{head}<ul>{''.join(links)}</ul>\n"
    (folder / "index.html").write_text(contents, encoding="utf-8")


def publish(make: Callable[[Path], None], output: Path) -> None:
    """Make a site in a temporary folder beside `output`, and swap it in. Its manifest lists its files.

    Raises:
        ValidationError: `make` raised it, or `output` cannot be replaced. The old folder is unchanged.
    """

    def make_with_manifest(folder: Path) -> None:
        make(folder)
        manifest = {"about": "Files of this site", "files": sorted([files.MANIFEST, *files.files_below(folder)])}
        files.write_files({folder / files.MANIFEST: manifest})

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = Problem(output, f"cannot be written ({error.strerror})", "Name a folder that can be written")
        raise ValidationError(problem) from None
    files.publish(make_with_manifest, output)


def archive(site: Path) -> bytes:
    """Return the site as a gzipped tar archive: the same bytes for the same site."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(site.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(path.relative_to(site).as_posix())
                entry.size, entry.mtime, entry.mode = path.stat().st_size, _EPOCH, 0o644
                tar.addfile(entry, io.BytesIO(path.read_bytes()))
    return gzip.compress(packed.getvalue(), mtime=_EPOCH)


_BRAND = "assets/brand"
"""Folder of a project's logo and colours below the site."""
_CREDIT = 'Made with <a href="https://pypi.org/project/cloudjobs-generator/">cloudjobs-generator</a>.'


def _logo(context: SiteContext) -> str | None:
    """Return the logo's location below the site."""
    return f"{_BRAND}/logo{Path(context.site.logo).suffix}" if context.site.logo else None


def _add_brand(context: SiteContext, docs: Path) -> None:
    """Write the logo and the colours of the project. Raises `ValidationError` for a logo that cannot be read."""
    (docs / _BRAND).mkdir(parents=True, exist_ok=True)
    if location := _logo(context):
        file = context.root / str(context.site.logo)
        try:
            shutil.copy(file, docs / location)
        except OSError as error:
            message, fix = f"cannot be read ({error.strerror})", "Correct site.logo in cloudjobs.toml"
            raise ValidationError(Problem(file, message, fix)) from None
    if colour := context.site.colour:
        rules = [":root", f"  --accent: {colour};", '[data-md-color-scheme="slate"]']
        rules.append(f"  --accent: color-mix(in srgb, {colour} 40%, white);")
        text = "".join(f"{rule} {{\n{value}\n}}\n" for rule, value in zip(rules[::2], rules[1::2], strict=True))
        (docs / _BRAND / "colours.css").write_text(text, encoding="utf-8")


def _editions(page: Page, pages: Sequence[Page]) -> list[Page]:
    """Return the editions of a page in other languages."""
    return [each for each in pages if each.original == page.original and each.name != page.name]


def _with_head(context: SiteContext, page: Page, editions: Sequence[Page]) -> str:
    # The theme writes the description into an attribute without escaping it.
    description = html.escape(page.description, quote=False).replace('"', "&quot;")
    head: dict[str, Any] = {"description": description, "copy": f"{page.name}.md", "hide": LAYOUTS[page.layout]}
    with speaking(page.language):
        head["copy_text"], head["scheme_text"] = say("Copy as Markdown"), say("Light or dark")
    head["language"] = page.language or "en"
    head["editions"] = [
        {"language": each.language or "en", "name": LANGUAGES.get(each.language, "English"), "page": each.address}
        for each in editions
    ]
    if context.site.edit and page.edits:
        head["edit"] = f"{context.site.edit}{quote(page.edits)}"
    return f"---\n{json.dumps(head)}\n---\n\n{page.markdown}"


def _settings(context: SiteContext, navigation: Sequence[Section], address: str, version: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((THEME / "settings.json").read_text(encoding="utf-8"))
    settings["nav"] = [
        {section.title or "Home": [f"{name}.md" for name in section.pages] if section.title else "index.md"}
        for section in navigation
    ]
    settings["site_name"], settings["site_description"] = context.name, context.description
    settings["copyright"] = f"{html.escape(context.site.notice)} {_CREDIT}".strip()
    settings["theme"]["custom_dir"] = "theme"
    if version:
        settings["extra"] = {"version": {"provider": "mike", "default": LATEST}}
    if location := _logo(context):
        settings["theme"] |= {"logo": location, "favicon": location}
    if context.site.colour:
        settings["extra_css"].append(f"{_BRAND}/colours.css")
    if context.site.repository:
        settings["repo_url"] = context.site.repository
        settings["repo_name"] = urlsplit(context.site.repository).path.strip("/") or context.name
    if address:
        settings["site_url"] = address
    python = settings["plugins"][1]["mkdocstrings"]["handlers"]["python"]
    python["options"]["extensions"] = [f"{escaping.__file__}:Docstrings"]
    python["paths"] = list(dict.fromkeys([str(context.client.root), str(context.runtime.root)]))
    return settings


_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_WARNING = re.compile(
    r"^(?:Warning|Error): (?P<message>.+)\n\s*╭─\[ (?P<page>[^:\n]+):\d+:\d+ \].*\n.*\n\s*\d+ │(?P<line>.*)",
    re.MULTILINE,
)


def _run_zensical(work: Path, pages: Sequence[Page]) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", "mkdocs.yml"]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    problems = list(_warnings(raw(_COLOUR.sub("", done.stdout + done.stderr)), pages))
    if done.returncode and not problems:
        last_line = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        problems = [
            Problem("zensical", f"cannot build the site: {last_line}", "See the settings in generator/docs/theme")
        ]
    if problems:
        raise ValidationError(problems)


def _warnings(output: str, pages: Sequence[Page]) -> Iterator[Problem]:
    """Yield the warnings of Zensical, which name a page as it was assembled, and the line in question."""
    sources = {f"{page.name}.md": page.source for page in pages}
    for found in _WARNING.finditer(output):
        line = found["line"].strip()
        message = f"{found['message']}: {line}"
        source = sources.get(found["page"])
        if source is None:
            yield Problem(f"the page {found['page']}", message, "Correct the source of the page")
            continue
        lines = enumerate(source.read_text(encoding="utf-8").splitlines(), 1)
        yield Problem(
            source, message, "Correct the line", next((number for number, each in lines if each.strip() == line), None)
        )


_CODE_BLOCK = re.compile(r"(<pre\b[^>]*>(?:<span></span>)?<code)(>.*?</code>)", re.DOTALL)
_NARROW = 20
"""Characters of a line of code that any window has room for."""


def _focusable(block: re.Match[str]) -> str:
    """Return a block of code that can be scrolled by keyboard if one of its lines may be wider than a window."""
    is_wide = any(len(line) > _NARROW for line in html.unescape(_HTML_TAG.sub("", block[2])).splitlines())
    return f'{block[1]} tabindex="0"{block[2]}' if is_wide else block[0]


def _fill_in(site: Path) -> None:
    """Replace stand-ins by their original characters, and make tables and code scroll by keyboard without a script."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        with speaking(path.relative_to(site).parts[0] if path.relative_to(site).parts[0] in LANGUAGES else ""):
            label = say("Table")
        text = text.replace(
            "<table>", f'<div class="table" role="group" tabindex="0" aria-label="{label}"><table class="data">'
        )
        text = re.sub(r'(<table class="data">.*?</table>)', r"\1</div>", text, flags=re.DOTALL)
        text = _CODE_BLOCK.sub(_focusable, text)
        path.write_text(in_html(text), encoding="utf-8")


TERMS = Path(__file__).parent / "search_terms.yaml"
"""Groups of words with one meaning."""
DATA = "assets/search/index.js"
"""Location of the data below the site: a script, because a browser reads no JSON file from a folder (`file://`)."""

_WEIGHTS = (("changelog", 0.4), ("contradictions", 0.8), ("python/", 0.7), ("command-line", 0.8))
"""Generated pages that rank lower in the search: they mention everything, or repeat a document."""
_GUIDE = 1.8
"""Factor by which hand-written pages rank higher in the search."""
_HTML_TAG = re.compile(r"<[^>]+>")
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|i|kbd|mark|small|span|strong|sub|sup|wbr)\b[^>]*>")
_FIELD_OF_MODEL = re.compile(r"#.*\.models\.\w+\.")
"""Location of a model's field in the Python reference; fields are found on the page of their service instead."""


def _move_search_index(site: Path, pages: Sequence[Page]) -> None:
    """Replace the theme's search index by the data of the site's own search, and remove the theme's scripts."""
    index = site / "search.json"
    items = json.loads(index.read_text(encoding="utf-8"))["items"]
    (site / DATA).write_text(search_data(items, pages), encoding="utf-8")
    index.unlink()
    shutil.rmtree(site / _UNUSED_SCRIPTS)


def search_data(items: Iterable[dict[str, Any]], pages: Sequence[Page]) -> str:
    """Return the script with the data, made from Zensical's index of sections.

    Args:
        items: Sections of the built site: location, title, level and text as HTML, and the headings of the navigation.
    """
    by_address = {page.address: page for page in pages}
    numbers: dict[str, int] = {}
    described: list[dict[str, Any]] = []
    sections: list[dict[str, Any]] = []
    for item in items:
        address = item["location"].partition("#")[0]
        if address not in by_address or _FIELD_OF_MODEL.search(item["location"]):
            continue
        if address not in numbers:
            numbers[address] = len(numbers)
            described.append(_described(by_address[address], item["path"]))
        section = {"page": numbers[address], "location": item["location"], "level": item["level"]}
        sections.append(section | {"title": _text(item["title"]), "text": _text(item["text"])})
    synonyms = yaml.safe_load(TERMS.read_text(encoding="utf-8"))
    data = {"pages": described, "sections": sections, "synonyms": synonyms}
    return f"globalThis.searchData = {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n"


def _described(page: Page, path: Sequence[str]) -> dict[str, Any]:
    generated = next((weight for name, weight in _WEIGHTS if page.name.startswith(name)), 1)
    return {
        "title": html.unescape(in_html(page.title)),
        "location": page.address,
        "path": path[0] if len(path) > 1 else "",
        "keywords": html.unescape(in_html(page.description)),
        "weight": _GUIDE if page.source else generated,
        **({"language": page.language} if page.language else {}),
    }


def _text(markup: str) -> str:
    """Return the text of HTML on one line. Elements other than inline ones separate words."""
    text = _HTML_TAG.sub(" ", _INLINE.sub("", markup))
    return " ".join(html.unescape(in_html(text)).split())


def _add_files_for_tools(
    context: SiteContext, pages: Sequence[Page], navigation: Sequence[Section], address: str, site: Path
) -> None:
    by_name = {page.name: page for page in pages}
    texts = {f"{page.name}.md": page.plain for page in pages}
    made = renditions([(each.service, each.document) for each in context.services], context.import_client().__version__)
    made += context.vectors
    for each in made:
        texts[f"{DOCUMENTS}/{each.name}.json"] = json.dumps(each.data, indent=2, ensure_ascii=False) + "\n"
        if "yaml" in each.kind.formats:
            texts[f"{DOCUMENTS}/{each.name}.yaml"] = yaml.dump(
                each.data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120
            )
    texts["llms.txt"] = _llms(made, by_name, navigation)
    ordered = [by_name[name] for section in navigation for name in section.pages]
    texts[_LLMS_FULL] = "\n\n".join(f"<!-- {page.name}.md -->\n\n{page.plain.rstrip()}" for page in ordered) + "\n"
    for bundled in context.services_with_evidence:
        evidence = bundled.service.evidence.path
        texts[f"{EVIDENCE}/{bundled.name}.yaml"] = evidence.read_text(encoding="utf-8")
    texts["sitemap.xml"] = _sitemap(by_name, navigation, address)
    for name, text in texts.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, which some readers refuse."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _llms(made: Sequence[Rendition], pages: dict[str, Page], navigation: Sequence[Section]) -> str:
    home = pages["index"]
    lines = [f"# {home.title}", "", f"> {in_markdown(home.description)}", ""]
    for section in navigation:
        lines += [f"## {section.title}", ""] if section.title else []
        for name in section.pages:
            lines.append(f"- [{pages[name].title}]({name}.md): {in_markdown(pages[name].description)}")
        lines.append("")
    lines += ["## Documents", ""]
    for each in made:
        title = in_markdown(mark_foreign(each.title))
        for suffix in each.kind.formats:
            lines.append(f"- [{title}, {each.kind.label}, {suffix.upper()}]({DOCUMENTS}/{each.name}.{suffix})")
    return "\n".join(lines) + "\n"


def _sitemap(pages: dict[str, Page], navigation: Sequence[Section], address: str) -> str:
    """Return the sitemap, with addresses relative to the site's root if the site's own is not known."""
    addresses = [f"{address}{pages[name].address}" or "./" for section in navigation for name in section.pages]
    entries = "".join(f"  <url><loc>{escape(each)}</loc></url>\n" for each in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


_TAG = re.compile(r"<(?P<name>[a-zA-Z][a-zA-Z0-9]*)\b(?P<attributes>(?:[^<>\"]|\"[^\"]*\")*)>")
_ATTRIBUTE = re.compile(r"\b(?P<name>id|href|src|srcset|data|action|poster)=\"(?P<value>[^\"]*)\"")
_LINK = re.compile(r"(?<![!\\])\]\((?P<target>[^()\s]+)\)")
_FENCED = re.compile(r"^( *)(```+|~~~+).*?^\1\2\s*$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_OUTSIDE_TAGS = {"a", "form"}
"""Elements that may name another host: the reader decides whether to go there."""


def broken(site: Path) -> list[Problem]:
    """Return every link that leads nowhere, and everything that a browser would load from another host.

    Zensical checks links that are Markdown; this checks raw HTML, diagrams, docstrings and Markdown copies too.
    """
    names = {path.relative_to(site).as_posix(): path for path in sorted(site.rglob("*")) if path.is_file()}
    texts = {
        name: path.read_text(encoding="utf-8")
        for name, path in names.items()
        if path.suffix in (".html", ".md", ".txt") and path.name != _LLMS_FULL
    }
    ids = {
        name: [value for _, key, value in _attributes(text) if key == "id"]
        for name, text in texts.items()
        if name.endswith(".html")
    }
    found = []
    for name, anchors in ids.items():
        for each in sorted({each for each in anchors if anchors.count(each) > 1}):
            message = f"must have each anchor once, got #{each} several times"
            found.append(Problem(f"{site.name}/{name}", message, "Rename all but one of them"))
    for name, text in texts.items():
        for tag, target in dict.fromkeys(_links(name, text)):
            if rule := _fault(name, tag, target, names.keys(), ids):
                message, fix = f"{rule}, got {target}", "Correct the link in the source of the page"
                found.append(Problem(f"{site.name}/{name}", message, fix))
    return found


def _fault(name: str, tag: str, target: str, names: Set[str], ids: dict[str, list[str]]) -> str | None:
    """Return the rule that a link in a file breaks, or None."""
    split = urlsplit(target)
    if split.scheme or split.netloc:
        is_allowed = tag in _OUTSIDE_TAGS or split.scheme == "data"
        return None if is_allowed else "must load files of this site only"
    if split.path.startswith("/"):
        return "must have relative links, because the site may be below any path"
    file = _file(name, unquote(split.path), names)
    if file is None:
        return "must link to files of this site"
    if split.fragment and file in ids and unquote(split.fragment) not in ids[file]:
        return "must link to anchors that exist"
    return None


def _file(name: str, path: str, names: Set[str]) -> str | None:
    """Return the file that a path leads to from another file, as a static host serves it."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
    if target.startswith(".."):
        return None
    return next((each for each in (target, posixpath.normpath(f"{target}/index.html")) if each in names), None)


def _links(name: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the links of a file, each with the element that it is in."""
    if name.endswith(".html"):
        yield from ((tag, value) for tag, key, value in _attributes(text) if key != "id")
    else:
        for link in _LINK.finditer(_CODE.sub("", _FENCED.sub("", text))):
            yield "a", link["target"]


def _attributes(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the ids and addresses of HTML: the name of each element, its attribute, and the value."""
    for tag in _TAG.finditer(text):
        if tag["name"] == "link" and 'rel="canonical"' in tag["attributes"]:
            continue
        for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
            yield tag["name"], attribute["name"], html.unescape(attribute["value"])
