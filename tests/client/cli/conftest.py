"""A replay on a port, with the clock of every client, and a shell with the settings for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cloudjobs import _deviations
from cloudjobs.testing import Replay

from ..transports import Server
from .shells import Shell, serving_replay, shell_for_url


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch) -> Replay:
    """A replay with the clock of every client, so that waiting takes no time; nothing has been logged before."""
    replay = Replay(seed=1)
    monkeypatch.setattr("cloudjobs._client.Clock", lambda: replay.clock)
    monkeypatch.setattr(_deviations.DeviationReporter, "_logged", set())
    return replay


@pytest.fixture
def server(replay: Replay) -> Iterator[Server]:
    with serving_replay(replay) as made:
        yield made


@pytest.fixture
def shell(server: Server) -> Shell:
    return shell_for_url(server.url)
