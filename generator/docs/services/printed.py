"""What the Python sample of an operation prints, worked out by the client from the recorded reply."""

from __future__ import annotations

from typing import Any

from generator.docs.installed import client_module
from generator.docs.material import Material, Prepared
from generator.documents import Operation, Recording


def printed(material: Material, each: Prepared, operation: Operation, recorded: Recording) -> str:
    """A line for the job that was asked for; or for each that was listed, as far as the request's limit goes."""
    known = vars(client_module(material, f"{each.name}.operations")).values()
    called = next(value for value in known if getattr(value, "id", None) == operation.id)
    reply = called.reply.from_dict(recorded.body)
    poll = operation.definition.get("x-poll", {})
    if "items" not in poll:
        return _line(material, reply)
    limit = operation.definition.get("x-pagination", {}).get("limit")
    rows = getattr(reply, called.poll.items)[: recorded.source.data["request"].get("query", {}).get(limit)]
    return "\n".join(_line(material, row) for row in rows)


def _line(material: Material, job: Any) -> str:
    snapshot = client_module(material).JobSnapshot.of(job)
    return f"{snapshot.id} {snapshot.state}"
