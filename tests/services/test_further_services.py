"""Services in `openapi/` beside those that the other tests know: each is imported, decoded and replayed."""

from __future__ import annotations

from importlib import import_module

import httpx
import pytest

import cloudjobs
from cloudjobs.testing import Replay
from tests.reference import REFERENCE

FURTHER = [name for name in cloudjobs.services() if name not in REFERENCE]


@pytest.mark.parametrize("service", FURTHER)
def test_further_service_replays_each_success_that_it_has_recorded(service: str) -> None:
    known = vars(import_module(f"cloudjobs.{service}.operations"))
    replay = Replay(service)
    for recording in cloudjobs.recordings(service).values():
        assert any(getattr(each, "id", None) == recording["operation"] for each in known.values())
    with replay.client(service) as client:
        assert type(client).__module__ == f"cloudjobs.{service}.client"
    with httpx.Client(transport=replay.transport, base_url="https://service.example.com") as http:
        assert http.get("/no/such/path").status_code == 404
