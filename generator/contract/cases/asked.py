"""Cases of requests: parameters, demanded headers, and the path itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from generator.contract.cases.asking import UNKNOWN, Asking
from generator.contract.cases.bases import Base
from generator.contract.cases.case import Case, Draft, Expected
from generator.contract.cases.nodes import Node
from generator.contract.cases.stated import Stated
from generator.contract.cases.values import examples
from generator.contract.findings import shown
from generator.documents import Service
from generator.documents.json_pointer import child

_PARAMETERS = "/components/parameters"
_NO_PARAMETER = Expected("unknown-parameter")
_TEXTS = ("text", "", "7", "1.5", "-1", "0", "true", "null", "007", "[]", "{}", "a b", "ä/€%")


class RequestCases(Asking):
    """The cases of the requests of one operation, each of which was answered as it was recorded."""

    def __init__(self, service: Service, stated: Stated, base: Base) -> None:
        super().__init__(stated, base)
        self.service = service
        used = [each.get("$ref", "").rpartition("/")[2] for each in base.operation.definition.get("parameters", [])]
        alone = len(service.operations) == 1
        self.names = [name for name in stated.names(_PARAMETERS) if alone or name in used]

    def cases(self) -> Iterator[Case]:
        """All of them."""
        yield from self._address()
        for name in self.names:
            about = (child(_PARAMETERS, name),)
            yield from (attrs.evolve(case, places=about) for case in self._parameter(name))
        yield self.unknown(UNKNOWN)
        yield from self._rejected()
        yield from self._demanded()

    def unknown(self, name: str) -> Case:
        """The case of a parameter of the query that there is not."""
        draft = self.with_parameter("query", name, "1")
        return self.case(self.base.response.id, f"no parameter is called {name}", f"query {name}", draft, _NO_PARAMETER)

    def _address(self) -> Iterator[Case]:
        operation = self.stated.at(self.base.operation.pointer) or self.base.response
        claim = f"the operation is {self.draft.method} {self.draft.template}"
        for method in ("GET", "POST", "PUT", "DELETE"):
            if method != self.draft.method:
                yield self.case(
                    operation.id, claim, method, attrs.evolve(self.draft, method=method), Expected("method")
                )
        for template in (f"{self.draft.template}/more", self.draft.template.rpartition("/")[0] or "/"):
            yield self.case(
                operation.id, claim, template, attrs.evolve(self.draft, template=template), Expected("path")
            )

    def _parameter(self, name: str) -> Iterator[Case]:
        pointer = child(_PARAMETERS, name)
        present = self.stated.at(pointer) or self.base.response
        where = self.stated.value(child(pointer, "in")) or self._where(name)
        node = Node.at(self.stated, child(pointer, "schema"))
        for text, claim, evidence, holds in _texts(node, where):
            yield self.case(
                evidence,
                f"{name} {claim}",
                f"{name} = {shown(text)}",
                self.with_parameter(where, name, text),
                None if holds else Expected("parameter"),
            )
        if where == "path":
            empty = node.first("minLength") or present
            yield self.case(
                empty.id,
                f"{name} is not empty",
                f"{name} empty",
                self.with_parameter(where, name, ""),
                Expected("path"),
            )
            template = self.draft.template.replace(f"/{{{name}}}", "")
            left_out = attrs.evolve(self.draft, template=template)
            yield self.case(
                present.id, f"{name} is part of the path", f"no {name} in the path", left_out, Expected("path")
            )
            return
        required = self.stated.at(child(pointer, "required"))
        absent = self._without(where, name)
        yield self.case(
            (required or present).id,
            f"{name} {'is mandatory' if required and required.value else 'may be left out'}",
            f"without {name}",
            absent,
            Expected("parameter") if required and required.value else None,
        )
        other = "header" if where == "query" else "query"
        yield self.case(
            present.id,
            f"{name} is a parameter of the {where}",
            f"{name} in the {other}",
            self.with_parameter(other, name, "1", absent),
            _NO_PARAMETER,
        )
        if where == "query":
            twice = attrs.evolve(self.with_parameter(where, name, "1"), more_query=((name, "1"),))
            yield self.case(present.id, f"{name} is given once", f"{name} twice", twice, Expected("parameter"))

    def _where(self, name: str) -> str:
        return "path" if f"{{{name}}}" in self.draft.template else "query"

    def _without(self, where: str, name: str) -> Draft:
        given = self.draft.query if where == "query" else self.draft.headers
        left: dict[str, Any] = {key: value for key, value in given.items() if key != name}
        return attrs.evolve(self.draft, query=left) if where == "query" else attrs.evolve(self.draft, headers=left)

    def _rejected(self) -> Iterator[Case]:
        for row in self.service.evidence.data["rows"]:
            if "rejected_by" in row and row["name"] not in self.names:
                yield self.case(
                    row["rejected_by"],
                    f"{row['name']} is no parameter, as decided of {row['id']}",
                    f"{row['name']} in the query",
                    self.with_parameter("query", row["name"], "1"),
                    _NO_PARAMETER,
                )

    def _demanded(self) -> Iterator[Case]:
        pointer = child(self.base.operation.pointer, "x-request-headers")
        for name, value in self.draft.demanded.items():
            statement = self.stated.at(child(pointer, name))
            evidence = statement.id if statement else self.base.response.id
            others = {key: each for key, each in self.draft.demanded.items() if key != name}
            for given, fails in (
                (value, False),
                (f"{value}; charset=utf-8", False),
                ("text/plain", True),
                (None, True),
            ):
                demanded = others if given is None else {**self.draft.demanded, name: given}
                yield self.case(
                    evidence,
                    f"the header {name} is {value}",
                    f"without {name}" if given is None else f"{name}: {given}",
                    attrs.evolve(self.draft, demanded=demanded),
                    Expected("request-header") if fails else None,
                )
        if not self.draft.demanded:
            yield self.case(
                self.base.response.id,
                "no header is demanded",
                "with no header",
                attrs.evolve(self.draft, demanded={}),
            )


def _texts(node: Node, where: str) -> Iterator[tuple[str, str, str, bool]]:
    """Texts of a parameter: the text, what the evidence says, its entry, and whether the text must pass."""
    statement = node.first("type")
    evidence = statement.id if statement else node.id
    is_text = "string" in node.types or not node.types
    for example in examples(node):
        if isinstance(example.value, str):
            if is_text and (example.value or where != "path"):
                yield example.value, example.claim, example.evidence, example.rule is None
        elif isinstance(example.value, int | float) and not is_text:
            text = "true" if example.value is True else "false" if example.value is False else str(example.value)
            yield text, example.claim, example.evidence, example.rule is None
    if is_text and not any(node.first(keyword) for keyword in ("enum", "pattern", "maxLength")):
        for text in _TEXTS:
            if text or where != "path":
                yield text, "is any text", evidence, True
    elif not is_text:
        for text in _TEXTS:
            if not _reads_as(text, node.types):
                yield text, f"is of type {' or '.join(node.types)}", evidence, False


def _reads_as(text: str, types: tuple[str, ...]) -> bool:
    """Whether a text may be the JSON of a value of one of the types."""
    if text in ("true", "false"):
        return "boolean" in types
    try:
        number = float(text)
    except ValueError:
        return False
    return "number" in types or ("integer" in types and number == int(number) and text == str(int(number)))
