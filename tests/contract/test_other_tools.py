"""An HTTP client of the standard library gets the recorded responses from the replay server on a port."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from .contracts import Recorded, named, recorded, same_json
from .live_helpers import page
from .serving import Server, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A stand-in for all services."""
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.mark.usefixtures("serves")
@pytest.mark.parametrize("one", recorded(), ids=named)
def test_replay_urllib_request_returns_the_recording(one: Recorded, served: Server) -> None:
    expected = one.operation.served(one.path)
    assert expected is not None
    request = urllib.request.Request(served.url + one.asking(), headers=one.headers)
    try:
        reply = urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as error:
        reply = error
    with reply:
        assert reply.status == expected.status
        assert reply.headers["content-type"] == expected.recording.content_type
        assert same_json(json.load(reply), page(expected, one.query))
