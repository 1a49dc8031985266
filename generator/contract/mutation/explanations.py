"""The committed list of mutants that survive, each with its reason and the case that would notice it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import attrs

from generator.contract.mutation.noticing import Outcome
from generator.documents import Source, load, violations
from generator.errors import Problem, Refused

_SCHEMA = {
    "type": "object",
    "required": ["survivors"],
    "additionalProperties": False,
    "properties": {
        "survivors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "why", "case"],
                "additionalProperties": False,
                "properties": {
                    "id": {"description": "As `contract mutate` prints it.", "type": "string"},
                    "why": {"description": "Why nothing notices it.", "type": "string", "minLength": 1},
                    "case": {"description": "The case that would notice it.", "type": "string", "minLength": 1},
                },
            },
        }
    },
}


@attrs.frozen
class Explanation:
    """Why a mutant survives."""

    why: str
    case: str


@attrs.frozen
class Explanations:
    """All of them, by the mutant's id."""

    source: Source
    known: dict[str, Explanation]

    @classmethod
    def read(cls, file: Path) -> Explanations:
        """Read the list. Raises `Refused` where its form is wrong or it names a mutant twice."""
        source = load(file)
        problems = [
            source.problem(pointer, message, "Mend the list") for pointer, message in violations(_SCHEMA, source.data)
        ]
        if problems:
            raise Refused(problems)
        known: dict[str, Explanation] = {}
        for index, entry in enumerate(source.data["survivors"]):
            if entry["id"] in known:
                problems.append(source.problem(f"/survivors/{index}", f"repeats {entry['id']}", "Take one out"))
            known[entry["id"]] = Explanation(entry["why"], entry["case"])
        if problems:
            raise Refused(problems)
        return cls(source, known)

    def problems(self, outcomes: Iterable[Outcome], survivors: Iterable[Outcome]) -> list[Problem]:
        """Survivors that are not explained, and explained ones that do not survive or are no mutants any more."""
        tried = {outcome.id for outcome in outcomes}
        services = {outcome.service for outcome in outcomes}
        left = {outcome.id for outcome in survivors}
        found = [
            Problem(
                self.source.path,
                f"does not explain a survivor: {name}",
                "Give the evidence that tells it apart, or explain it here",
            )
            for name in sorted(left - self.known.keys())
        ]
        for index, name in enumerate(self.known):
            if name.partition(" ")[0] in services and name not in left:
                what = "is noticed now" if name in tried else "is no mutant any more"
                found.append(self.source.problem(f"/survivors/{index}", f"{name} {what}", "Take the entry out"))
        return found
