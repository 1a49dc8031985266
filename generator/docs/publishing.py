"""What tools read of the site, made without its builder: documents, Markdown copies, llms.txt, sitemap, archive."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import yaml

from generator.docs.foreign import foreign, in_markdown
from generator.docs.material import Material
from generator.docs.navigation import Section
from generator.docs.page import Page

DOCUMENTS = "openapi"
"""Folder of the bundled documents below the site."""
_EPOCH = 1767225600
"""Time of every file in the archive: that of the distribution."""


def add_tools(
    material: Material, pages: Sequence[Page], navigation: Sequence[Section], address: str, site: Path
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


def _llms(material: Material, pages: dict[str, Page], navigation: Sequence[Section]) -> str:
    home = pages["index"]
    lines = [f"# {home.title}", "", f"> {in_markdown(home.description)}", ""]
    for section in navigation:
        lines += [f"## {section.title}", ""] if section.title else []
        for name in section.pages:
            lines.append(f"- [{pages[name].title}]({name}.md): {in_markdown(pages[name].description)}")
        lines.append("")
    lines += ["## Documents", ""]
    for each in material.services:
        title = in_markdown(foreign(each.title))
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
