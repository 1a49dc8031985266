"""Cases that change one thing in the body of a reply."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import attrs

from generator.contract.cases.bases import Base
from generator.contract.cases.case import Case, Expected
from generator.contract.cases.nodes import Node
from generator.contract.findings import shown
from generator.documents.json_pointer import segments


@attrs.frozen
class Bodies:
    """Makes the cases of one reply."""

    base: Base

    def put(
        self, node: Node, evidence: str, claim: str, pointer: str, value: Any, expected: Expected | None = None
    ) -> Case:
        """The case of a body with a value put at a place."""
        body = self.copy()
        if pointer:
            outer, key = at(body, pointer.rpartition("/")[0]), segments(pointer)[-1]
            outer[int(key) if isinstance(outer, list) else key] = value
        else:
            body = value
        return self.whole(node, evidence, claim, f"{pointer or 'body'} = {shown(value)}", body, expected)

    def without(self, node: Node, evidence: str, claim: str, pointer: str, expected: Expected | None) -> Case:
        """The case of a body that lacks a field."""
        body = self.copy()
        at(body, pointer.rpartition("/")[0]).pop(segments(pointer)[-1], None)
        return self.whole(node, evidence, claim, f"without {pointer}", body, expected)

    def whole(self, node: Node, evidence: str, claim: str, what: str, body: Any, expected: Expected | None) -> Case:
        """The case of another body."""
        name = f"{self.base.name} {what}"
        return Case(
            id=f"{evidence}: {name}",
            evidence=evidence,
            claim=claim,
            exchanges=(attrs.evolve(self.base.draft, body=body).exchange(name),),
            expected=expected,
            of_whole=self.base.is_inferred,
            places=(*node.parts, self.base.pointer),
        )

    def copy(self) -> Any:
        """The body, to be changed."""
        return deepcopy(self.base.draft.body)


def at(body: Any, pointer: str) -> Any:
    """The value at a place of a body."""
    for key in segments(pointer):
        body = body[int(key) if isinstance(body, list) else key]
    return body
