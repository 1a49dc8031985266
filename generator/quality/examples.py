"""Examples of one value: what must pass and what must not, by what the evidence says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from generator.contract.findings import format_value
from generator.quality.statements import ExpectedSchema

SAMPLES: dict[str, Any] = {
    "string": "text",
    "integer": 7,
    "number": 1.5,
    "boolean": True,
    "null": None,
    "array": [],
    "object": {},
}
_NUMBERS = (0, 1, -1, 2**31, -(2**31) - 1, 2**53, 1.5)
_LENGTHS = {"Length": (0, 1, 1000), "Items": (0, 1, 50)}
_AROUND = (-1, 0, 1)


@attrs.frozen
class Example:
    """A value with what a check must say to it."""

    value: Any
    claim: str
    """What the evidence says, in a few words."""
    evidence: str
    """Id of the entry that says so."""
    rule: str | None = None
    """The rule that it must break; None where it must pass."""


def examples(node: ExpectedSchema, recorded: Any = None) -> Iterator[Example]:
    """Examples of a value; `recorded` is one that was seen."""
    yield from _of_types(node)
    yield from _of_lists(node)
    if "string" in node.types or not node.types:
        yield from _of_texts(node, recorded)
    if {"integer", "number"} & set(node.types):
        yield from _of_numbers(node)
    if "array" in node.types:
        yield from _of_lengths(node, "Items", lambda length: _repeated(recorded, length))


def good(node: ExpectedSchema, depth: int = 1) -> Any:
    """A value that must pass, with the fields of objects down to that depth."""
    listed = node.value("enum") or node.value("x-enum-open")
    if listed:
        return listed[0]
    kind = node.types[0] if node.types else "string"
    if kind == "object" and depth:
        return {name: good(inner, depth - 1) for name, inner in node.properties.items()}
    if kind == "array" and depth and node.items is not None:
        return [good(node.items, depth)]
    return SAMPLES[kind]


def _of_types(node: ExpectedSchema) -> Iterator[Example]:
    if not node.types:
        return
    statement = node.first("type")
    evidence = statement.id if statement else node.id
    free = not _is_bounded(node)
    for kind, value in SAMPLES.items():
        if kind in node.types or (kind == "integer" and "number" in node.types):
            if free and not (kind == "object" and node.required):
                yield Example(value, f"may be of type {kind}", evidence)
        else:
            yield Example(value, f"is of type {' or '.join(node.types)}", evidence, "schema")


def _is_bounded(node: ExpectedSchema) -> bool:
    return any(
        node.first(keyword)
        for keyword in ("enum", "x-enum-open", "pattern", "minimum", "maximum", "minLength", "minItems")
    )


def _of_lists(node: ExpectedSchema) -> Iterator[Example]:
    for keyword, rule in (("enum", "schema"), ("x-enum-open", "open-list")):
        statement = node.first(keyword)
        if statement is None:
            continue
        for value in statement.value:
            yield Example(value, f"may be {format_value(value)}", statement.id)
        for value in _unlisted(statement.value):
            yield Example(value, f"is one of {len(statement.value)} listed values", statement.id, rule)


def _unlisted(listed: list[Any]) -> Iterator[Any]:
    texts = [value for value in listed if isinstance(value, str)]
    made = [
        "text",
        "",
        "x" * _LENGTHS["Length"][-1],
        *(value.swapcase() for value in texts),
        *(f"{value} " for value in texts),
    ]
    yield from (value for value in dict.fromkeys(made) if value not in listed)


def _of_texts(node: ExpectedSchema, recorded: Any) -> Iterator[Example]:
    if node.first("enum") or node.first("x-enum-open"):
        return
    pattern = node.first("pattern")
    if pattern is None:
        yield from _of_lengths(node, "Length", lambda length: "x" * length)
        return
    matching = [text for text in (recorded, "", "7") if isinstance(text, str) and fits(pattern.value, text)]
    for text in _near(matching):
        rule = None if fits(pattern.value, text) else "schema"
        yield Example(text, f"is written as {pattern.value}", pattern.id, rule)


def fits(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern of ECMA 262, in which `$` is not also the place before a last line break."""
    return re.search(re.sub(r"\$\Z", r"\\Z", pattern), text) is not None


def _near(texts: Iterable[str]) -> Iterator[str]:
    """Texts, and those that differ from one of them in a character."""
    made: list[str] = []
    for text in texts:
        # Without one of its numbers, with what stands before it.
        made += [text[: run.start()] + text[run.end() :] for run in re.finditer("[^0-9]?[0-9]+", text)]
        made += [text, f"{text}x", f"x{text}", f"{text}\n", f"{text} ", f"-{text}"]
        for index, character in enumerate(text):
            before, after = text[:index], text[index + 1 :]
            made += [before + after, before + character + text[index:], f"{before}x{after}", f"{before}7{after}"]
            # A run of digits that is far longer than any.
            if character.isdigit():
                made.append(before + "1234567890" + after)
            else:
                made += [before, text[index:]]
    made += [str(number) for number in (-1, 0, 9, 10, 99, 100, 101, 1000)]
    yield from dict.fromkeys(made)


def _of_numbers(node: ExpectedSchema) -> Iterator[Example]:
    bounds = {keyword: node.first(keyword) for keyword in ("minimum", "maximum")}
    edges = [statement.value + step for statement in bounds.values() if statement for step in _AROUND]
    low, high = (statement.value if statement else None for statement in bounds.values())
    for value in dict.fromkeys([*edges, *_NUMBERS]):
        if isinstance(value, float) and "number" not in node.types:
            continue
        too_low, too_high = low is not None and value < low, high is not None and value > high
        statement = bounds["minimum"] if too_low else bounds["maximum"]
        if too_low or too_high:
            assert statement is not None
            claim = f"is {'at least' if too_low else 'at most'} {statement.value}"
            yield Example(value, claim, statement.id, "schema")
        else:
            told = statement or node.first("type")
            yield Example(value, f"may be {value}", told.id if told else node.id)


def _of_lengths(node: ExpectedSchema, what: str, made: Any) -> Iterator[Example]:
    least, most = node.first(f"min{what}"), node.first(f"max{what}")
    edges = [statement.value + step for statement in (least, most) if statement for step in _AROUND]
    for length in dict.fromkeys([*edges, *_LENGTHS[what]]):
        value = made(length) if length >= 0 else None
        if value is None:
            continue
        broken = least if least and length < least.value else most if most and length > most.value else None
        told = broken or node.first("type")
        name = "items" if what == "Items" else "characters"
        yield Example(value, f"may have {length} {name}", told.id if told else node.id, "schema" if broken else None)


def _repeated(recorded: Any, length: int) -> list[Any] | None:
    if not length:
        return []
    if not isinstance(recorded, list) or not recorded:
        return None
    return [recorded[index % len(recorded)] for index in range(length)]
