# Generated from generator/client/runtime/testing/pytest_plugin.py. Do not edit: change that, and run `make generate`.
"""A pytest plugin: the fixture `replay`. Loads the replay when a test requests the fixture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ._replay import Replay


@pytest.fixture
def replay() -> Iterator[Replay]:
    """Replay the services in this process: clients, jobs with a given lifecycle, faults on demand.

    See `cloudjobs.testing.Replay`. Each test has its own; no socket is opened, and waiting takes no time.
    """
    from . import Replay  # imports the extra's packages

    with Replay() as replay:
        yield replay
