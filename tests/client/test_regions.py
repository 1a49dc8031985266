"""Regions: addresses of the document's servers, in place of `base_url`."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import cloudjobs
from cloudjobs._operations import Secret
from cloudjobs._urls import RegionServer, ServiceInfo, validate_base_url

from .doc_examples import ANY_URL, WAYS, Way, document, named

WITH_REGION = [
    way
    for way in WAYS
    if any("region" in each.get("variables", {}) for each in document(way.operation.service)["servers"])
]
WITHOUT = [way for way in WAYS if way not in WITH_REGION]
OPEN = ServiceInfo("own", "Own", servers=(RegionServer("https://own.{region}.example.com/v1"),))
CLOSED = ServiceInfo(
    "own",
    "Own",
    servers=(
        RegionServer("https://a.{region}.example", ("one", "two")),
        RegionServer("https://b.{region}.example", ("three",)),
    ),
)


def regions(way: Way) -> dict[str, str]:
    """Return the address of each region of the document."""
    return {
        region: server["url"].replace("{region}", region)
        for server in document(way.operation.service)["servers"]
        for region in server.get("variables", {}).get("region", {}).get("enum", ())
    }


def url_of(service: ServiceInfo, region: Any) -> str:
    return validate_base_url(service, Secret(None), region)


@pytest.mark.parametrize("way", WITH_REGION, ids=named)
def test_region_gives_address_of_document(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(regions(way)) > 3
    for region, url in regions(way).items():
        assert repr(way.client(base_url=None, region=region)) == f"<{way.client_class.__name__} {url}>"
    region, url = list(regions(way).items())[1]
    monkeypatch.setenv("CLOUDJOBS_REGION", region)
    assert url in repr(way.client(base_url=None))
    assert ANY_URL in repr(way.client())
    monkeypatch.setenv(f"CLOUDJOBS_{way.operation.service}_URL".upper(), ANY_URL)
    assert ANY_URL in repr(way.client(base_url=None))
    assert url in repr(way.client(base_url=None, region=region))


@pytest.mark.parametrize("way", WITH_REGION, ids=named)
@pytest.mark.parametrize("region", ["cn-nowhere-1", "", "x.example.com/", "CN-NORTH-4", 5])
def test_region_unknown_is_one_error_with_known_ones(way: Way, region: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"^region must be one of .*, got ") as caught:
        way.client(base_url=None, region=region)
    assert all(known in str(caught.value) for known in regions(way))
    if region and isinstance(region, str):
        monkeypatch.setenv("CLOUDJOBS_REGION", region)
        with pytest.raises(ValueError, match=r"^CLOUDJOBS_REGION must be one of "):
            way.client(base_url=None)


@pytest.mark.parametrize("way", WITH_REGION, ids=named)
def test_region_with_base_url_is_refused(way: Way) -> None:
    with pytest.raises(ValueError, match="base_url must be given without a region"):
        way.client(region="cn-north-4")
    with pytest.raises(ValueError, match="or pass region, or set CLOUDJOBS_REGION"):
        way.client(base_url=None)


@pytest.mark.parametrize("way", WITHOUT, ids=named)
def test_region_of_document_without_regions_is_no_argument(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "region" not in inspect.signature(way.client_class).parameters
    with pytest.raises(TypeError):
        way.client(base_url=None, region="cn-north-4")
    monkeypatch.setenv("CLOUDJOBS_REGION", "cn-north-4")
    with pytest.raises(ValueError, match=r"base_url is missing: pass it to the client, or set CLOUDJOBS_[A-Z]+_URL$"):
        way.client(base_url=None)


def test_region_of_open_list_is_any_name() -> None:
    assert url_of(OPEN, "eu-west-101") == "https://own.eu-west-101.example.com/v1"
    for region in ("", "a.b", "a/b", "evil.example#", "user@evil", "-", " x", 5):
        with pytest.raises(ValueError, match=r"^region must be the name of a region, such as"):
            url_of(OPEN, region)


def test_region_is_looked_up_in_every_server() -> None:
    assert [url_of(CLOSED, region) for region in ("two", "three")] == [
        "https://a.two.example",
        "https://b.three.example",
    ]
    with pytest.raises(ValueError, match=r"^region must be one of one, two, three, got 'four'"):
        url_of(CLOSED, "four")


def test_region_and_token_of_environment_make_a_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDJOBS_REGION", "cn-north-4")
    monkeypatch.setenv("CLOUDJOBS_TOKEN", "t" * 20)
    assert repr(cloudjobs.CceClient()) == "<CceClient https://cce.cn-north-4.myhuaweicloud.com>"


def test_cli_uses_region_of_environment() -> None:
    pytest.importorskip("click", reason="needs the [cli] extra")
    from .cli.shells import shell_for_url

    shell = shell_for_url("http://127.0.0.1:9")
    ran = shell("get", "cce", "x", CLOUDJOBS_CCE_URL=None, CLOUDJOBS_REGION="cn-nowhere-1")
    assert ran.code == 2
    assert ran.complaint.startswith("cloudjobs: CLOUDJOBS_REGION must be one of cn-north-1, ")
    ran = shell("get", "yuanrong", "x", CLOUDJOBS_YUANRONG_URL=None, CLOUDJOBS_REGION="cn-nowhere-1")
    assert "the address of yuanrong is missing" in ran.complaint
