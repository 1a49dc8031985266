# Generated from generator/client/runtime/testing/pytest_plugin.py. Do not edit: change that, and run `make generate`.
"""A pytest plugin: the fixture `replay`. Loads nothing of the replay before a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ._replay import Replay


@pytest.fixture
def replay() -> Iterator[Replay]:
    """The services, replayed in this process: clients wired to them, jobs that go their way, faults on demand.

    See `cloudjobs.testing.Replay`. Each test has its own; no socket is opened, and waiting takes no time.
    """
    from . import Replay  # imports the extra's packages

    with Replay() as made:
        yield made
