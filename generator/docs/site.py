"""The site: built with Zensical in a temporary folder, then swapped in; search index, links, files for tools.

Code, tables and tags go. Fields of models are found on the page of their service, and nowhere else.

Zensical checks the links that are Markdown; this sees all of them, of raw HTML, pictures, docstrings and copies too.

Zensical runs as a program of its own: it keeps its state in modules, and prints. What it cannot do without the address
that a site will have (a sitemap, Markdown copies, llms.txt) is done here.
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
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

import yaml

from generator import files
from generator.docs import escaping
from generator.docs.context import LAYOUTS, Page, SiteContext
from generator.docs.escaping import in_html, in_markdown, mark_foreign, raw
from generator.docs.pages import Section
from generator.errors import Problem, ValidationError
from generator.files import MANIFEST, files_below, write_files

_LONGEST = 160
"""Characters of a section's text."""

_DROPPED = re.compile(r"<pre\b.*?</pre>|<table\b.*?</table>|<(details)\b.*?</\1>|<svg\b.*?</svg>", re.DOTALL)

_HTML_TAG = re.compile(r"<[^>]+>")

_OF_MODEL = re.compile(r"#.*\.models\.\w+\.")
"""A location of the Python reference that is a field of a model."""


def trim(index: Path) -> None:
    """Rewrite the index of a built site."""
    data: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    data["items"] = [
        {**item, "title": in_html(_text(item["title"])), "text": in_html(_beginning(_text(item["text"])))}
        for item in data["items"]
        if not _OF_MODEL.search(item["location"])
    ]
    index.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _text(html: str) -> str:
    """Text, still escaped, on one line."""
    return " ".join(_HTML_TAG.sub("", _DROPPED.sub("", html)).split())


def _beginning(text: str) -> str:
    """Cut between words, so that no entity is cut."""
    return text if len(text) <= _LONGEST else text[:_LONGEST].rpartition(" ")[0]


_LINK_TAG = re.compile(r"<(?P<name>[a-zA-Z][a-zA-Z0-9]*)\b(?P<attributes>(?:[^<>\"]|\"[^\"]*\")*)>")

_ATTRIBUTE = re.compile(r"\b(?P<name>id|href|src|srcset|data|action|poster)=\"(?P<value>[^\"]*)\"")

_LINK = re.compile(r"(?<![!\\])\]\((?P<to>[^()\s]+)\)")

_FENCED = re.compile(r"^( *)(```+|~~~+).*?^\1\2\s*$", re.DOTALL | re.MULTILINE)

_CODE = re.compile(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")

_OUTSIDE_TAGS = {"a", "form"}
"""Elements that may name another host: whoever reads the page decides whether to go there."""


def broken(site: Path) -> list[Problem]:
    """Everything in the site that leads nowhere, or that a browser would load from another host."""
    texts = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in _texts(site)}
    named = {name: list(_anchors(text)) for name, text in texts.items() if name.endswith(".html")}
    anchors = {name: set(ids) for name, ids in named.items()}
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    found = []
    for name, ids in sorted(named.items()):
        for each in sorted({each for each in ids if ids.count(each) > 1}):
            found.append(Problem(f"{site.name}/{name}", f"has two places of the link #{each}", "Name one otherwise"))
    for name, text in sorted(texts.items()):
        for message, to in _of(name, text, files, anchors):
            found.append(Problem(f"{site.name}/{name}", f"{message}: {to}", "Mend the link where the page is made"))
    return found


def _texts(site: Path) -> Iterator[Path]:
    for suffix in (".html", ".md", ".txt"):
        yield from site.rglob(f"*{suffix}")


