"""Certificates: which are trusted, and the errors of the others."""

from __future__ import annotations

from typing import Any

import pytest

from ..senders import Sender
from .cases import NO_RESPONSE, OK, TOKEN, Case, Expect, response
from .runner import cases_for, check

SENT = {"X-Auth-Token": TOKEN}


def secure(name: str, environment: dict[str, str], **more: Any) -> Case:
    return Case(name, **{"tls": "localhost", "url": "https://localhost:{port}", "environment": environment, **more})


CASES = [
    secure("tls-own-authority", {"SSL_CERT_FILE": "{localhost}"}, received=SENT),
    secure("tls-own-authority-kept", {"SSL_CERT_FILE": "{localhost}"}, expect=(OK,) * 3, connections=1),
    secure(
        "tls-untrusted",
        {"SSL_CERT_FILE": "{jobs}"},
        expect=(Expect("APIConnectionError", text="(?i)certificate"),),
        requests=0,
    ),
    secure(
        "tls-untrusted-by-default",
        {"SSL_CERT_FILE": ""},
        expect=(Expect("APIConnectionError", text="(?i)certificate"),),
        requests=0,
    ),
    secure(
        "tls-another-name",
        {"SSL_CERT_FILE": "{localhost}"},
        url="https://127.0.0.1:{port}",
        expect=(Expect("APIConnectionError", text="(?i)certificate"),),
        requests=0,
    ),
    secure(
        "tls-another-host",
        {"SSL_CERT_FILE": "{jobs}"},
        tls="jobs",
        expect=(Expect("APIConnectionError", text="(?i)certificate"),),
        requests=0,
    ),
    secure(
        "tls-untrusted-is-retried",
        {"SSL_CERT_FILE": "{jobs}"},
        expect=(NO_RESPONSE,),
        options={"max_retries": 2},
        requests=0,
    ),
    secure(
        "tls-to-plain-server",
        {},
        tls=None,
        expect=(Expect("APIConnectionError|APITimeoutError"),),
        requests=0,
        options={"timeout": 0.5},
    ),
    secure("tls-plain-to-secure-server", {}, url="http://localhost:{port}", expect=(NO_RESPONSE,), requests=0),
    secure(
        "tls-connection-reset",
        {},
        answers=((response()[:-1],),),
        options={"timeout": 0.3},
        expect=(Expect("APITimeoutError"),),
    ),
    secure(
        "tls-ssl-cert-file-missing",
        {"SSL_CERT_FILE": "/nonexistent/ca.pem"},
        expect=(Expect("ValueError|APIConnectionError", text="SSL_CERT_FILE"),),
        requests=0,
    ),
    secure(
        "tls-ssl-cert-file-is-a-directory",
        {"SSL_CERT_FILE": "/"},
        expect=(Expect("ValueError|APIConnectionError", text="SSL_CERT_FILE"),),
        requests=0,
    ),
    secure(
        "tls-ssl-cert-file-is-not-a-certificate",
        {"SSL_CERT_FILE": "/etc/passwd"},
        expect=(Expect("ValueError|APIConnectionError", text="SSL_CERT_FILE"),),
        requests=0,
    ),
    secure(
        "tls-ssl-cert-dir-missing",
        {"SSL_CERT_FILE": "", "SSL_CERT_DIR": "/nonexistent"},
        expect=(Expect("ValueError", text="SSL_CERT_DIR"),),
        requests=0,
    ),
    Case("plain-ssl-cert-file-missing", environment={"SSL_CERT_FILE": "/nonexistent/ca.pem"}, requests=1),
    Case(
        "plain-ssl-cert-file-is-not-a-certificate",
        environment={"SSL_CERT_FILE": "/etc/passwd"},
        requests=1,
    ),
    Case(
        "plain-ssl-cert-file-missing-over-proxy",
        url="http://service.invalid",
        auth="none",
        environment={"SSL_CERT_FILE": "/nonexistent/ca.pem", "HTTP_PROXY": "{proxy}"},
        proxy=((response(),),),
    ),
]


@pytest.mark.parametrize(("case", "sender"), cases_for(CASES))
def test_client_given_certificates_returns_result(case: Case, sender: Sender) -> None:
    check(case, sender)
