"""What a place of a document rests on: its file and line, its evidence, and the contradictions that are about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from generator.contract.exchanges import Exchange, NoJson
from generator.documents import Recording, Service, Source
from generator.evidence import Account, account


@attrs.frozen(slots=False)
class Grounds:
    """A service's evidence, by place of its document. Good for changed copies of the document as well."""

    service: str
    source: Source
    support: dict[str, list[tuple[str, str]]] = attrs.field(repr=False)
    """Pointer of each claim to the ids that support it."""
    contradictions: list[dict[str, Any]] = attrs.field(repr=False)
    recordings: dict[str, Recording] = attrs.field(repr=False)

    @classmethod
    def of(cls, service: Service, accounted: Account | None = None) -> Grounds:
        """The grounds of a service."""
        found = accounted or account(service)
        contradictions = service.evidence.data["contradictions"]
        return cls(service.name, service.document, found.support, contradictions, service.recordings)

    @property
    def file(self) -> str:
        """The document's file, from the root of the checkout."""
        path = self.source.path
        return path.relative_to(path.parents[1]).as_posix()

    def evidence(self, place: str) -> tuple[str, ...]:
        """Ids of what supports a place, or the nearest place around it, and of the contradictions about that."""
        while place and place not in self.support:
            place = place.rpartition("/")[0]
        ids = dict.fromkeys(name for name, _ in self.support.get(place, ()))
        about = [each["id"] for each in self.contradictions if ids.keys() & set(each["rows"])]
        return tuple(dict.fromkeys([*ids, *about]))

    def known(self, ids: Iterable[str], exchange: Exchange) -> str | None:
        """The contradiction among these ids that this very reply is the proof of."""
        wanted = set(ids)
        for each in self.contradictions:
            if each["id"] in wanted:
                for name in {check["recording"] for check in each["checks"] if "recording" in check}:
                    if self._is(exchange, name):
                        return str(each["id"])
        return None

    def _is(self, exchange: Exchange, recording: str) -> bool:
        found = self.recordings.get(recording)
        if found is None or found.status != exchange.status:
            return False
        try:
            return bool(exchange.json == found.body) if found.is_json else exchange.body == found.text.encode()
        except NoJson:
            return False