def _of(name: str, text: str, files: set[str], anchors: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    for tag, to in dict.fromkeys(_links(name, text)):
        split = urlsplit(to)
        if split.scheme or split.netloc:
            if tag not in _OUTSIDE_TAGS and split.scheme != "data":
                yield "loads something from another host", to
            continue
        if split.path.startswith("/"):
            yield "leads out of the site, which may lie below any path", to
            continue
        target = _file(name, unquote(split.path), files)
        if target is None:
            yield "leads nowhere", to
        elif split.fragment and target in anchors and unquote(split.fragment) not in anchors[target]:
            yield "leads to an anchor that is not there", to


def _links(name: str, text: str) -> Iterator[tuple[str, str]]:
    if not name.endswith(".html"):
        for link in _LINK.finditer(_CODE.sub("", _FENCED.sub("", text))):
            yield "a", link["to"]
        return
    for tag in _LINK_TAG.finditer(text):
        if tag["name"] == "link" and 'rel="canonical"' in tag["attributes"]:
            continue
        for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
            if attribute["name"] in ("href", "src", "srcset", "data", "action", "poster"):
                yield tag["name"], html.unescape(attribute["value"])


def _anchors(text: str) -> Iterator[str]:
    for tag in _LINK_TAG.finditer(text):
        for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
            if attribute["name"] == "id":
                yield html.unescape(attribute["value"])


def _file(name: str, path: str, files: set[str]) -> str | None:
    """The file that a path leads to from a file, as a static host serves it."""
    if not path:
        return name
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
    if target.startswith(".."):
        return None
    for candidate in (target, posixpath.normpath(f"{target}/index.html")):
        if candidate in files:
            return candidate
    return None


DOCUMENTS = "openapi"
"""Folder of the bundled documents below the site."""

_EPOCH = 1767225600
"""Time of every file in the archive: that of the distribution."""


def add_tools(
    material: SiteContext, pages: Sequence[Page], navigation: Sequence[Section], address: str, site: Path
) -> None:
    """Write into a built site what is for tools."""
    (site / DOCUMENTS).mkdir()
    for each in material.services:
        _write(site / DOCUMENTS / f"{each.name}.json", json.dumps(each.document, indent=2, ensure_ascii=False) + "\n")
        _write(site / DOCUMENTS / f"{each.name}.yaml", as_yaml(each.document))
    for page in pages:
        _write(site / f"{page.name}.md", page.plain)
    by_name = {page.name: page for page in pages}
    _write(site / "llms.txt", _llms(material, by_name, navigation))
    _write(site / "sitemap.xml", _sitemap(by_name, navigation, address))


def as_yaml(document: object) -> str:
    """A document as YAML that every reader takes alike."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def archive(site: Path) -> bytes:
    """The site as a gzipped tar archive: the same bytes for the same site."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(site.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(path.relative_to(site).as_posix())
                entry.size, entry.mtime, entry.mode = path.stat().st_size, _EPOCH, 0o644
                tar.addfile(entry, io.BytesIO(path.read_bytes()))
    return gzip.compress(packed.getvalue(), mtime=_EPOCH)


class _Dumper(yaml.SafeDumper):
    """Without aliases, which some readers refuse."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _llms(material: SiteContext, pages: dict[str, Page], navigation: Sequence[Section]) -> str:
    home = pages["index"]
    lines = [f"# {home.title}", "", f"> {in_markdown(home.description)}", ""]
    for section in navigation:
        lines += [f"## {section.title}", ""] if section.title else []
        for name in section.pages:
            lines.append(f"- [{pages[name].title}]({name}.md): {in_markdown(pages[name].description)}")
        lines.append("")
    lines += ["## Documents", ""]
    for each in material.services:
        title = in_markdown(mark_foreign(each.title))
        for suffix in ("yaml", "json"):
            lines.append(f"- [{title}, OpenAPI 3.1, {suffix.upper()}]({DOCUMENTS}/{each.name}.{suffix})")
    return "\n".join(lines) + "\n"


def _sitemap(pages: dict[str, Page], navigation: Sequence[Section], address: str) -> str:
    """Addresses are whole where the site's own is known, and relative to the site's root elsewhere."""
    places = [f"{address}{pages[name].address}" or "./" for section in navigation for name in section.pages]
    entries = "".join(f"  <url><loc>{escape(place)}</loc></url>\n" for place in places)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


THEME = Path(__file__).parent / "theme"

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_ISSUE = re.compile(
    r"^(?:Warning|Error): (?P<what>.+)\n\s*╭─\[ (?P<page>[^:\n]+):\d+:\d+ \].*\n.*\n\s*\d+ │(?P<text>.*)", re.MULTILINE
)

_UNUSED = ("assets/stylesheets/classic",)


def build(
    material: SiteContext, pages: Sequence[Page], navigation: Sequence[Section], address: str, site: Path
) -> None:
    """Build the site into the folder `site`, which is empty.

    Args:
        address: Where the site will be, with a slash at its end; empty where that is not known.

    Raises:
        Refused: Zensical warns, or a link leads nowhere.
    """
    with tempfile.TemporaryDirectory(prefix="site-", dir=site.parent) as folder:
        work = Path(folder)
        for page in pages:
            path = work / "docs" / f"{page.name}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_with_head(page), encoding="utf-8")
        shutil.copytree(THEME / "assets", work / "docs" / "assets")
        shutil.copytree(THEME / "templates", work / "theme")
        # JSON is YAML, and so what MkDocs and Zensical both read.
        (work / "mkdocs.yml").write_text(json.dumps(_settings(material, navigation, address)), encoding="utf-8")
        _run_zensical(work, pages)
        shutil.copytree(work / "site", site, dirs_exist_ok=True)
    for unused in _UNUSED:
        shutil.rmtree(site / unused)
    _fill_in(site)
    trim(site / "search.json")
    add_tools(material, pages, navigation, address, site)
    if problems := broken(site):
        raise ValidationError(problems)


def publish(make: Callable[[Path], None], output: Path) -> None:
    """Make a site in a temporary folder beside `output`, and swap it in. Its manifest lists its files.

    Raises:
        Refused: `make` refused, or `output` cannot be replaced. The old folder is kept as it was.
    """

    def listed(folder: Path) -> None:
        make(folder)
        manifest = {"about": "Files of this site", "files": sorted([MANIFEST, *files_below(folder)])}
        write_files({folder / MANIFEST: manifest})

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = Problem(output, f"cannot be written ({error.strerror})", "Name a place that can be written")
        raise ValidationError(problem) from None
    files.publish(listed, output)


def _with_head(page: Page) -> str:
    # The theme puts the description into an attribute as it is.
    description = html.escape(page.description, quote=False).replace('"', "&quot;")
    head: dict[str, Any] = {"description": description, "copy": f"{page.name}.md", "hide": LAYOUTS[page.layout]}
    return f"---\n{json.dumps(head)}\n---\n\n{page.markdown}"


def _settings(material: SiteContext, navigation: Sequence[Section], address: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((THEME / "settings.json").read_text(encoding="utf-8"))
    settings["nav"] = [entry for section in navigation for entry in _entries(section)]
    settings["theme"]["custom_dir"] = "theme"
    if address:
        settings["site_url"] = address
    python = settings["plugins"][1]["mkdocstrings"]["handlers"]["python"]
    python["options"]["extensions"] = [f"{escaping.__file__}:Docstrings"]
    python["paths"] = [str(material.root / "generated_client" / "src")]
    return settings


def _entries(section: Section) -> list[Any]:
    files = [f"{name}.md" for name in section.pages]
    return [{section.title: files}] if section.title else [{"Home": name} for name in files]


def _run_zensical(work: Path, pages: Sequence[Page]) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", "mkdocs.yml"],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    issues = list(_issues(raw(_COLOUR.sub("", done.stdout + done.stderr)), pages))
    if done.returncode or issues:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise ValidationError(
            issues or Problem("zensical", f"cannot build the site: {said}", "See the settings in generator/docs/theme")
        )


def _fill_in(site: Path) -> None:
    """Write foreign text in the place of its stand-ins, and let tables scroll without a script, with the keyboard."""
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        text = text.replace(
            "<table>", '<div class="table" role="group" tabindex="0" aria-label="Table"><table class="data">'
        )
        text = re.sub(r'(<table class="data">.*?</table>)', r"\1</div>", text, flags=re.DOTALL)
        path.write_text(in_html(text), encoding="utf-8")


def _issues(said: str, pages: Sequence[Page]) -> Iterator[Problem]:
    """What Zensical warns of: a title, a page as it was assembled, and the line in question."""
    sources = {f"{page.name}.md": page.source for page in pages}
    for found in _ISSUE.finditer(said):
        message = f"{found['what']}: {found['text'].strip()}"
        source = sources.get(found["page"])
        if source is None:
            yield Problem(f"the page {found['page']}", message, "Mend what it is made from")
        else:
            yield Problem(source, message, "Mend it there", _line_of(found["text"].strip(), source))


def _line_of(text: str, source: Path) -> int | None:
    lines = source.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.strip() == text), None)
