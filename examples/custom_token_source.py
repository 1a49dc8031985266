"""Takes tokens from a custom source, such as a vault or a file that another program updates.

Run it where the package is installed: `python examples/custom_token_source.py`. It needs no network: the transport
returns recorded responses if the request has the valid token.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import httpx

import cloudjobs
from cloudjobs import AsyncIefClient, CceClient
from cloudjobs.auth import Token

RECORDED = {service: next(iter(cloudjobs.recordings(service).values())) for service in ("cce", "ief")}
good = {"token-1"}
"""The token that the services accept now."""


def answer(request: httpx.Request) -> httpx.Response:
    """Return the recorded response of the service if the token is valid, otherwise 401."""
    token = request.headers["X-Auth-Token"]
    print(f"  {request.url.host} is sent {token}")
    if token not in good:
        return httpx.Response(401, json={"error_msg": "the token is not valid"})
    recording = RECORDED[request.url.host.partition(".")[0]]
    return httpx.Response(recording["status"], text=recording["body"])


class TokenFile:
    """A file with the present token. Cache the token in this class if it takes long to get."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def token(self) -> str:
        """Return the token. The client calls this for each request, and again after a 401 to send a new token."""
        return self.path.read_text().strip()

    async def token_async(self) -> str:
        """Return the token for an asynchronous client; other tasks continue while it waits for its source."""
        return await asyncio.to_thread(self.token)


async def batch_status(source: TokenFile) -> str:
    url, transport = "https://ief.example.com", httpx.MockTransport(answer)
    async with AsyncIefClient(url, project_id="p1", auth=Token(source.token_async), transport=transport) as ief:
        return str((await ief.get_batch_job("66273c66-f72e-4607-8769-3663d255fb83")).status)


def main(source: TokenFile) -> None:
    source.path.write_text("token-1\n")

    def renewed_meanwhile(request: httpx.Request) -> httpx.Response:
        reply = answer(request)
        if reply.status_code == 401:
            source.path.write_text("token-2\n")  # by the other program, just now
        return reply

    url, transport = "https://cce.example.com", httpx.MockTransport(renewed_meanwhile)
    with CceClient(url, project_id="p1", auth=Token(source.token), transport=transport) as cce:
        job = cce.get_job("354331b2c-229a-11e8-9c75-0255ac100ceb")
        print(job.status.phase if job.status else "?")
        good.symmetric_difference_update({"token-1", "token-2"})
        job = cce.get_job("354331b2c-229a-11e8-9c75-0255ac100ceb")
        print(job.status.phase if job.status else "?")
    print(asyncio.run(batch_status(source)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(TokenFile(Path(folder) / "token"))
