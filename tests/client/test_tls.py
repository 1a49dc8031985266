"""Certificates are verified: a server that cannot show who it is gets no credentials, whatever carries the request."""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudjobs import AsyncCceClient, CceClient, errors
from cloudjobs.auth import Token

from .senders import SENDERS, Sender
from .transports import Server, reply, serving

pytestmark = pytest.mark.anyio
OWN = Path(__file__).with_name("localhost.pem")
"""A certificate for localhost that no authority has signed."""


def over(sender: Sender) -> Callable[[str], Any]:
    async def call(url: str) -> None:
        cce = sender.client("cce", url, project_id="p", auth=Token("t" * 20), max_retries=0)
        if sender.asynchronous:
            async with cce:
                await cce.get_job("j")
        else:
            with cce:
                cce.get_job("j")

    return call


every_way = pytest.mark.parametrize(
    "call", [over(sender) for sender in SENDERS], ids=[str(sender) for sender in SENDERS]
)


@pytest.fixture
def server() -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(OWN)
    with serving(lambda path: reply("200 OK", b"{}", "Connection: close"), context) as server:
        yield server


async def refused(call: Callable[[str], Any], url: str) -> None:
    """Fail unless a call ends without a response because of the certificate."""
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
