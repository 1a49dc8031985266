"""Calls a service behind a company's own certificate authority and proxy.

`python examples/own_ca_and_proxy.py URL CA_FILE JOB_ID [PROXY]`, such as
`python examples/own_ca_and_proxy.py https://cce.corp.example company-ca.pem 354331b2c http://proxy.corp.example:3128`.

Where the settings are those of the whole machine, no code is needed: the clients read SSL_CERT_FILE, HTTPS_PROXY and
NO_PROXY from the environment.
"""

from __future__ import annotations

import ssl
import sys

import httpx

from cloudjobs import CceClient
from cloudjobs.errors import APIConnectionError


def job_phase(url: str, ca_file: str, job_id: str, proxy: str | None = None) -> str:
    # With `cafile`, a context trusts this authority only.
    trusted = ssl.create_default_context(cafile=ca_file)
    # trust_env=False: the given proxy is used, and the environment is ignored.
    with (
        httpx.Client(verify=trusted, proxy=proxy, trust_env=False) as http,
        CceClient(url, project_id="p1", http_client=http, auth=None) as cce,
    ):
        job = cce.get_job(job_id)
    return (job.status.phase if job.status else None) or "unknown"


if __name__ == "__main__":
    try:
        print(job_phase(*sys.argv[1:]))
    except APIConnectionError as error:
        sys.exit(f"{error}\n{error.__cause__}")
