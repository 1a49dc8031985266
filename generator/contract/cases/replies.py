"""Cases of replies: each statement about a body at every place of a reply that it is about, statuses, media types."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from http import HTTPStatus
from typing import Any

import attrs

from generator.contract.cases.bases import Base
from generator.contract.cases.case import Case, Expected
from generator.contract.cases.nodes import Node, places
from generator.contract.cases.values import SAMPLES, Example, examples, good
from generator.contract.findings import NOTICE, VIOLATION, shown
from generator.documents.pointers import child, segments

_UNKNOWN = "madeUp"
_OTHER_TYPES = ("text/plain", "text/html", "application/xml", "application/octet-stream", "application/problem+json")
_SEVERITY = {"open-list": NOTICE}


def reply_cases(base: Base) -> Iterator[Case]:
    """The cases of the body of one reply."""
    yield _case(base, base.response.id, "a reply as it was recorded", "", base.draft.body)
    for pointer, node, value in places(base.node, base.draft.body):
        yield from _of_value(base, pointer, node, value)
        if isinstance(value, dict):
            yield from _of_members(base, pointer, node, value)


def status_cases(bases: list[Base]) -> Iterator[Case]:
    """The cases of the statuses and media types of one operation's replies."""
    first = bases[0]
    listed = {base.draft.status for base in bases}
    for base in bases:
        content = base.content or base.response
        for media_type in _OTHER_TYPES:
            if media_type not in content.value:
                draft = attrs.evolve(base.draft, media_type=media_type)
                yield Case(
                    id=f"{content.id}: {base.name} as {media_type}",
                    evidence=content.id,
                    claim=f"a reply with {base.draft.status} is of type {' or '.join(content.value)}",
                    exchange=draft.exchange(base.name),
                    expected=Expected("media-type"),
                    of_whole=base.is_inferred,
                )
        if base.is_inferred:
            yield Case(
                id=f"{base.response.id}: {base.draft.status} is only inferred",
                evidence=base.response.id,
                claim=f"{base.draft.status} is only inferred, so it is no status that is listed",
                exchange=base.draft.exchange(base.name),
                expected=Expected("status"),
            )
    ranges = {str(base.draft.status)[0] for base in bases if not base.pointer.rpartition("/")[2].isdecimal()}
    for status in HTTPStatus:
        if status >= 200 and status not in listed:
            draft = attrs.evolve(first.draft, status=int(status))
            for of_whole in (False, True):
                if not (of_whole and str(int(status))[0] in ranges):
                    yield Case(
                        id=f"{first.response.id}: status {int(status)}{' of all' if of_whole else ''}",
                        evidence=first.response.id,
                        claim=f"the statuses are {', '.join(map(str, sorted(listed)))}",
                        exchange=draft.exchange(str(int(status))),
                        expected=Expected("status"),
                        of_whole=of_whole,
                    )


def _of_value(base: Base, pointer: str, node: Node, value: Any) -> Iterator[Case]:
    for example in examples(node, value):
        yield from _placed(base, pointer, node, example)
    if node.is_map and isinstance(value, dict):
        for kind, sample in SAMPLES.items():
            inner = node.values
            fits = inner is None or not inner.types or kind in inner.types
            here = child(pointer, _UNKNOWN)
            expected = None if fits else Expected("schema", here)
            claim = "is a map of anything" if inner is None else f"is a map of {' or '.join(inner.types)}"
            yield _case(base, (inner or node).id, f"{pointer} {claim}", pointer, {**value, _UNKNOWN: sample}, expected)


def _placed(base: Base, pointer: str, node: Node, example: Example) -> Iterator[Case]:
    expected = None
    if example.rule:
        expected = Expected(example.rule, pointer, _SEVERITY.get(example.rule, VIOLATION))
    yield _case(base, example.evidence, f"{pointer or 'the body'} {example.claim}", pointer, example.value, expected)


def _of_members(base: Base, pointer: str, node: Node, value: dict[str, Any]) -> Iterator[Case]:
    if node.is_map or not node.properties:
        return
    unknown = child(pointer, _UNKNOWN)
    yield _case(
        base,
        node.id,
        f"{pointer or 'the body'} has no other field",
        unknown,
        1,
        Expected("undocumented-field", unknown),
    )
    for name, inner in node.properties.items():
        here = child(pointer, name)
        statement = node.required.get(name)
        if statement:
            expected, claim = Expected("schema", pointer), "is always there"
        else:
            expected, claim = None, "may be absent"
        body = deepcopy(base.draft.body)
        _at(body, pointer).pop(name, None)
        yield _whole(base, statement.id if statement else inner.id, f"{here} {claim}", "without", here, body, expected)
        if name not in value:
            yield _case(base, inner.id, f"{here} may be there", here, good(inner))
            yield from _of_value(base, here, inner, good(inner))


def _case(base: Base, evidence: str, claim: str, pointer: str, value: Any, expected: Expected | None = None) -> Case:
    """The case of a body with a value put at a place."""
    body = deepcopy(base.draft.body)
    if pointer:
        place, _, _ = pointer.rpartition("/")
        outer, key = _at(body, place), segments(pointer)[-1]
        outer[int(key) if isinstance(outer, list) else key] = value
    else:
        body = value
    return _whole(base, evidence, claim, f"{pointer or 'body'} =", shown(value), body, expected)


def _whole(base: Base, evidence: str, claim: str, change: str, what: str, body: Any, expected: Expected | None) -> Case:
    name = f"{base.name} {change} {what}"
    return Case(
        id=f"{evidence}: {name}",
        evidence=evidence,
        claim=claim,
        exchange=attrs.evolve(base.draft, body=body).exchange(name),
        expected=expected,
        of_whole=base.is_inferred,
    )


def _at(body: Any, pointer: str) -> Any:
    for key in segments(pointer):
        body = body[int(key) if isinstance(body, list) else key]
    return body
