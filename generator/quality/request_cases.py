"""Cases of requests: parameters, headers, paths, and authentication."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from generator.contract.findings import format_value
from generator.documents import Service
from generator.documents.json_pointer import child
from generator.quality.cases import Baseline, Case, Draft, Expected, ExtractionCase
from generator.quality.examples import examples
from generator.quality.statements import EvidenceIndex, ExpectedSchema

UNKNOWN = "madeUp"
"""A name that nobody gives to anything."""


class RequestCaseBuilder:
    """Makes the cases of the requests that were answered with one recorded reply."""

    def __init__(self, stated: EvidenceIndex, base: Baseline) -> None:
        self.stated, self.base, self.draft = stated, base, base.draft

    def with_parameter(self, where: str, name: str, text: str, draft: Draft | None = None) -> Draft:
        """A draft with another value of a parameter."""
        draft = draft or self.draft
        if where == "path":
            return attrs.evolve(draft, path={**draft.path, name: text})
        if where == "query":
            return attrs.evolve(draft, query={**draft.query, name: text})
        return attrs.evolve(draft, headers={**draft.headers, name: text})

    def case(self, evidence: str, claim: str, name: str, draft: Draft, expected: Expected | None = None) -> Case:
        """The case of a request."""
        return Case(
            id=f"{evidence}: {self.base.name} asked for {name}",
            evidence=evidence,
            claim=claim,
            exchanges=(draft.exchange(name),),
            expected=expected,
            places=(self.base.operation.pointer,),
        )


_PARAMETERS = "/components/parameters"

_NO_PARAMETER = Expected("unknown-parameter")

_TEXTS = ("text", "", "7", "1.5", "-1", "0", "true", "null", "007", "[]", "{}", "a b", "ä/€%")


class RequestCases(RequestCaseBuilder):
    """The cases of the requests of one operation, each of which was answered as it was recorded."""

    def __init__(self, service: Service, stated: EvidenceIndex, base: Baseline) -> None:
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
        node = ExpectedSchema.at(self.stated, child(pointer, "schema"))
        for text, claim, evidence, holds in _texts(node, where):
            yield self.case(
                evidence,
                f"{name} {claim}",
                f"{name} = {format_value(text)}",
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


def _texts(node: ExpectedSchema, where: str) -> Iterator[tuple[str, str, str, bool]]:
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


_SCHEMES = "/components/securitySchemes"

_SIGNATURE = "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0"

_OTHERS = (f"x-{UNKNOWN.lower()}", "authorization", "x-api-key", "cookie")

_UNIDENTIFIED = Expected("security")


class CallerCases(RequestCaseBuilder):
    """The cases of the callers of one operation."""

    def told(self) -> Iterator[ExtractionCase]:
        """The cases of the form of a credential, which says of which scheme it is."""
        for scheme in self.stated.names(_SCHEMES):
            statement = self.stated.at(child(child(child(_SCHEMES, scheme), "x-auth"), "method"))
            if statement is None:
                continue
            header, signed = self._header(scheme), statement.value == "aksk"
            for value, fits in (("text", not signed), (_SIGNATURE, True)):
                demanded = {**self.draft.demanded, header: value}
                yield ExtractionCase(
                    id=f"{statement.id}: {header}: {value}",
                    evidence=statement.id,
                    claim=f"{header} holds a {'signature' if signed else 'token'}",
                    exchanges=(attrs.evolve(self.draft, demanded=demanded).exchange(header),),
                    of="caller",
                    tells={"schemes": [scheme] if fits else []},
                    places=(child(_SCHEMES, scheme),),
                )

    def cases(self) -> Iterator[Case]:
        """All others."""
        schemes = (self.base.operation.pointer, _SCHEMES)
        yield from (attrs.evolve(case, places=schemes) for case in self._credentials())

    @property
    def credentials(self) -> frozenset[str]:
        """Names of the headers that identify a caller, in lower case."""
        statement = self.stated.at(child(self.base.operation.pointer, "security"))
        schemes = {scheme for way in (statement.value if statement else ()) for scheme in way}
        return frozenset(self._header(scheme).lower() for scheme in schemes)

    def identified_by(self, name: str) -> Case:
        """The case of a caller who is identified by a header that nobody knows."""
        statement = self.stated.at(child(self.base.operation.pointer, "security")) or self.base.response
        draft = attrs.evolve(self.draft, credentials=frozenset({name}))
        return self.case(statement.id, f"nobody is identified by {name}", f"with {name}", draft, _UNIDENTIFIED)

    def _header(self, scheme: str) -> str:
        return str(self.stated.value(child(child(_SCHEMES, scheme), "name")))

    def _credentials(self) -> Iterator[Case]:
        statement = self.stated.at(child(self.base.operation.pointer, "security"))
        if statement is None:
            return
        ways = [[self._header(scheme) for scheme in way] for way in statement.value]
        claim = f"identified by {' or '.join(' and '.join(way) for way in ways)}" if ways else "identified by nothing"
        for way in ways:
            whole = frozenset(name.lower() for name in way)
            yield self.case(statement.id, claim, f"with {' and '.join(way)}", self._identified(whole))
            for name in way:
                # One credential of several that are needed together is not enough.
                if len(way) > 1:
                    part = self._identified(whole - {name.lower()})
                    yield self.case(statement.id, claim, f"with {' and '.join(way)} but {name}", part, _UNIDENTIFIED)
        nobody = self._identified(frozenset())
        yield self.case(statement.id, claim, "with no credential", nobody, _UNIDENTIFIED if ways else None)
        for name in _OTHERS:
            if name not in self.credentials:
                yield self.identified_by(name)
        for scheme in self.stated.names(_SCHEMES):
            header = self._header(scheme)
            yield self.case(
                statement.id,
                f"{header} is a header",
                f"{header} in the query",
                self.with_parameter("query", header, "text"),
                Expected("unknown-parameter"),
            )
            yield from self._limit(scheme)

    def _limit(self, scheme: str) -> Iterator[Case]:
        pointer = child(_SCHEMES, scheme)
        name = self._header(scheme)
        statement = self.stated.at(child(child(pointer, "x-auth"), "maxLength"))
        if statement is None:
            present = self.stated.at(pointer) or self.base.response
            yield self.case(present.id, f"{name} has no limit", f"{name} of 100000", self._sent(name, 100_000))
            return
        for length in (statement.value - 1, statement.value, statement.value + 1):
            fails = length > statement.value
            yield self.case(
                statement.id,
                f"{name} has at most {statement.value} characters",
                f"{name} of {length}",
                self._sent(name, length),
                _UNIDENTIFIED if fails else None,
            )

    def _sent(self, name: str, length: int) -> Draft:
        return attrs.evolve(self.draft, demanded={**self.draft.demanded, name: "x" * length})

    def _identified(self, names: frozenset[str]) -> Draft:
        return attrs.evolve(self.draft, credentials=names)
