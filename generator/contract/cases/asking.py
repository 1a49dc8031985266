"""Cases that change one thing in a request."""

from __future__ import annotations

import attrs

from generator.contract.cases.bases import Base
from generator.contract.cases.case import Case, Draft, Expected
from generator.contract.cases.stated import Stated

UNKNOWN = "madeUp"
"""A name that nobody gives to anything."""


class Asking:
    """Makes the cases of the requests that were answered with one recorded reply."""

    def __init__(self, stated: Stated, base: Base) -> None:
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
