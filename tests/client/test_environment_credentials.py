"""Credentials from the environment: the first complete ones, or one error that names the missing variables."""

from __future__ import annotations

import re
from typing import Any

import pytest

import cloudjobs
from cloudjobs.auth import AkSk, IamPassword, Token, from_environment
from tests.reference import REFERENCE

from .doc_examples import ANY_URL, WAYS, Way, named
from .iam import Iam
from .transports import Answers, reply, serving

pytestmark = pytest.mark.anyio
SECRET = "secret-not-real"
SDK = {"HUAWEICLOUD_SDK_AK": "AK1", "HUAWEICLOUD_SDK_SK": SECRET}
TERRAFORM = {"HW_ACCESS_KEY": "AK2", "HW_SECRET_KEY": SECRET}
USER = {"HW_USER_NAME": "jane", "HW_USER_PASSWORD": SECRET, "HW_DOMAIN_NAME": "acme", "HW_PROJECT_NAME": "south-1"}
TOKEN_WAYS = [way for way in WAYS if way.operation.token_scheme]


def put(monkeypatch: pytest.MonkeyPatch, *families: dict[str, str]) -> None:
    for family in families:
        for name, value in family.items():
            monkeypatch.setenv(name, value)


@pytest.mark.parametrize("way", TOKEN_WAYS, ids=named)
async def test_environment_service_token_precedes_others(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, SDK, TERRAFORM, USER, {"CLOUDJOBS_TOKEN": "of-all"})
    service = way.operation.service
    for expected in ("of-all", "of-the-service"):
        transport = Answers()
        auth = from_environment(service)
        assert isinstance(auth, Token)
        await way.call(way.client(transport=transport, auth=auth))
        assert transport.request.headers["X-Auth-Token"] == expected
        monkeypatch.setenv(f"CLOUDJOBS_{service}_TOKEN".upper(), "of-the-service")
    assert isinstance(from_environment(), Token)


