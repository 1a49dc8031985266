"""Cases of how a caller is identified: ways, credentials in the wrong place, their length and their form."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from generator.contract.cases.asking import UNKNOWN, Asking
from generator.contract.cases.case import Case, Draft, Expected, Told
from generator.documents.json_pointer import child

_SCHEMES = "/components/securitySchemes"
_SIGNATURE = "SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=0"
_OTHERS = (f"x-{UNKNOWN.lower()}", "authorization", "x-api-key", "cookie")
_UNIDENTIFIED = Expected("security")


class CallerCases(Asking):
    """The cases of the callers of one operation."""

    def told(self) -> Iterator[Told]:
        """The cases of the form of a credential, which says of which scheme it is."""
        for scheme in self.stated.names(_SCHEMES):
            statement = self.stated.at(child(child(child(_SCHEMES, scheme), "x-auth"), "method"))
            if statement is None:
                continue
            header, signed = self._header(scheme), statement.value == "aksk"
            for value, fits in (("text", not signed), (_SIGNATURE, True)):
                demanded = {**self.draft.demanded, header: value}
                yield Told(
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
