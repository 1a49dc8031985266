"""Holds a document and its evidence against each other, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from generator.documents import Service
from generator.documents.json_pointer import NotThere, child, find, matches, resolve
from generator.errors import Problem
from generator.evidence.claims import PRESENT, alike, claims, same
from generator.evidence.contradictions import broken_checks
from generator.evidence.readings import broken_readings
from generator.evidence.rows import expectations, is_named

_STRENGTH = ("documented", "observed", "inferred")


@attrs.define
class Account:
    """What supports a service's document, and what is wrong with that."""

    service: str
    rows: int
    carried: int
    rejected: int
    observed: int
    contradictions: int
    problems: list[Problem] = attrs.field(factory=list)
    support: dict[str, list[tuple[str, str]]] = attrs.field(factory=dict)
    """Pointer of each supported claim to the ids that support it, each with its confidence."""

    def confidence(self, pointer: str) -> str | None:
        """The best confidence of a claim: documented, observed or inferred."""
        known = {confidence for _, confidence in self.support.get(pointer, [])}
        return next((word for word in _STRENGTH if word in known), None)

    def count(self, confidence: str) -> int:
        """How many claims have that confidence."""
        return sum(self.confidence(pointer) == confidence for pointer in self.support)


def account(service: Service) -> Account:
    """Account for every row, observation, fact and decision, and for every claim of the document."""
    evidence = service.evidence.data
    rows = evidence["rows"]
    result = Account(
        service=service.name,
        rows=len(rows),
        carried=sum("carried_by" in row for row in rows),
        rejected=sum("rejected_by" in row for row in rows),
        observed=len(evidence["observed"]),
        contradictions=len(evidence["contradictions"]),
    )
    _Accounting(service, result).run()
    return result


