"""A page of the site, and a piece of one: each exists for people (in the browser) and for tools (as plain Markdown)."""

from __future__ import annotations

import re
from pathlib import Path

import attrs

from generator.errors import Problem, Refused

_HEAD = re.compile(r"---\n(.*?\n)---\n+", re.DOTALL)
_TITLE = re.compile(r"# (.+)\n")

LAYOUTS = {"prose": [], "wide": ["toc"], "home": ["navigation", "toc"]}
"""What a layout hides of what stands beside a page: nothing, its table of contents, or the navigation as well."""


@attrs.frozen
class Block:
    """What stands in a placeholder's place."""

    markdown: str
    """For the site: Markdown, or HTML that begins and ends a block of its own."""
    plain: str
    """For the Markdown copy of the page: the same, for whoever sees no HTML. A picture's text alternative."""

    @classmethod
    def same(cls, markdown: str) -> Block:
        """A block that is plain Markdown anyhow."""
        return cls(markdown, markdown)


@attrs.frozen
class Page:
    """One page, as the site builder is to have it, without its head."""

    name: str
    """Path below the site, without suffix: `services/index` is `/services/`, `changelog` is `/changelog/`."""
    description: str
    """One sentence: for the page's head, and for llms.txt."""
    markdown: str
    """The page for the site builder; the first line is its title, as `# …`."""
    plain: str
    """The page for its Markdown copy."""
    layout: str = "prose"
    """One of `LAYOUTS`."""
    source: Path | None = None
    """The file that a person wrote, where it is one."""

    @property
    def title(self) -> str:
        found = _TITLE.match(self.plain)
        return found[1].replace("`", "") if found else self.name

    @property
    def address(self) -> str:
        """Where the page is, relative to the site's root: `python/errors/`, and nothing for the home page."""
        return re.sub(r"(^|(?<=/))index/\Z", "", f"{self.name}/")


def read_head(text: str, file: str) -> tuple[dict[str, str], str]:
    """The head of a hand-written page (`---`, lines of `key: value`, `---`) and the rest. Raises `Refused`."""
    found = _HEAD.match(text)
    head = dict(re.findall(r"^(\w+): *(.*)$", found[1], re.MULTILINE)) if found else {}
    body = text[found.end() :] if found else text
    if "description" not in head or not set(head) <= {"description", "layout"}:
        raise Refused(Problem(file, "has no head with its description", "Begin with ---, description: …, ---", 1))
    if head.setdefault("layout", "prose") not in LAYOUTS:
        raise Refused(Problem(file, f"has the layout {head['layout']}", f"Choose among {', '.join(LAYOUTS)}", 1))
    if not _TITLE.match(body):
        raise Refused(Problem(file, "has no title", "Let the first line after the head be # and the title"))
    return head, body
