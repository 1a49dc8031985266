"""Follows exchanges through a document, and notes what each of them exercises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from generator.contract.checker import Contract, Route
from generator.contract.coverage.items import KEYWORDS, LISTS, Item, values
from generator.contract.exchange import Exchange, NoJson
from generator.contract.findings import Finding
from generator.contract.request_rules import parameters
from generator.contract.response_rules import listed_status
from generator.documents.json_pointer import child

_APPLIES: dict[str, type | tuple[type, ...]] = {
    "minimum": (int, float),
    "maximum": (int, float),
    "minLength": str,
    "maxLength": str,
    "pattern": str,
    "x-enum-open": str,
    "minItems": list,
    "maxItems": list,
    "required": dict,
}
"""The values that a keyword speaks of; one that is not here speaks of all."""


@attrs.define
class Trace:
    """What was exercised so far."""

    items: set[Item] = attrs.field(factory=set)

    def follow(self, contract: Contract, exchange: Exchange) -> None:
        """Note what an exchange exercises."""
        route = contract.route(exchange)
        if route is None:
            return
        findings = contract.check(exchange)
        self._request(route, exchange, findings)
        responses = route.operation.definition["responses"]
        status = listed_status(responses, exchange.status)
        if status is None:
            return
        place = child(child(route.operation.pointer, "responses"), status)
        self.items.add(Item("statuses", place))
        media = responses[status].get("content", {}).get(exchange.media_type)
        if media is None:
            return
        place = child(child(place, "content"), exchange.media_type)
        self.items.add(Item("statuses", place))
        try:
            body = exchange.json
        except NoJson:
            return
        if "schema" in media:
            wrong = {(finding.place, finding.pointer) for finding in findings}
            self._value(contract, child(place, "schema"), body, "", wrong)

    def _request(self, route: Route, exchange: Exchange, findings: Iterable[Finding]) -> None:
        wrong = {finding.place for finding in findings if finding.rule == "parameter"}
        for place, parameter in parameters(route.contract.document, route.operation):
            text = route.argument(exchange, parameter["name"])
            if parameter["in"] == "header":
                text = exchange.request_header(parameter["name"])
            self.items.add(Item("parameters", place, "absent" if text is None else "there"))
            if any(each.startswith(f"{place}/") for each in wrong):
                self.items.add(Item("parameters", place, "refused"))
            schema = child(place, "schema")
            for keyword in parameter.get("schema", {}).keys() & KEYWORDS if text is not None else ():
                self._keyword(child(schema, keyword), is_broken=child(schema, keyword) in wrong)

    def _value(
        self, contract: Contract, place: str, value: Any, pointer: str, wrong: set[tuple[str, str | None]]
    ) -> None:
        for here, part in contract.schemas.parts(place):
            for keyword in filter(KEYWORDS.__contains__, part):
                if isinstance(value, _APPLIES.get(keyword, object)):
                    where = child(here, keyword)
                    self._keyword(where, is_broken=(where, pointer) in wrong)
                    if keyword in LISTS and value in values(part[keyword]):
                        self.items.add(Item("values", where, repr(value)))
            if isinstance(value, dict):
                self._fields(contract, here, part, value, pointer, wrong)
            elif isinstance(value, list) and "items" in part:
                for index, item in enumerate(value):
                    self._value(contract, child(here, "items"), item, child(pointer, index), wrong)

    def _fields(
        self,
        contract: Contract,
        here: str,
        part: dict[str, Any],
        value: dict[str, Any],
        pointer: str,
        wrong: set[tuple[str, str | None]],
    ) -> None:
        known = part.get("properties", {})
        for name in known:
            place = child(child(here, "properties"), name)
            self.items.add(Item("properties", place, "there" if name in value else "absent"))
            if name in value:
                self._value(contract, place, value[name], child(pointer, name), wrong)
        if isinstance(part.get("additionalProperties"), dict):
            for name, member in value.items():
                if name not in known:
                    self._value(contract, child(here, "additionalProperties"), member, child(pointer, name), wrong)

    def _keyword(self, pointer: str, *, is_broken: bool) -> None:
        self.items.add(Item("keywords violated" if is_broken else "keywords satisfied", pointer))
