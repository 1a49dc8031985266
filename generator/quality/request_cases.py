"""Cases of requests: parameters, headers, paths, and authentication."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ..contract.findings import format_value
from ..documents import Service
from ..documents.json_pointer import child
from .cases import Baseline, Case, ExchangeDraft, Expected, ExtractionCase, examples
from .statements import EvidenceIndex, ExpectedSchema, Statement

UNKNOWN = "madeUp"
"""A name that no document has."""

_PARAMETERS = "/components/parameters"

_SCHEMES = "/components/securitySchemes"

_CREDENTIALS = ("text", "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0", "Bearer text", "Basic dDp0")

_UNKNOWN_PARAMETER = Expected("unknown-parameter")

_UNAUTHENTICATED = Expected("security")

_STRINGS = ("text", "", "7", "1.5", "-1", "0", "true", "null", "007", "[]", "{}", "a b", "ä/€%")


class RequestCaseBuilder:
    """Makes cases of changed requests, each with one recorded response."""

    def __init__(self, index: EvidenceIndex, baseline: Baseline) -> None:
        self.index, self.baseline, self.draft = index, baseline, baseline.draft

    def with_parameter(self, location: str, name: str, value: str, draft: ExchangeDraft | None = None) -> ExchangeDraft:
        """Return a draft with another value of a parameter."""
        draft = draft or self.draft
        if location == "path":
            return attrs.evolve(draft, path={**draft.path, name: value})
        if location == "query":
            return attrs.evolve(draft, query={**draft.query, name: value})
        return attrs.evolve(draft, headers={**draft.headers, name: value})

    def with_header(self, name: str, value: str) -> ExchangeDraft:
        """Return a draft with another value of a header that the request must have."""
        return attrs.evolve(self.draft, required_headers={**self.draft.required_headers, name: value})

    def case(
        self, source: Statement | str, claim: str, name: str, draft: ExchangeDraft, expected: Expected | None = None
    ) -> Case:
        """Return the case of a request."""
        evidence = source if isinstance(source, str) else source.id
        return Case(
            id=f"{evidence}: {self.baseline.name} asked for {name}",
            evidence=evidence,
            claim=claim,
            exchanges=(draft.exchange(name),),
            expected=expected,
            pointers=(self.baseline.operation.pointer,),
        )


class RequestCases(RequestCaseBuilder):
    """The cases of the parameters, headers and path of one operation."""

    def __init__(self, service: Service, index: EvidenceIndex, baseline: Baseline) -> None:
        super().__init__(index, baseline)
        self.rows = service.evidence.data["rows"]
        self._others = [each for each in service.operations if each.pointer != baseline.operation.pointer]
        used = [each.get("$ref", "").rpartition("/")[2] for each in baseline.operation.definition.get("parameters", [])]
        is_alone = len(service.operations) == 1
        self.names = [name for name in index.names(_PARAMETERS) if is_alone or name in used]

    def cases(self) -> Iterator[Case]:
        """Yield all cases."""
        yield from self._path()
        for name in self.names:
            pointers = (child(_PARAMETERS, name),)
            yield from (attrs.evolve(case, pointers=pointers) for case in self._parameter(name))
        yield self.unknown(UNKNOWN)
        for row in self.rows:
            if "rejected_by" in row and row["name"] not in self.names:
                claim, name = (
                    f"{row['name']} is not a parameter, as decided of {row['id']}",
                    f"{row['name']} in the query",
                )
                draft = self.with_parameter("query", row["name"], "1")
                yield self.case(row["rejected_by"], claim, name, draft, _UNKNOWN_PARAMETER)
        yield from self._required_headers()

    def unknown(self, name: str) -> Case:
        """Return the case of an unknown query parameter."""
        claim, draft = f"no parameter is called {name}", self.with_parameter("query", name, "1")
        return self.case(self.baseline.response, claim, f"query {name}", draft, _UNKNOWN_PARAMETER)

    def _path(self) -> Iterator[Case]:
        draft = self.draft
        source = self.index.at(self.baseline.operation.pointer) or self.baseline.response
        claim = f"the operation is {draft.method} {draft.template}"
        for method in ("GET", "POST", "PUT", "DELETE"):
            if method != draft.method and not self._is_another(method, draft.template):
                yield self.case(source, claim, method, attrs.evolve(draft, method=method), Expected("method"))
        templates = (f"{draft.template}/more", draft.template.rpartition("/")[0] or "/")
        for template in (each for each in templates if not self._is_another(draft.method, each)):
            yield self.case(source, claim, template, attrs.evolve(draft, template=template), Expected("path"))

    def _is_another(self, method: str, template: str) -> bool:
        """Return whether a request is of another operation of the service."""
        found = (each for each in self._others if each.method.upper() == method)
        return any(each.path_pattern.search(template) for each in found)

    def _parameter(self, name: str) -> Iterator[Case]:
        pointer = child(_PARAMETERS, name)
        present = self.index.at(pointer) or self.baseline.response
        location = self.index.value(child(pointer, "in"))
        location = location or ("path" if f"{{{name}}}" in self.draft.template else "query")
        schema = ExpectedSchema.at(self.index, child(pointer, "schema"))
        for string, claim, evidence, is_valid in _strings(schema, location):
            draft, finding = self.with_parameter(location, name, string), None if is_valid else Expected("parameter")
            yield self.case(evidence, f"{name} {claim}", f"{name} = {format_value(string)}", draft, finding)
        if location == "path":
            empty = self.with_parameter(location, name, "")
            source = schema.statement("minLength") or present
            yield self.case(source, f"{name} is not empty", f"{name} empty", empty, Expected("path"))
            absent = attrs.evolve(self.draft, template=self.draft.template.replace(f"/{{{name}}}", ""))
            yield self.case(present, f"{name} is part of the path", f"no {name} in the path", absent, Expected("path"))
            return
        required = self.index.at(child(pointer, "required"))
        is_required = required is not None and required.value
        claim = f"{name} {'is mandatory' if is_required else 'may be left out'}"
        absent = self._without(location, name)
        finding = Expected("parameter") if is_required else None
        yield self.case(required or present, claim, f"without {name}", absent, finding)
        other = "header" if location == "query" else "query"
        claim, draft = f"{name} is a parameter of the {location}", self.with_parameter(other, name, "1", absent)
        yield self.case(present, claim, f"{name} in the {other}", draft, _UNKNOWN_PARAMETER)
        if location == "query":
            twice = attrs.evolve(self.with_parameter(location, name, "1"), more_query=((name, "1"),))
            yield self.case(present, f"{name} is given once", f"{name} twice", twice, Expected("parameter"))

    def _without(self, location: str, name: str) -> ExchangeDraft:
        if location == "query":
            return attrs.evolve(
                self.draft, query={key: self.draft.query[key] for key in self.draft.query if key != name}
            )
        headers = {key: value for key, value in self.draft.headers.items() if key != name}
        return attrs.evolve(self.draft, headers=headers)

    def _required_headers(self) -> Iterator[Case]:
        headers, response = self.draft.required_headers, self.baseline.response
        for name, value in headers.items():
            source = self.index.at(child(self.baseline.operation.pointer, "x-request-headers", name)) or response
            claim, wrong = f"the header {name} is {value}", Expected("request-header")
            for given, finding in ((value, None), (f"{value}; charset=utf-8", None), ("text/plain", wrong)):
                yield self.case(source, claim, f"{name}: {given}", self.with_header(name, given), finding)
            others = {key: each for key, each in headers.items() if key != name}
            yield self.case(source, claim, f"without {name}", attrs.evolve(self.draft, required_headers=others), wrong)
        if not headers:
            yield self.case(response, "no header is required", "with no header", self.draft)


def _strings(schema: ExpectedSchema, location: str) -> Iterator[tuple[str, str, str, bool]]:
    """Yield values of a parameter: string, claim, entry in the evidence, and whether the string is valid."""
    evidence = schema.id_of("type")
    is_string = "string" in schema.types or not schema.types
    for example in examples(schema):
        if isinstance(example.value, str):
            if is_string and (example.value or location != "path"):
                yield example.value, example.claim, example.evidence, example.rule is None
        elif isinstance(example.value, int | float) and not is_string:
            string = str(example.value).lower() if isinstance(example.value, bool) else str(example.value)
            yield string, example.claim, example.evidence, example.rule is None
    if not is_string:
        for string in _STRINGS:
            if not _is_json_of(string, schema.types):
                yield string, f"is of type {' or '.join(schema.types)}", evidence, False
    elif not any(map(schema.statement, ("enum", "pattern", "maxLength"))):
        for string in _STRINGS:
            if string or location != "path":
                yield string, "is any text", evidence, True


def _is_json_of(string: str, types: tuple[str, ...]) -> bool:
    """Return whether a string can be read as JSON of one of the types."""
    if string in ("true", "false"):
        return "boolean" in types
    try:
        number = float(string)
    except ValueError:
        return False
    return "number" in types or ("integer" in types and number == int(number) and string == str(int(number)))


class AuthenticationCases(RequestCaseBuilder):
    """The cases of the authentication of one operation."""

    def extraction_cases(self) -> Iterator[ExtractionCase]:
        """Yield the cases of the form of a credential, which distinguishes the schemes."""
        forms = {scheme: form for scheme in self.index.names(_SCHEMES) if (form := self._form(scheme))}
        for scheme, (statement, prefix) in forms.items():
            header = self._header(scheme)
            for value in _CREDENTIALS:
                matches = [
                    name
                    for name, (_, start) in forms.items()
                    if self._header(name) == header and value.startswith(start)
                ]
                yield ExtractionCase(
                    id=f"{statement.id}: {header}: {value}",
                    evidence=statement.id,
                    claim=f"{header} has {f'a credential after {prefix}' if prefix else 'a token'}",
                    exchanges=(self.with_header(header, value).exchange(header),),
                    of="schemes",
                    expected={"schemes": matches},
                    pointers=(child(_SCHEMES, scheme),),
                )

    def _form(self, scheme: str) -> tuple[Statement, str] | None:
        """Return the statement about the form of a credential, and the text that it begins with."""
        pointer = child(_SCHEMES, scheme)
        kind = self.index.at(child(pointer, "type"))
        if kind is None or kind.value == "apiKey":
            method = self.index.at(child(pointer, "x-auth", "method"))
            return (method, "SDK-HMAC-SHA256 " if method.value == "aksk" else "") if method else None
        return kind, "Basic " if str(self.index.value(child(pointer, "scheme"))).lower() == "basic" else "Bearer "

    def cases(self) -> Iterator[Case]:
        """Yield the cases of present and of missing credentials."""
        pointers = (self.baseline.operation.pointer, _SCHEMES)
        yield from (attrs.evolve(case, pointers=pointers) for case in self._cases())

    @property
    def credentials(self) -> frozenset[str]:
        """Names of the headers with a credential, in lower case."""
        security = self._security
        schemes = {scheme for requirement in (security.value if security else ()) for scheme in requirement}
        return frozenset(self._header(scheme).lower() for scheme in schemes)

    def unknown(self, name: str) -> Case:
        """Return the case of a credential in an unknown header."""
        source = self._security or self.baseline.response
        return self.case(source, f"{name} is not a credential", f"with {name}", self._with(name), _UNAUTHENTICATED)

    @property
    def _security(self) -> Statement | None:
        return self.index.at(child(self.baseline.operation.pointer, "security"))

    def _header(self, scheme: str) -> str:
        return str(self.index.value(child(_SCHEMES, scheme, "name")) or "Authorization")

    def _with(self, *credentials: str) -> ExchangeDraft:
        return attrs.evolve(self.draft, credentials=frozenset(map(str.lower, credentials)))

    def _cases(self) -> Iterator[Case]:
        security = self._security
        if security is None:
            return
        requirements = [[self._header(scheme) for scheme in requirement] for requirement in security.value]
        claim = f"credentials are {' or '.join(map(' and '.join, requirements)) or 'not needed'}"
        for headers in requirements:
            name = f"with {' and '.join(headers)}"
            yield self.case(security, claim, name, self._with(*headers))
            for header in headers if len(headers) > 1 else ():
                # One of several credentials that are required together is not enough.
                some = self._with(*(each for each in headers if each != header))
                yield self.case(security, claim, f"{name} but {header}", some, _UNAUTHENTICATED)
        yield self.case(security, claim, "with no credential", self._with(), _UNAUTHENTICATED if requirements else None)
        for name in (f"x-{UNKNOWN.lower()}", "authorization", "x-api-key", "cookie"):
            if name not in self.credentials:
                yield self.unknown(name)
        for scheme in self.index.names(_SCHEMES):
            header = self._header(scheme)
            draft = self.with_parameter("query", header, "text")
            yield self.case(security, f"{header} is a header", f"{header} in the query", draft, _UNKNOWN_PARAMETER)
            yield from self._limit(scheme)

    def _limit(self, scheme: str) -> Iterator[Case]:
        name, pointer = self._header(scheme), child(_SCHEMES, scheme)
        limit = self.index.at(child(pointer, "x-auth", "maxLength"))
        if limit is None:
            present, draft = self.index.at(pointer) or self.baseline.response, self.with_header(name, "x" * 100_000)
            yield self.case(present, f"{name} has no limit", f"{name} of 100000", draft)
            return
        for length in (limit.value - 1, limit.value, limit.value + 1):
            claim, draft = f"{name} has at most {limit.value} characters", self.with_header(name, "x" * length)
            yield self.case(
                limit, claim, f"{name} of {length}", draft, _UNAUTHENTICATED if length > limit.value else None
            )
