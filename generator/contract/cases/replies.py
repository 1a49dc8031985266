"""Cases of replies: each statement about a body at every place of a reply that it is about, statuses, media types."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import attrs

from generator.contract.cases.asking import UNKNOWN
from generator.contract.cases.bases import Base
from generator.contract.cases.bodies import Bodies
from generator.contract.cases.case import Case, Expected
from generator.contract.cases.nodes import Node, places
from generator.contract.cases.values import SAMPLES, examples, good
from generator.contract.findings import NOTICE, VIOLATION
from generator.documents.json_pointer import child

_OTHER_TYPES = ("text/plain", "text/html", "application/xml", "application/octet-stream", "application/problem+json")


def reply_cases(base: Base) -> Iterator[Case]:
    """The cases of the body of one reply."""
    bodies = Bodies(base)
    yield bodies.whole(base.node, base.response.id, "there is such a reply", "as it is", base.draft.body, None)
    for pointer, node, value in places(base.node, base.draft.body):
        yield from _of_value(bodies, pointer, node, value)
        if isinstance(value, dict) and node.properties and not node.is_map:
            yield from _of_fields(bodies, pointer, node, value)


def expected_of_value(rule: str, pointer: str) -> Expected:
    """The finding that a value must be which breaks a rule."""
    return Expected(rule, pointer, NOTICE if rule == "open-list" else VIOLATION)


def _of_value(bodies: Bodies, pointer: str, node: Node, value: Any) -> Iterator[Case]:
    what = pointer or "the body"
    for example in examples(node, value):
        expected = expected_of_value(example.rule, pointer) if example.rule else None
        yield bodies.put(node, example.evidence, f"{what} {example.claim}", pointer, example.value, expected)
    if node.is_map and isinstance(value, dict):
        inner = node.values
        claim = f"{what} is a map of {' or '.join(inner.types) if inner else 'anything'}"
        for kind, sample in SAMPLES.items():
            fits = inner is None or not inner.types or kind in inner.types
            expected = None if fits else Expected("schema", child(pointer, UNKNOWN))
            yield bodies.put(node, (inner or node).id, claim, pointer, {**value, UNKNOWN: sample}, expected)


def _of_fields(bodies: Bodies, pointer: str, node: Node, value: dict[str, Any]) -> Iterator[Case]:
    unknown = child(pointer, UNKNOWN)
    claim = f"{pointer or 'the body'} has no other field"
    yield bodies.put(node, node.id, claim, unknown, 1, Expected("undocumented-field", unknown))
    for name, inner in node.properties.items():
        here = child(pointer, name)
        always = node.required.get(name)
        if always:
            yield bodies.without(inner, always.id, f"{here} is always there", here, Expected("schema", pointer))
        else:
            yield bodies.without(inner, inner.id, f"{here} may be absent", here, None)
        yield bodies.put(inner, inner.id, f"{here} may be there", here, value.get(name, good(inner)))
        if name not in value:
            yield from _of_value(bodies, here, inner, good(inner))


def status_cases(bases: list[Base]) -> Iterator[Case]:
    """The cases of the statuses and media types of one operation's replies."""
    for base in bases:
        yield from _media_types(base)
        if base.is_inferred:
            # Checks leave it out: with ranges among the responses no status is ever undocumented.
            yield status_case(base, base.draft.status, of_whole=False)
    listed = {base.draft.status for base in bases}
    ranges = {str(base.draft.status)[0] for base in bases if not base.pointer.rpartition("/")[2].isdecimal()}
    for status in map(int, HTTPStatus):
        if status >= 200 and status not in listed:
            yield status_case(bases[0], status, of_whole=False)
            if str(status)[0] not in ranges:
                yield status_case(bases[0], status, of_whole=True)


def status_case(base: Base, status: int, *, of_whole: bool) -> Case:
    """The case of a reply with a status that is not listed."""
    return Case(
        id=f"{base.response.id}: status {status}{' in the whole document' if of_whole else ''}",
        evidence=base.response.id,
        claim=f"{status} is not listed",
        exchanges=(attrs.evolve(base.draft, status=status).exchange(str(status)),),
        expected=Expected("status"),
        of_whole=of_whole,
        places=(base.pointer,),
    )


def media_type_case(base: Base, media_type: str) -> Case:
    """The case of a reply of another media type."""
    content = base.content or base.response
    return Case(
        id=f"{content.id}: {base.name} as {media_type}",
        evidence=content.id,
        claim=f"a reply with {base.draft.status} is of type {' or '.join(content.value)}",
        exchanges=(attrs.evolve(base.draft, media_type=media_type).exchange(base.name),),
        expected=Expected("media-type"),
        of_whole=base.is_inferred,
        places=(base.pointer,),
    )


def _media_types(base: Base) -> Iterator[Case]:
    listed = base.content.value if base.content else []
    return (media_type_case(base, each) for each in _OTHER_TYPES if each not in listed)
