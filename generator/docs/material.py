"""What pages are made from: the services as everybody reads them, and where the checkout is."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs

from generator.docs.foreign import foreign
from generator.docs.python import Package
from generator.documents import Recording, Service, Source


@attrs.frozen(slots=False)
class Prepared:
    """One service, with the bundled copy of its document."""

    service: Service
    document: dict[str, Any]
    """As the client and the site carry it: recordings inlined, evidence ids and confidence at each place."""

    @classmethod
    def guarded(cls, each: Prepared) -> Prepared:
        """The same service with stand-ins in its text."""
        held = each.service
        recordings = [Recording(foreign(name), _recorded(one)) for name, one in held.recordings.items()]
        service = Service(
            held.name, _source(held.document), _source(held.evidence), {one.id: one for one in recordings}
        )
        return cls(service, foreign(each.document))

    @property
    def name(self) -> str:
        """Module name of the service."""
        return self.service.name

    @property
    def title(self) -> str:
        return str(self.document["info"]["title"])

    @property
    def evidence(self) -> dict[str, Any]:
        """The evidence file."""
        data: dict[str, Any] = self.service.evidence.data
        return data

    @cached_property
    def contradictions(self) -> dict[str, dict[str, Any]]:
        """The contradictions by id, in the order of the evidence."""
        return {entry["id"]: entry for entry in self.evidence["contradictions"]}

    @cached_property
    def entries(self) -> dict[str, dict[str, Any]]:
        """Rows, observations and facts by id."""
        parts = ("rows", "observed", "facts")
        return {entry["id"]: entry for part in parts for entry in self.evidence[part]}


@attrs.frozen(slots=False)
class Material:
    """Everything that pages are made from."""

    root: Path
    """The checkout."""
    services: list[Prepared]
    package: str = "cloudjobs"
    """Import name of the generated client."""

    @property
    def guarded(self) -> Material:
        """The same with stand-ins in all foreign text: what pages are put together from."""
        return attrs.evolve(self, services=list(map(Prepared.guarded, self.services)))

    @cached_property
    def client(self) -> Package:
        """The generated client's source."""
        return Package(self.root / "generated_client" / "src", self.package)


def _source(source: Source) -> Source:
    return attrs.evolve(source, data=foreign(source.data))


def _recorded(recording: Recording) -> Source:
    source = _source(recording.source)
    if recording.is_json:
        # Its texts are foreign, and the signs of JSON between them are not.
        source.data["body"] = json.dumps(foreign(recording.body), ensure_ascii=False)
    return source
