"""Takes tokens from a source of one's own, such as a vault, and keeps each as long as it is good.

Run it where the package is installed: `python examples/custom_token_source.py`. It needs no network: the transport
answers with a recorded reply, to a token that it takes.
"""

from __future__ import annotations

import asyncio
import threading

import httpx

import cloudjobs
from cloudjobs import AsyncIefClient, CceClient
from cloudjobs.auth import Token

RECORDED = {service: next(iter(cloudjobs.recordings(service).values())) for service in ("cce", "ief")}
taken_back: set[str] = set()


def answer(request: httpx.Request) -> httpx.Response:
    """The recorded reply of the service, unless the token has been taken back."""
    token = request.headers["X-Auth-Token"]
    print(f"  {request.url.host} is sent {token}")
    if token in taken_back:
        return httpx.Response(401, json={"error_msg": "the token is not good any more"})
    recording = RECORDED[request.url.host.partition(".")[0]]
    return httpx.Response(recording["status"], text=recording["body"])


class Vault:
    """Gives a token of a thousand uses: a stand-in for whatever you keep yours in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number, self._uses = 0, 0

    def token(self) -> str:
        """The token of the moment. A client calls this for each request, and once more after a 401."""
        with self._lock:
            if self._uses == 0 or f"token-{self._number}" in taken_back:
                self._number, self._uses = self._number + 1, 1000
            self._uses -= 1
            return f"token-{self._number}"

    async def token_async(self) -> str:
        """The same for an asynchronous client, which may wait for its source."""
        await asyncio.sleep(0)
        return self.token()


async def batch_job(vault: Vault) -> None:
    url, transport = "https://ief.example.com", httpx.MockTransport(answer)
    async with AsyncIefClient(url, project_id="p1", auth=Token(vault.token_async), transport=transport) as ief:
        print((await ief.get_batch_job("b1")).status)


def main() -> None:
    vault = Vault()
    url, transport = "https://cce.example.com", httpx.MockTransport(answer)
    with CceClient(url, project_id="p1", auth=Token(vault.token), transport=transport) as cce:
        for _ in range(2):
            job = cce.get_job("7d1c")
            print(job.status.phase if job.status else "?")
        taken_back.add("token-1")
        print("token-1 is taken back")
        job = cce.get_job("7d1c")
        print(job.status.phase if job.status else "?")
    asyncio.run(batch_job(vault))


if __name__ == "__main__":
    main()
