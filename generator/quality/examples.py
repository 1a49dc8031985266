"""Examples of one value: valid and invalid ones, by the evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from ..contract.findings import format_value
from ..documents import is_json
from ..evidence.traceability import KNOWN_VALUES
from .statements import ExpectedSchema

SAMPLES = dict[str, Any](string="text", integer=7, number=1.5, boolean=True, null=None, array=[], object={})
_NUMBERS = (0, 1, -1, 2**31, -(2**31) - 1, 2**53, 1.5)
_LENGTHS = {"Length": (0, 1, 1000), "Items": (0, 1, 50)}
_AROUND = (-1, 0, 1)
_CONSTRAINTS = ("enum", KNOWN_VALUES, "pattern", "minimum", "maximum", "minLength", "minItems")


@attrs.frozen
class Example:
    """A value, and the expected result of a check."""

    value: Any
    claim: str
    """The statement of the evidence, in a few words."""
    evidence: str
    """Id of the entry with that statement."""
    rule: str | None = None
    """The rule that it breaks; None for a valid value."""


def examples(schema: ExpectedSchema, recorded: Any = None) -> Iterator[Example]:
    """Examples of a value; `recorded` is a recorded one."""
    media_type = schema.statement("contentMediaType")
    if media_type is None or not is_json(str(media_type.value)):
        yield from _examples(schema, recorded)
        return
    for example in _examples(schema, recorded):
        is_text = example.rule is None and isinstance(example.value, str)
        yield attrs.evolve(example, value=_as_json_text(example.value)) if is_text else example
    yield Example("{", "is JSON text", media_type.id, "json-text")


def _as_json_text(text: str) -> str:
    """JSON text of the same length; an empty string is allowed as it is."""
    return "7" * len(text) if len(text) < len('""') else f'"{text[2:]}"'


def _examples(schema: ExpectedSchema, recorded: Any) -> Iterator[Example]:
    yield from _of_types(schema)
    yield from _of_enums(schema)
    if "string" in schema.types or not schema.types:
        yield from _of_strings(schema, recorded)
    if {"integer", "number"} & set(schema.types):
        yield from _of_numbers(schema)
    if "array" in schema.types:
        yield from _of_lengths(schema, "Items", lambda length: _repeated(recorded, length))


def valid_value(schema: ExpectedSchema, depth: int = 1) -> Any:
    """A valid value, with the fields of objects down to that depth."""
    listed = schema.value("enum") or schema.value(KNOWN_VALUES)
    if listed:
        return listed[0]
    kind = schema.types[0] if schema.types else "string"
    if kind == "object" and depth:
        return {name: valid_value(inner, depth - 1) for name, inner in schema.properties.items()}
    if kind == "array" and depth and schema.items is not None:
        return [valid_value(schema.items, depth)]
    return "{}" if kind == "string" and is_json(str(schema.value("contentMediaType"))) else SAMPLES[kind]


def _of_types(schema: ExpectedSchema) -> Iterator[Example]:
    if not schema.types:
        return
    evidence = schema.id_of("type")
    is_bounded = any(map(schema.statement, _CONSTRAINTS))
    for kind, value in SAMPLES.items():
        if kind in schema.types or (kind == "integer" and "number" in schema.types):
            if not is_bounded and not (kind == "object" and schema.required):
                yield Example(value, f"may be of type {kind}", evidence)
        else:
            yield Example(value, f"is of type {' or '.join(schema.types)}", evidence, "schema")


def _of_enums(schema: ExpectedSchema) -> Iterator[Example]:
    for keyword, rule in (("enum", "schema"), (KNOWN_VALUES, "open-list")):
        statement = schema.statement(keyword)
        if statement is None:
            continue
        for value in statement.value:
            yield Example(value, f"may be {format_value(value)}", statement.id)
        for value in _unlisted(statement.value):
            yield Example(value, f"is one of {len(statement.value)} listed values", statement.id, rule)


def _unlisted(listed: list[Any]) -> Iterator[Any]:
    texts = [value for value in listed if isinstance(value, str)]
    made = ["text", "", "x" * _LENGTHS["Length"][-1], *map(str.swapcase, texts), *(f"{value} " for value in texts)]
    yield from (value for value in dict.fromkeys(made) if value not in listed)


def _of_strings(schema: ExpectedSchema, recorded: Any) -> Iterator[Example]:
    if schema.statement("enum") or schema.statement(KNOWN_VALUES):
        return
    pattern = schema.statement("pattern")
    if pattern is None:
        yield from _of_lengths(schema, "Length", lambda length: "x" * length)
        return
    matching = [text for text in (recorded, "", "7") if isinstance(text, str) and fits(pattern.value, text)]
    for text in _near(matching):
        rule = None if fits(pattern.value, text) else "schema"
        yield Example(text, f"is written as {pattern.value}", pattern.id, rule)


def fits(pattern: str, text: str) -> bool:
    """Whether a string matches a pattern of ECMA 262, in which `$` does not match before a final line break."""
    return re.search(re.sub(r"\$\Z", r"\\Z", pattern), text) is not None


def _near(texts: Iterable[str]) -> Iterator[str]:
    """The strings, and strings that differ from one of them in a character."""
    made: list[str] = []
    for text in texts:
        # One of its numbers removed, with the character before it.
        made += [text[: run.start()] + text[run.end() :] for run in re.finditer("[^0-9]?[0-9]+", text)]
        made += [text, f"{text}x", f"x{text}", f"{text}\n", f"{text} ", f"-{text}"]
        for index, character in enumerate(text):
            before, after = text[:index], text[index + 1 :]
            made += [before + after, before + character + text[index:], f"{before}x{after}", f"{before}7{after}"]
            # A run of digits that is longer than any.
            if character.isdigit():
                made.append(before + "1234567890" + after)
            else:
                made += [before, text[index:]]
    made += [str(number) for number in (-1, 0, 9, 10, 99, 100, 101, 1000)]
    yield from dict.fromkeys(made)


def _of_numbers(schema: ExpectedSchema) -> Iterator[Example]:
    low, high = schema.statement("minimum"), schema.statement("maximum")
    edges = [statement.value + step for statement in (low, high) if statement for step in _AROUND]
    for value in dict.fromkeys([*edges, *_NUMBERS]):
        if isinstance(value, float) and "number" not in schema.types:
            continue
        if low and value < low.value:
            yield Example(value, f"is at least {low.value}", low.id, "schema")
        elif high and value > high.value:
            yield Example(value, f"is at most {high.value}", high.id, "schema")
        else:
            yield Example(value, f"may be {value}", high.id if high else schema.id_of("type"))


def _of_lengths(schema: ExpectedSchema, what: str, make: Callable[[int], Any]) -> Iterator[Example]:
    least, most = schema.statement(f"min{what}"), schema.statement(f"max{what}")
    edges = [statement.value + step for statement in (least, most) if statement for step in _AROUND]
    unit = "items" if what == "Items" else "characters"
    for length in dict.fromkeys([*edges, *_LENGTHS[what]]):
        value = make(length) if length >= 0 else None
        if value is not None:
            broken = least if least and length < least.value else most if most and length > most.value else None
            evidence = broken.id if broken else schema.id_of("type")
            yield Example(value, f"may have {length} {unit}", evidence, "schema" if broken else None)


def _repeated(recorded: Any, length: int) -> list[Any] | None:
    if length and not (isinstance(recorded, list) and recorded):
        return None
    return [recorded[index % len(recorded)] for index in range(length)]
