"""Signatures of all requests are those of the vendor's own signer: `huaweicloudsdkcore` is the oracle."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus, urlencode

import httpx
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudjobs.auth import AkSk
from tests.exhaustive import sample

from .doc_examples import WAYS, Way, named
from .malformed_bodies import DETERMINISTIC
from .transports import Answers

AK, SK = "AKIDEXAMPLE0123456", "secret/of+the=key 0123"
ODD = "aZ09-_.~ /%+&=?#:;,@!$'()*[]|\"<>\\^`{}é中\u00a0\U0001f600\x7f\n"
texts = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=8)
segments = st.lists(texts.filter(lambda text: text not in (".", "..")), max_size=5)
printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
queries = st.lists(st.tuples(texts, texts), max_size=6)
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "X-Language", "ief-instance-id", "X-Under_score", "User-Agent", "Accept"]),
    printable,
    max_size=4,
)
bodies = st.one_of(st.just(b""), st.binary(max_size=40), st.just(b'{"a": [1, "\xc3\xa9"]}'))


def sent(auth: AkSk, request: httpx.Request) -> httpx.Request:
    """Return the request as it is sent."""
    request.read()
    return next(auth.sync_auth_flow(request))


def signed_by_the_vendor(request: httpx.Request, security_token: str | None, project_id: str | None) -> str:
    """Return the vendor's `Authorization` for a request that is signed already: the same headers, the same time."""
    credentials: Any = BasicCredentials(AK, SK, project_id)
    if security_token:
        credentials.with_security_token(security_token)
    names = re.findall(r"SignedHeaders=([^,]*)", request.headers["Authorization"])[0].split(";")
    raw_path, _, raw_query = request.url.raw_path.decode().partition("?")
    pairs = [part.partition("=") for part in raw_query.split("&")] if raw_query else []
    signed = credentials.sign_request(
        SdkRequest(
            method=request.method,
            schema=request.url.scheme,
            host=request.headers["Host"],
            resource_path=raw_path,
            # The query as a server reads it, with a plus sign as a space.
            query_params=[(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs],
            # The last two it adds itself.
            header_params={
                name: request.headers[name] for name in names if name not in ("x-project-id", "x-security-token")
            },
            body=request.content,
        )
    )
    return str(signed.header_params["Authorization"])


@settings(DETERMINISTIC, max_examples=sample(200))
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
    path=segments,
    ends_with_slash=st.booleans(),
    query=queries,
    spelt=st.sampled_from(["plus", "percent"]),
    extra=headers,
    body=bodies,
    security_token=st.none() | printable,
    project_id=st.none() | printable,
    port=st.sampled_from(["", ":8443"]),
)
def test_signature_of_any_request_equals_vendor_signature(
    method: str,
    path: list[str],
    ends_with_slash: bool,
    query: list[tuple[str, str]],
    spelt: str,
    extra: dict[str, str],
    body: bytes,
    security_token: str | None,
    project_id: str | None,
    port: str,
) -> None:
    if "Content-Type" in extra:
        # For other methods the vendor's signer omits the body, and adds a header that says so.
        extra["Content-Type"] = f"application/json;{extra['Content-Type']}"
    url = f"https://cce.example.com{port}/" + "/".join(quote(segment, safe="") for segment in path)
    url += "/" if ends_with_slash else ""
    if query:
        url += "?" + urlencode(query, quote_via=quote if spelt == "percent" else quote_plus)
    request = httpx.Request(method, url, headers=extra, content=body)
    request = sent(AkSk(AK, SK, security_token, project_id=project_id, header="Authorization"), request)
    assert request.headers["Authorization"] == signed_by_the_vendor(request, security_token, project_id)


@pytest.mark.parametrize("way", [way for way in WAYS if way.operation.token_scheme], ids=named)
@pytest.mark.anyio
async def test_signature_of_client_request_equals_vendor_signature(way: Way) -> None:
    for security_token in (None, "token-of-a-temporary-key"):
        transport = Answers()
        argument = next(iter(way.operation.arguments()))
        client = way.client(transport=transport, auth=AkSk(AK, SK, security_token, project_id="p1"))
        await way.call(client, **{argument: "ä b/%+~"})
        request = transport.request
        assert request.headers["Authorization"] == signed_by_the_vendor(request, security_token, "p1")
        assert request.headers.get("X-Security-Token") == security_token
        assert request.headers["X-Project-Id"] == "p1"
        assert not any(SK in value for value in request.headers.values())


SIGNED = {"host", "x-sdk-date", "x-project-id", "x-security-token", "x-language", "content-type"}


def test_signature_covers_only_headers_that_matter() -> None:
    request = httpx.Request(
        "POST",
        "https://cce.example.com/jobs",
        headers={"X-Language": "en", "Cookie": "a=b", "X_Odd": "1", "Connection": "close"},
        json={"a": 1},
    )
    request = sent(AkSk(AK, SK, "temporary", project_id="p1", header="Authorization"), request)
    (signed,) = re.findall(r"SignedHeaders=([^,]*)", request.headers["Authorization"])
    assert set(signed.split(";")) == SIGNED
    assert signed.split(";") == sorted(SIGNED)
