"""What a place of a document rests on: its file and line, its evidence, and the contradictions that are about it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import attrs

from generator.contract.exchanges import Exchange, NoJson
from generator.documents import Recording, Service, Source
from generator.evidence import account


@attrs.frozen(slots=False, eq=False)
class Grounds:
    """A service's evidence, by place of its document. Good for changed copies of the document as well."""

    _of: Service = attrs.field(repr=False)

    @property
    def service(self) -> str:
        """The service's name."""
        return self._of.name

    @property
    def source(self) -> Source:
        """The document as it was read."""
        return self._of.document

    @property
    def file(self) -> str:
        """The document's file, from the root of the checkout."""
        path = self.source.path
        return path.relative_to(path.parents[1]).as_posix()

    def evidence(self, place: str) -> tuple[str, ...]:
        """Ids of what supports a place, or the nearest place around it, and of the contradictions about that."""
        found: list[tuple[str, str]] = []
        while place and not found:
            # What a thing is as a whole is often stated by its parts, such as its type.
            parts = [ids for claim, ids in self._support.items() if claim.rpartition("/")[0] == place]
            found = self._support.get(place) or [each for ids in parts for each in ids]
            place = place.rpartition("/")[0]
        ids = dict.fromkeys(name for name, _ in found)
        about = [each["id"] for each in self._contradictions if ids.keys() & set(each["rows"])]
        return tuple(dict.fromkeys([*ids, *about]))

    def known(self, rule: str, exchange: Exchange) -> str | None:
        """The contradiction that accounts for this very reply's breaking a rule."""
        for each in self._contradictions:
            for entry in each.get("accounts_for", ()):
                if entry["rule"] == rule and _same(exchange, self._of.recordings.get(entry["recording"])):
                    return str(each["id"])
        return None

    @cached_property
    def _support(self) -> dict[str, list[tuple[str, str]]]:
        return account(self._of).support

    @property
    def _contradictions(self) -> list[dict[str, Any]]:
        return list(self._of.evidence.data["contradictions"])


def _same(exchange: Exchange, recording: Recording | None) -> bool:
    """Whether a reply is what was recorded, however it is laid out."""
    if recording is None or exchange.status != recording.status:
        return False
    try:
        return bool(exchange.json == recording.body) if recording.is_json else exchange.body == recording.text.encode()
    except NoJson:
        return False
