"""Draws pictures: SVG that stands inside a page, takes its colours from it, and says in words what it shows.

Lines and text have the page's own colour, and the few others are the site's, so a picture follows the colour scheme. It
is made for the width of a telephone and grows to a column of text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

WIDTH = 440
"""Of every picture, in its own units."""
_WIDEST = 560
"""Pixels, in a page that has the room."""
TEXT = 14
SMALL = 13
LINE = 18
"""From one line of small text to the next."""
ACCENT, GOOD, BAD = "var(--accent,#3b82c4)", "var(--good,#2f8f4e)", "var(--bad,#d0453e)"
FAIR, FAINT = "var(--wait,#b7791f)", "#7a7f8a"
"""Colours of the site, which follow its scheme; elsewhere ones that can be told from light and dark ground alike."""
_MONOSPACE = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace"


class Drawing:
    """A picture that is being drawn."""

    def __init__(self, name: str, title: str, description: str) -> None:
        self.name = name
        """A name that no other picture of the page has."""
        self.title = title
        self.description = description
        """What it shows, in words, for whoever does not see it."""
        self._parts: list[str] = []
        self._height = 0.0

    def box(
        self, x: float, y: float, width: float, height: float, colour: str = "currentColor", *, dashed: bool = False
    ) -> None:
        """A rectangle with round corners, faintly filled."""
        dash = ' stroke-dasharray="4 4"' if dashed else ""
        fill = "none" if colour == "currentColor" or dashed else colour
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="6" fill="{fill}" '
            f'fill-opacity="0.12" stroke="{colour}" stroke-width="1.5"{dash}/>',
            y + height,
        )

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled rectangle."""
        self._add(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="2" fill="{colour}"/>',
            y + height,
        )

    def line(
        self,
        points: Iterable[tuple[float, float]],
        colour: str = "currentColor",
        *,
        faint: bool = False,
        width: float = 1.5,
    ) -> None:
        """A line through points."""
        placed = list(points)
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in placed)
        opacity = ' stroke-opacity="0.3"' if faint else ""
        self._add(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{_n(width)}"{opacity}/>',
            max(y for _, y in placed),
        )

    def area(self, points: Iterable[tuple[float, float]], colour: str) -> None:
        """A faintly filled area."""
        placed = list(points)
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in placed)
        self._add(f'<polygon points="{path}" fill="{colour}" fill-opacity="0.25"/>', max(y for _, y in placed))

    def dot(self, x: float, y: float, colour: str, radius: float = 3.5) -> None:
        """A filled circle."""
        self._add(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colour}"/>', y + radius)

    def arrow(self, points: Sequence[tuple[float, float]], colour: str = "currentColor") -> None:
        """A line through points, across or down, with a head at its end."""
        (x0, y0), (x, y) = points[-2:]
        along, down = (x > x0) - (x < x0), (y > y0) - (y < y0)
        back = (x - 7 * along, y - 7 * down)
        self.line([*points[:-1], back], colour)
        head = ((x, y), (back[0] - 4 * down, back[1] - 4 * along), (back[0] + 4 * down, back[1] + 4 * along))
        path = " ".join(f"{_n(a)},{_n(b)}" for a, b in head)
        self._add(f'<polygon points="{path}" fill="{colour}"/>', y)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = TEXT,
        bold: bool = False,
        code: bool = False,
        anchor: str = "start",
    ) -> None:
        """A line of text, its baseline at `y`."""
        weight = ' font-weight="600"' if bold else ""
        family = f' font-family="{_MONOSPACE}"' if code else ""
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._add(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="currentColor"{weight}{family}{place}>'
            f"{escape(text)}</text>",
            y + size / 3,
        )

    def svg(self) -> str:
        """The picture as HTML, on one line: a block of Markdown must not have an empty one."""
        title, description = f"picture-{self.name}-title", f"picture-{self.name}-description"
        return (
            f'<figure class="picture" style="width:100%;max-width:{_WIDEST}px;margin:1.5em 0">'
            '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="100%" font-family="inherit" '
            f'viewBox="0 0 {WIDTH} {_n(self._height + 4)}" aria-labelledby="{title} {description}">'
            f'<title id="{title}">{escape(self.title)}</title>'
            f'<desc id="{description}">{escape(self.description)}</desc>'
            f"{''.join(self._parts)}</svg><figcaption>{escape(self.title)}</figcaption></figure>"
        )

    def words(self) -> str:
        """The picture in words, as Markdown."""
        return f"*{self.title}.* {self.description}"

    def _add(self, part: str, bottom: float) -> None:
        self._parts.append(part)
        self._height = max(self._height, bottom)


def _n(number: float) -> str:
    """A number of a picture, with one digit after the point where it needs it."""
    return f"{number:.1f}".removesuffix(".0")
