"""What the evidence says is all there is: values of a list, fields, statuses, media types, parameters, credentials.

No number of examples shows that nothing else is allowed. So a document under test is asked what it lists, and an
example is made of each thing that no evidence knows: it must be a finding, and where the document lists it, it is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from generator.contract.cases.asked import RequestCases
from generator.contract.cases.bases import Base
from generator.contract.cases.bodies import Bodies
from generator.contract.cases.callers import CallerCases
from generator.contract.cases.case import Case, Expected, Told
from generator.contract.cases.nodes import Node, places
from generator.contract.cases.replies import expected_of_value, media_type_case, status_case
from generator.documents.json_pointer import NotThere, child, resolve

_STATUSES = {"1": 199, "2": 299, "3": 399, "4": 477, "5": 577, "d": 599}


@attrs.frozen
class Listing:
    """A place of a document that lists things, all of which the evidence knows."""

    pointer: str
    known: frozenset[Any]
    """What the evidence knows."""
    read: Callable[[dict[str, Any], Any], list[Any]] = attrs.field(repr=False)
    """What is listed, by the document and what stands at the pointer."""
    case: Callable[[Any], Case | Told] = attrs.field(repr=False)
    """The example of a thing that it must not list."""

    def cases(self, document: dict[str, Any]) -> Iterator[Case | Told]:
        """An example of each thing that a document lists there and no evidence knows."""
        try:
            there = resolve(document, self.pointer)
        except NotThere:
            return
        for each in self.read(document, there):
            if each not in self.known:
                yield self.case(each)


def listings_of_reply(base: Base) -> Iterator[Listing]:
    """Of the body of one reply: lists of values, and fields."""
    bodies = Bodies(base)
    seen: set[str] = set()
    for pointer, node, value in places(base.node, base.draft.body):
        inner = (
            {child(pointer, name): each for name, each in node.properties.items()} if isinstance(value, dict) else {}
        )
        for here, each in {pointer: node, **inner}.items():
            for part in each.parts:
                if part not in seen:
                    seen.add(part)
                    yield from _values(bodies, here, each, part)
        if isinstance(value, dict) and node.properties and not node.is_map:
            known = frozenset(node.properties)
            for part in node.parts:
                yield Listing(child(part, "properties"), known, _keys, _field(bodies, pointer, node))


def listings_of_replies(bases: list[Base]) -> Iterator[Listing]:
    """Of all replies of an operation: statuses and media types."""
    known = frozenset(base.pointer.rpartition("/")[2] for base in bases)
    responses = bases[0].pointer.rpartition("/")[0]
    for of_whole in (False, True):
        yield Listing(responses, known, _keys, _status(bases[0], of_whole=of_whole))
    for base in bases:
        types = frozenset(base.content.value if base.content else ())
        yield Listing(child(base.pointer, "content"), types, _keys, partial(media_type_case, base))


def listings_of_requests(requests: RequestCases, callers: CallerCases) -> Iterator[Listing]:
    """Of the requests of an operation: parameters of the query, and ways to identify a caller."""
    pointer = requests.base.operation.pointer
    yield Listing(child(pointer, "parameters"), frozenset(requests.names), _parameters, requests.unknown)
    yield Listing(child(pointer, "security"), callers.credentials, _credentials, callers.identified_by)


def _values(bodies: Bodies, pointer: str, node: Node, part: str) -> Iterator[Listing]:
    for keyword, rule in (("enum", "schema"), ("x-enum-open", "open-list")):
        statement = node.first(keyword)
        if statement is not None:
            claim = f"{pointer} is one of {len(statement.value)} listed values"

            def case(value: Any, rule: str = rule, evidence: str = statement.id, claim: str = claim) -> Case:
                return bodies.put(node, evidence, claim, pointer, value, expected_of_value(rule, pointer))

            known = frozenset(statement.value)
            for there in ("enum", "x-enum-open", "const"):
                yield Listing(child(part, there), known, _items, case)


def _status(base: Base, *, of_whole: bool) -> Callable[[str], Case]:
    def case(status: str) -> Case:
        return status_case(base, int(status) if status.isdecimal() else _STATUSES[status[0]], of_whole=of_whole)

    return case


def _field(bodies: Bodies, pointer: str, node: Node) -> Callable[[str], Case]:
    def case(name: str) -> Case:
        here = child(pointer, name)
        claim = f"{pointer or 'the body'} has no field {name}"
        return bodies.put(node, node.id, claim, here, "text", Expected("undocumented-field", here))

    return case


def _keys(_: dict[str, Any], value: Any) -> list[Any]:
    return list(value) if isinstance(value, dict) else []


def _items(_: dict[str, Any], value: Any) -> list[Any]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str | int)]


def _parameters(document: dict[str, Any], value: Any) -> list[Any]:
    found = [resolve(document, each["$ref"][1:]) if "$ref" in each else each for each in value]
    return [each["name"] for each in found if each["in"] == "query"]


def _credentials(document: dict[str, Any], value: Any) -> list[Any]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    return [schemes[name].get("name", "").lower() for way in value for name in way if name in schemes]
