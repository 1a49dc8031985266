"""Builds the site in a temporary folder with Zensical, and swaps it in once all of it is there.

Zensical runs as a program of its own: it keeps its state in modules, and prints. What it cannot do without the address
that a site will have (a sitemap, Markdown copies, llms.txt) is done here.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from generator import files
from generator.docs import foreign
from generator.docs.foreign import in_html, raw
from generator.docs.links import broken
from generator.docs.material import Material
from generator.docs.navigation import Section
from generator.docs.page import LAYOUTS, Page
from generator.docs.publishing import add_tools
from generator.docs.searching import trim
from generator.errors import Problem, Refused
from generator.files import MANIFEST, files_below, write_files

THEME = Path(__file__).parent / "theme"
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ISSUE = re.compile(
    r"^(?:Warning|Error): (?P<what>.+)\n\s*╭─\[ (?P<page>[^:\n]+):\d+:\d+ \].*\n.*\n\s*\d+ │(?P<text>.*)", re.MULTILINE
)
_UNUSED = ("assets/stylesheets/classic",)


def build(material: Material, pages: Sequence[Page], navigation: Sequence[Section], address: str, site: Path) -> None:
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
        raise Refused(problems)


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
        raise Refused(problem) from None
    files.publish(listed, output)


def _with_head(page: Page) -> str:
    # The theme puts the description into an attribute as it is.
    description = html.escape(page.description, quote=False).replace('"', "&quot;")
    head: dict[str, Any] = {"description": description, "copy": f"{page.name}.md", "hide": LAYOUTS[page.layout]}
    return f"---\n{json.dumps(head)}\n---\n\n{page.markdown}"


def _settings(material: Material, navigation: Sequence[Section], address: str) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((THEME / "settings.json").read_text(encoding="utf-8"))
    settings["nav"] = [entry for section in navigation for entry in _entries(section)]
    settings["theme"]["custom_dir"] = "theme"
    if address:
        settings["site_url"] = address
    python = settings["plugins"][1]["mkdocstrings"]["handlers"]["python"]
    python["options"]["extensions"] = [f"{foreign.__file__}:Docstrings"]
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
        raise Refused(
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
