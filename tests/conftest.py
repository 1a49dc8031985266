"""Shared by all tests: the cases that run, and children that can be interrupted."""

from __future__ import annotations

import signal

import pytest

from tests.exhaustive import left_out

# A user's project, which `test_distribution` runs with the wheel: its fixture `replay` comes with that.
collect_ignore = ["consumer"]


def pytest_configure() -> None:
    """Let SIGINT end the children of the tests if this process ignores it, as after `nohup make test &`.

    A child inherits an ignored signal, and a test that interrupts one would wait endlessly. A signal with a
    handler has its default action in a child; the handler here does nothing, so that this process ignores it as before.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda number, frame: None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `make exhaustive` runs besides."""
    if excluded := set(left_out(items)):
        config.hook.pytest_deselected(items=list(excluded))
        items[:] = [item for item in items if item not in excluded]
