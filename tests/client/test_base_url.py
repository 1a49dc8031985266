"""Addresses of requests: the base URL, its sources, and invalid values, which messages do not repeat."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from cloudjobs import CceClient, YuanrongClient

from .doc_examples import ANY_URL, WAYS, Way, named
from .transports import Answers, never

every_way = pytest.mark.parametrize("way", WAYS, ids=named)


@every_way
@pytest.mark.anyio
@pytest.mark.parametrize(
    ("base_url", "before"),
    [
        ("https://service.example.com", "https://service.example.com"),
        ("https://service.example.com/", "https://service.example.com"),
        ("https://service.example.com/gateway", "https://service.example.com/gateway"),
        ("https://service.example.com/gateway/v1//", "https://service.example.com/gateway/v1"),
        ("http://127.0.0.1:8010/", "http://127.0.0.1:8010"),
        ("http://[::1]:8010", "http://[::1]:8010"),
        ("https://service.example.com.:65535", "https://service.example.com.:65535"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
    ],
)
async def test_base_url_and_path_are_joined_by_one_slash(way: Way, base_url: str, before: str) -> None:
    transport = Answers()
    await way.call(way.client(base_url=base_url, transport=transport))
    values = {parameter["name"]: f"some-{parameter['name']}" for parameter in way.operation.located("path")}
    assert str(transport.request.url) == before + way.operation.raw_path(values)


@every_way
@pytest.mark.anyio
async def test_base_url_from_environment_is_a_fallback(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = f"CLOUDJOBS_{way.operation.service.upper()}_URL"
    monkeypatch.setenv(variable, "https://environment.example.com/below/")
    transport = Answers()
    await way.call(way.client(base_url=None, transport=transport))
    assert str(transport.request.url).startswith("https://environment.example.com/below/" + way.operation.path[1:4])
    transport.requests.clear()
    await way.call(way.client(base_url=ANY_URL, transport=transport))
    assert str(transport.request.url).startswith(ANY_URL)


@every_way
@pytest.mark.parametrize("value", [None, ""], ids=["unset", "empty"])
def test_base_url_missing_error_names_argument_and_variable(
    way: Way, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"CLOUDJOBS_{way.operation.service.upper()}_URL"
    if value is not None:
        monkeypatch.setenv(variable, value)
    with pytest.raises(ValueError, match=rf"base_url.*{variable}"):
        way.client_class()


@pytest.mark.parametrize(
    "base_url",
    [
        "https://user:S3CRET@host",
        "https://S3CRET@host",
        "https://host?key=S3CRET",
        "https://host/path#S3CRET",
        "ftp://host/S3CRET",
        "host/S3CRET",
        "//host/S3CRET",
        "https:///S3CRET",
        "https://",
        " ",
        "https://host:port",
        "https://user:S3CRET@host:port",
        "https://ho\nst/S3CRET",
        # The system has different errors for an invalid name and an invalid port.
        "https://a..b/S3CRET",
        "https://.host/S3CRET",
        f"https://{'a' * 64}.example/S3CRET",
        f"https://{'a.' * 127}example/S3CRET",
        "https://host:65536/S3CRET",
        b"https://host/S3CRET",
        5,
    ],
)
@every_way
def test_base_url_with_extra_or_missing_parts_is_rejected(way: Way, base_url: Any) -> None:
    with pytest.raises(ValueError, match="base_url") as caught:
        way.client_class(base_url, transport=never())
    assert "S3CRET" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "base_url", ["https://user:S3CRET/x@host", "https://user:S3CRET?@host", "https://u:S3CRET#@host"]
)
def test_base_url_password_with_delimiter_is_not_in_error(base_url: str) -> None:
    with pytest.raises(ValueError, match="base_url") as caught:
        CceClient(base_url, transport=never())
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize("base_url", ["https://host?", "https://host/?", "https://host#", "https://host/below/#"])
def test_base_url_with_empty_query_or_fragment_keeps_path(base_url: str) -> None:
    transport = Answers()
    with contextlib.suppress(ValueError):
        YuanrongClient(base_url, transport=transport).get_job("j")
    assert all(request.url.path.endswith("/api/jobs/j") for request in transport.requests)
