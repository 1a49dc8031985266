"""Where a statement comes from: its confidence, the rows and facts behind it, and what contradicts it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.docs.material import Prepared
from generator.docs.reading import Reading

CONFIDENCE = {
    "documented": "a row of the vendor's page says so",
    "observed": "recorded replies or the vendor's other publications show it",
    "inferred": "it follows from the rest, and nothing shows it",
}


def confidence(reading: Reading) -> str:
    """The confidence of a statement as a mark, or nothing where none is known."""
    word = reading.get("x-confidence")
    return mark(word) if word else ""


def mark(word: str) -> str:
    """A confidence, as it stands beside a statement."""
    return f'<span class="confidence {word}">{word}</span>'


def support(each: Prepared, reading: Reading) -> str:
    """The evidence of a statement: each id with the place on the page, or the origin."""
    parts = []
    for name in reading.get("x-evidence", []):
        entry = each.entries.get(name)
        if entry:
            where = entry.get("place") or entry.get("confidence") or "recorded replies"
            parts.append(f"[`{name}`](#{name}) ({where})")
    return f"Evidence: {', '.join(parts)}" if parts else ""


def contradictions(each: Prepared, reading: Reading) -> Iterator[str]:
    """What the page, its example and other evidence say against each other, where it concerns the reader."""
    for name in reading.get("x-contradictions", []):
        yield contradiction(each.contradictions[name], f"../contradictions.md#{name}")


def contradiction(entry: dict[str, Any], link: str) -> str:
    """One contradiction, told in short, with all of it to unfold."""
    return f"""<div class="contradiction" markdown>

**Contradiction: {entry["title"]}.** For a caller: {_line(entry["consequence"])}

<details markdown>
<summary>What the page says, and what speaks against it</summary>

{told(entry)}

[The whole contradiction]({link})

</details>

</div>"""


def told(entry: dict[str, Any]) -> str:
    """The two sides and the decision."""
    return f"""- **Page:** {_line(entry["page"])}
- **Against it:** {_line(entry["other"])}
- **Decision:** {_line(entry["decision"])}"""


def _line(text: str) -> str:
    return " ".join(text.split())