class _Accounting:
    def __init__(self, service: Service, result: Account) -> None:
        self.document = service.document
        self.evidence = service.evidence
        self.recordings = service.recordings
        self.service = service
        self.result = result
        self.claims = claims(service.document.data)

    def run(self) -> None:
        problems = self.result.problems
        problems += self._ids()
        for index, row in enumerate(self.evidence.data["rows"]):
            problems += self._row(row, f"/rows/{index}", "documented")
        for index, entry in enumerate(self.evidence.data["observed"]):
            problems += self._row(entry, f"/observed/{index}", "observed")
            problems += self._seen(entry, f"/observed/{index}")
        for index, fact in enumerate(self.evidence.data["facts"]):
            problems += self._stated(fact["id"], fact["supports"], fact["confidence"], f"/facts/{index}/supports")
        for index, entry in enumerate(self.evidence.data["contradictions"]):
            decides = entry.get("decides", {})
            problems += self._stated(
                entry["id"], decides, entry.get("confidence", ""), f"/contradictions/{index}/decides"
            )
        problems += self._unsupported()
        problems += self._response_confidence()
        problems += broken_readings(self.service)
        problems += broken_checks(self.service)

    def _ids(self) -> Iterator[Problem]:
        data, seen = self.evidence.data, set()
        for part in ("rows", "observed", "facts", "readings", "contradictions"):
            for index, entry in enumerate(data.get(part, [])):
                here = f"/{part}/{index}/id"
                if entry["id"] in seen:
                    yield self.evidence.problem(here, f"repeats the id {entry['id']}", "Give each entry its own")
                if not entry["id"].startswith(f"{data['service']}."):
                    yield self.evidence.problem(
                        here, f"{entry['id']} does not begin with the service's name", f"Write {data['service']}.…"
                    )
                seen.add(entry["id"])
        rows = {entry["id"] for part in ("rows", "observed") for entry in data[part]}
        for index, entry in enumerate(data["contradictions"]):
            for name in entry["rows"]:
                if name not in rows:
                    yield self.evidence.problem(
                        f"/contradictions/{index}/rows",
                        f"names {name}, which is no row",
                        "Name a row or an observation",
                    )

    def _row(self, row: dict[str, Any], here: str, confidence: str) -> Iterator[Problem]:
        if "rejected_by" in row:
            yield from self._rejected(row, here)
            return
        for index, pattern in enumerate(row["carried_by"]):
            places = [pointer for pointer, _ in find(self.document.data, pattern)]
            if not places:
                message = f"{row['id']}: the document has no {pattern}"
                remedy = "Bring it back into the document, or reject the row by a contradiction"
                yield self.evidence.problem(f"{here}/carried_by/{index}", message, remedy)
            for pointer in places:
                if not is_named(row, pointer):
                    message = f"{row['id']}: {pointer} is not named {row['name']}"
                    yield self.evidence.problem(here, message, "Name the place that carries the row")
                self._support(pointer, row["id"], confidence)
                yield from self._carried(row, pointer, confidence)

    def _carried(self, row: dict[str, Any], pointer: str, confidence: str) -> Iterator[Problem]:
        for expected in expectations(self.document.data, row, pointer):
            value = self._value(expected.pointer)
            if expected.holds(value):
                if expected.supports(value):
                    self._support(expected.pointer, row["id"], confidence)
            elif not self._decided(row["id"], expected.pointer):
                message = f"{row['id']}: the row states {expected.wanted} where the document has {value!r}"
                remedy = "Follow the row, or decide otherwise in a contradiction that lists it"
                yield self.document.problem(expected.pointer, message, remedy)

    def _rejected(self, row: dict[str, Any], here: str) -> Iterator[Problem]:
        for entry in self.evidence.data["contradictions"]:
            if entry["id"] == row["rejected_by"] and row["id"] in entry["rows"]:
                break
        else:
            yield self.evidence.problem(
                f"{here}/rejected_by",
                f"{row['id']}: no contradiction {row['rejected_by']} lists it",
                "Write the contradiction",
            )
        for pointer, parameter in find(self.document.data, "/components/parameters/*"):
            if parameter["in"] == row["kind"] and parameter["name"] == row["name"]:
                yield self.document.problem(
                    pointer, f"{row['id']} is rejected, and stands here", "Take it out, or carry the row"
                )

    def _seen(self, entry: dict[str, Any], here: str) -> Iterator[Problem]:
        for index, place in enumerate(entry["seen_in"]):
            recording = self.recordings.get(place["recording"])
            try:
                resolve(recording.as_data if recording else None, place["pointer"])
            except NotThere:
                where = f"{place['recording']} at {place['pointer']}"
                yield self.evidence.problem(
                    f"{here}/seen_in/{index}",
                    f"{entry['id']}: is not to be seen in {where}",
                    "Mend the place, or take it out",
                )

    def _stated(self, name: str, stated: dict[str, Any], confidence: str, here: str) -> Iterator[Problem]:
        for pattern, value in stated.items():
            found = [
                pointer
                for pointer, claimed in self.claims.items()
                if matches(pattern, pointer) and same(claimed, value)
            ]
            if not found:
                message = f"{name}: the document does not have {value!r} at {pattern}"
                yield self.evidence.problem(child(here, pattern), message, "Follow the evidence, or mend it")
            for pointer in found:
                self._support(pointer, name, confidence)

    def _unsupported(self) -> Iterator[Problem]:
        for pointer, value in self.claims.items():
            if pointer not in self.result.support and value != []:
                what = "this" if value == PRESENT else repr(value)
                yield self.document.problem(
                    pointer,
                    f"nothing in the evidence supports {what}",
                    f"Take it out, or give its evidence in {self.evidence.path.name}",
                )

    def _response_confidence(self) -> Iterator[Problem]:
        for pointer, response in find(self.document.data, "/paths/*/*/responses/*"):
            stated, known = response.get("x-confidence", "documented"), self.result.confidence(pointer)
            if known and stated != known:
                yield self.document.problem(
                    pointer, f"is said to be {stated}, and its evidence is {known}", f"Write x-confidence: {known}"
                )

    def _decided(self, row: str, pointer: str) -> bool:
        """Whether a contradiction that lists the row decides this keyword, or one that stands in its place."""
        place, _, keyword = pointer.rpartition("/")
        return any(
            row in entry["rows"] and any(matches(pattern, f"{place}/{each}") for pattern in entry.get("decides", {}))
            for entry in self.evidence.data["contradictions"]
            for each in alike(keyword)
        )

    def _support(self, pointer: str, name: str, confidence: str) -> None:
        if pointer not in self.claims:
            return
        self.result.support.setdefault(pointer, []).append((name, confidence))
        if pointer.endswith("/$ref"):
            # What is known to be this component is known to be an object.
            target = child(self.claims[pointer][1:], "type")
            if self.claims.get(target) == "object":
                self.result.support.setdefault(target, []).append((name, confidence))

    def _value(self, pointer: str) -> Any:
        try:
            return resolve(self.document.data, pointer)
        except NotThere:
            return None
