"""Certificates are verified: a server that cannot show who it is gets no credentials, whatever carries the request."""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloudjobs import AsyncCceClient, CceClient, errors
from cloudjobs.auth import Token

from .transports import Server, reply, serving

pytestmark = pytest.mark.anyio
OWN = Path(__file__).with_name("localhost.pem")
"""A certificate for localhost that no authority has signed."""


async def sync(url: str) -> None:
    with CceClient(url, project_id="p", auth=Token("t" * 20), max_retries=0) as cce:
        cce.get_job("j")


async def over_aiohttp(url: str) -> None:
    async with AsyncCceClient(url, project_id="p", auth=Token("t" * 20), max_retries=0) as cce:
        assert cce._aio is not None
        await cce.get_job("j")


async def over_httpx(url: str) -> None:
    async with httpx.AsyncClient() as http:
        await AsyncCceClient(url, project_id="p", auth=Token("t" * 20), max_retries=0, http_client=http).get_job("j")


every_way = pytest.mark.parametrize("call", [sync, over_aiohttp, over_httpx], ids=lambda call: str(call.__name__))


@pytest.fixture
def server() -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(OWN)
    with serving(lambda path: reply("200 OK", b"{}", "Connection: close"), context) as server:
        yield server


async def refused(call: Callable[[str], Any], url: str) -> None:
    """Fail unless a call ends without a reply because of the certificate."""
    with pytest.raises(errors.APIConnectionError) as caught:
        await call(url)
    causes = []
    error: BaseException | None = caught.value
    while error is not None:
        causes.append(error)
        error = error.__cause__ or error.__context__
    assert any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes)


@every_way
async def test_tls_untrusted_certificate_is_rejected_unsent(call: Callable[[str], Any], server: Server) -> None:
    await refused(call, server.url.replace("127.0.0.1", "localhost"))
    assert not server.headers


@every_way
async def test_tls_certificate_for_another_name_is_rejected(
    call: Callable[[str], Any], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(OWN))
    await refused(call, server.url)
    assert not server.headers


@every_way
async def test_tls_trusted_certificate_is_accepted(
    call: Callable[[str], Any], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(OWN))
    await call(server.url.replace("127.0.0.1", "localhost"))
    assert server.headers[0]["X-Auth-Token"] == "t" * 20


def test_client_has_no_option_to_disable_verification() -> None:
    for client in (CceClient, AsyncCceClient):
        assert not {"verify", "ssl", "insecure"} & inspect.signature(client).parameters.keys()