@pytest.mark.parametrize(
    ("families", "kind", "key"), [((SDK, TERRAFORM, USER), AkSk, "AK1"), ((TERRAFORM, USER), AkSk, "AK2")]
)
async def test_environment_key_precedes_user_and_sdk_terraform(
    families: tuple[dict[str, str], ...], kind: type, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(monkeypatch, *families)
    transport = Answers()
    auth = from_environment()
    assert isinstance(auth, kind)
    await TOKEN_WAYS[0].call(TOKEN_WAYS[0].client(transport=transport, auth=auth))
    assert f"Access={key}," in transport.request.headers["Authorization"]
    assert "X-Security-Token" not in transport.request.headers
    assert "X-Project-Id" not in transport.request.headers


@pytest.mark.parametrize(
    "variables",
    [
        {**SDK, "HUAWEICLOUD_SDK_SECURITY_TOKEN": "temporary", "HUAWEICLOUD_SDK_PROJECT_ID": "p9"},
        {**TERRAFORM, "HW_SECURITY_TOKEN": "temporary", "HW_PROJECT_ID": "p9"},
    ],
)
async def test_environment_temporary_key_has_token_and_project(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(monkeypatch, variables)
    transport = Answers()
    await TOKEN_WAYS[0].call(TOKEN_WAYS[0].client(transport=transport, auth=from_environment()))
    headers = transport.request.headers
    assert (headers["X-Security-Token"], headers["X-Project-Id"]) == ("temporary", "p9")
    assert {"x-security-token", "x-project-id"} <= set(re.split("[;=,]", headers["Authorization"]))


@pytest.mark.parametrize(
    ("more", "project", "host"),
    [
        ({}, {"name": "south-1"}, "iam.myhuaweicloud.com"),
        ({"HW_PROJECT_ID": "p9"}, {"id": "p9"}, "iam.myhuaweicloud.com"),
        ({"HUAWEICLOUD_SDK_PROJECT_ID": "p8"}, {"id": "p8"}, "iam.myhuaweicloud.com"),
        ({"HW_AUTH_URL": "https://iam.example.com:443/v3"}, {"name": "south-1"}, "iam.example.com"),
        ({"HUAWEICLOUD_SDK_IAM_ENDPOINT": "https://iam.example.com"}, {"name": "south-1"}, "iam.example.com"),
    ],
)
async def test_environment_user_becomes_iam_password(
    more: dict[str, str], project: dict[str, str], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(monkeypatch, USER, more)
    iam, hosts = Iam(), []
    auth = from_environment()
    assert isinstance(auth, IamPassword)
    way = TOKEN_WAYS[0]

    def answer(request: object) -> object:
        hosts.append(request.url.host)  # type: ignore[attr-defined]
        return iam.gives(request) if "/auth/" in request.url.path else Answers()._answer(request)  # type: ignore

    await way.call(way.answering(answer, auth=auth))
    assert hosts[0] == host
    login = iam.asked[0]["auth"]
    assert login["identity"]["password"]["user"] == {"name": "jane", "password": SECRET, "domain": {"name": "acme"}}
    assert login["scope"] == {"project": project}


@pytest.mark.parametrize("family", [SDK, TERRAFORM, USER], ids=["SDK", "Terraform", "user"])
def test_environment_incomplete_error_names_missing_only(
    family: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in family:
        for left_out in ("", None):  # set to nothing is not set
            with monkeypatch.context() as patch:
                put(patch, family)
                patch.setenv(name, "") if left_out == "" else patch.delenv(name)
                with pytest.raises(ValueError, match=rf"incomplete: set [^;]*\b{name} too") as raised:
                    from_environment("cce")
                named_there = set(re.findall(r"[A-Z_]{8,}", str(raised.value)))
                assert not named_there & (set(family) - {name})
                assert SECRET not in str(raised.value)


def test_environment_incomplete_key_is_not_skipped_for_user(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, USER, {"HUAWEICLOUD_SDK_AK": "AK1"})
    with pytest.raises(ValueError, match="set HUAWEICLOUD_SDK_SK too"):
        from_environment()


@pytest.mark.parametrize("variable", ["HW_PROJECT_NAME", "HW_DOMAIN_NAME", "HUAWEICLOUD_SDK_PROJECT_ID", "HW_AUTH_URL"])
def test_environment_lone_setting_is_not_a_credential(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "x")
    with pytest.raises(
        ValueError, match=r"credentials are missing: set CLOUDJOBS_TOKEN; or .*; or HUAWEICLOUD_SDK_AK and "
    ):
        from_environment()


def test_environment_empty_error_names_all_variables() -> None:
    for service in REFERENCE:
        with pytest.raises(ValueError, match=f"credentials for {service} are missing: set ") as raised:
            from_environment(service)
        for name in (f"CLOUDJOBS_{service}_TOKEN".upper(), "CLOUDJOBS_TOKEN", *SDK, *TERRAFORM, *USER):
            assert name in str(raised.value)


def test_environment_invalid_secret_is_rejected_unshown(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, {**SDK, "HUAWEICLOUD_SDK_SK": f"{SECRET}\n"})
    with pytest.raises(ValueError, match="secret key") as raised:
        from_environment()
    assert SECRET not in str(raised.value)
    put(monkeypatch, {"CLOUDJOBS_TOKEN": f"{SECRET}\n"})
    with pytest.raises(ValueError, match="token") as raised:
        from_environment()
    assert SECRET not in str(raised.value)


def test_environment_is_not_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, SDK, {"CLOUDJOBS_TOKEN": "of-all"})
    transport = Answers()
    cloudjobs.YuanrongClient(ANY_URL, transport=transport).get_job("j")
    assert not {"authorization", "x-auth-token"} & set(transport.request.headers)


# Without `auth`


NEEDED = [way for way in WAYS if way.operation.token_scheme]
FREE = [way for way in WAYS if not way.operation.node.get("security", True)]


def default(way: Way, **keywords: Any) -> Any:
    """Return a client that is created without `auth`."""
    return way.client_class(**{"max_retries": 0, **keywords})


@pytest.mark.parametrize("way", NEEDED, ids=named)
async def test_client_without_auth_uses_environment(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDJOBS_TOKEN", SECRET)
    for keywords in ({"transport": Answers()}, {"http_client": way.http_client(transport=Answers())}):
        client = default(way, base_url=ANY_URL, **keywords)
        await way.call(client)
        carried: Any = keywords.get("transport") or keywords["http_client"]._transport
        assert carried.request.headers["X-Auth-Token"] == SECRET
    anonymous = Answers()
    await way.call(default(way, base_url=ANY_URL, transport=anonymous, auth=None))
    own = Answers()
    http = way.http_client(transport=own, headers={"X-Auth-Token": "of-the-caller"})
    await way.call(default(way, base_url=ANY_URL, http_client=http))
    assert "X-Auth-Token" not in anonymous.request.headers
    assert own.request.headers["X-Auth-Token"] == "of-the-caller"


@pytest.mark.parametrize("way", NEEDED, ids=named)
async def test_client_without_credentials_sends_nothing(way: Way) -> None:
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        client = default(way, base_url=server.url)
        calls = (way.call(client), way.call(client.with_options(timeout=5, headers={"X-Request-Id": "1"})))
        for call in (*calls, way.call(client.with_raw_response)):
            with pytest.raises(cloudjobs.MissingCredentialsError, match=r"requires credentials.*TOKEN.*_SK") as caught:
                await call
            assert caught.value.operation == way.operation.id
            assert "auth=None" in str(caught.value)
        assert server.paths == []
        await way.call(client.with_options(headers={"X-Auth-Token": SECRET}))
        await way.call(client, extra_headers={"X-Auth-Token": SECRET})
        await way.close(client)
        anonymous = default(way, base_url=server.url, auth=None)
        await way.call(anonymous)
        await way.close(anonymous)
        assert len(server.paths) == 3
    for keywords in ({"transport": Answers()}, {"http_client": way.http_client(transport=Answers())}):
        await way.call(default(way, base_url=ANY_URL, **keywords))


@pytest.mark.parametrize("way", FREE, ids=named)
async def test_client_of_service_without_credentials_ignores_environment(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDJOBS_TOKEN", SECRET)
    with serving(lambda path: reply("200 OK", b"{}")) as server:
        client = default(way, base_url=server.url)
        await way.call(client)
        await way.close(client)
    assert SECRET not in repr(server.headers)


@pytest.mark.parametrize("way", NEEDED, ids=named)
def test_client_with_incomplete_environment_credentials_is_refused(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", "AK1")
    with pytest.raises(ValueError, match="incomplete: set HUAWEICLOUD_SDK_SK"):
        default(way, base_url=ANY_URL)
    default(way, base_url=ANY_URL, auth=None)


async def test_client_argument_comes_from_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HUAWEICLOUD_SDK_PROJECT_ID", "CLOUDJOBS_PROJECT_ID", "CLOUDJOBS_CCE_PROJECT_ID")
    for name in names:
        monkeypatch.setenv(name, name.lower())
        transport = Answers()
        cloudjobs.CceClient(ANY_URL, transport=transport).get_job("j")
        assert f"/{name.lower()}/" in transport.request.url.path
    transport = Answers()
    cloudjobs.CceClient(ANY_URL, transport=transport, project_id="given").get_job("j")
    assert "/given/" in transport.request.url.path
