"""Writes the Python samples of pages as modules, for type checkers: `python -m tests.docs.samples.sources FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .blocks import samples

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "generator" / "docs" / "content").rglob("*.md"))]


def modules(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each module of a page: its samples one after another, and each file that it shows.

    A line of a module has the number of the line in the page, so that reports of a type checker lead there.
    """
    lines: list[str] = []
    for sample in samples(page.read_text(encoding="utf-8")):
        block = sample.block
        if block.language != "python" or block.not_run:
            continue
        if "from tasks_client import" in block.text:
            # This client exists only after the commands of the page.
            continue
        # The client that the page makes has another name and the same code.
        text = "\n" * block.first + block.text.replace("acme_jobs", "cloudjobs")
        if block.title is not None:
            yield block.title, text
        else:
            lines += [""] * (block.first - len(lines)) + text.lstrip("\n").splitlines()
    if lines:
        yield f"{page.stem.replace('-', '_')}.py", "\n".join(lines) + "\n"


def write(folder: Path) -> list[Path]:
    """Write the modules of all pages, those of a page in a folder. Returns their paths."""
    written = []
    for page in PAGES:
        for name, text in modules(page):
            path = folder / "_".join(page.relative_to(ROOT).with_suffix("").parts).replace("-", "_").lower() / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


if __name__ == "__main__":
    print("\n".join(map(str, write(Path(sys.argv[1])))))
