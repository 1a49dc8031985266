"""Calls through a custom httpx client, with its own timeouts, proxies, hooks and certificates.

Run it where the package is installed: `python examples/own_http_client.py`. It needs no network: the transport answers
with a recorded response.
"""

from __future__ import annotations

import httpx

import cloudjobs
from cloudjobs import CceClient, IefClient

seen: list[str] = []


def recorded(service: str, name: str) -> httpx.Response:
    recording = cloudjobs.recordings(service)[name]
    return httpx.Response(recording["status"], text=recording["body"], headers={"X-Request-Id": "r-1"})


def answer(request: httpx.Request) -> httpx.Response:
    if request.url.host.startswith("cce"):
        return recorded("cce", "get-job-running")
    return recorded("ief", "get-batch-job-successful")


def remember(response: httpx.Response) -> None:
    seen.append(f"{response.request.method} {response.request.url} -> {response.status_code}")


def main() -> None:
    # Pass options of httpx.Client here, such as proxy=, verify= or limits=. This one is shared by two services.
    with httpx.Client(
        transport=httpx.MockTransport(answer),
        timeout=httpx.Timeout(10, connect=2),
        headers={"User-Agent": "acme-deployer/1.4"},
        event_hooks={"response": [remember]},
    ) as http:
        cce = CceClient("https://cce.example.com", project_id="p1", http_client=http)
        ief = IefClient("https://ief.example.com", project_id="p1", http_client=http)
        job = cce.get_job("354331b2c-229a-11e8-9c75-0255ac100ceb")
        batch = ief.with_options(timeout=30, max_retries=0).get_batch_job("66273c66-f72e-4607-8769-3663d255fb83")
        print(job.status.phase if job.status else "?", batch.status)

        # The response before it is decoded.
        raw = cce.with_raw_response.get_job("354331b2c-229a-11e8-9c75-0255ac100ceb")
        print(raw.status_code, raw.headers["X-Request-Id"], f"{len(raw.content)} bytes")

        # Closing a client leaves the httpx client open: close it where it was created.
        cce.close()
        print("closed" if http.is_closed else "still open")
    print(*seen, sep="\n")


if __name__ == "__main__":
    main()
