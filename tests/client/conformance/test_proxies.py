"""Which proxy of the environment a request goes through, in which form, and that none gets credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ..senders import Sender
from .cases import NO_RESPONSE, OK, Case, Expect, response
from .runner import CERTIFICATES, cases_for, check
from .servers import Steps

HTTP = "http://service.invalid:8265"
HTTPS = "https://service.invalid"
CONNECT = ("CONNECT service.invalid:443",)
PATH = "/api/v3/projects/p/jobs/job-1"
PROXIED = (f"GET {HTTP}{PATH}",)
REFUSED: tuple[Steps, ...] = ((response(b"", status="502 Bad Gateway"),),)
BASIC = "Basic dXNlcjpwYXNzdzByZA=="
"""The credentials `user:passw0rd`."""
INVALID = Expect("ValueError", text="(?i)proxy")


def plain(name: str, environment: Mapping[str, str], is_proxied: bool, url: str = HTTP, **more: Any) -> Case:
    """Return a request over plain HTTP, without credentials, to which only the proxy responds."""
    target = f"GET {url}{PATH}"
    return Case(
        name,
        proxy=((response(),),),
        url=url,
        auth="none",
        **{
            "environment": environment,
            "expect": (OK,) if is_proxied else (Expect("APIConnectionError|APITimeoutError"),),
            "proxied": (target,) if is_proxied else (),
            "options": {"timeout": 0.3},
            **more,
        },
    )


VARIABLES = [
    plain("proxy-http", {"HTTP_PROXY": "{proxy}"}, True),
    plain("proxy-http-lower-case", {"http_proxy": "{proxy}"}, True),
    plain("proxy-all", {"ALL_PROXY": "{proxy}"}, True),
    plain("proxy-all-lower-case", {"all_proxy": "{proxy}"}, True),
    plain("proxy-https-is-not-for-http", {"HTTPS_PROXY": "{proxy}"}, False),
    plain("proxy-http-before-all", {"HTTP_PROXY": "{proxy}", "ALL_PROXY": "http://127.0.0.1:9"}, True),
    plain("proxy-lower-case-first", {"http_proxy": "{proxy}", "HTTP_PROXY": "http://127.0.0.1:9"}, True),
    plain("proxy-empty", {"HTTP_PROXY": ""}, False),
    plain("proxy-without-scheme", {"HTTP_PROXY": "127.0.0.1:{proxy_port}"}, True),
    plain("proxy-by-name-without-scheme", {"HTTP_PROXY": "localhost:{proxy_port}"}, True),
    plain("proxy-all-without-scheme", {"ALL_PROXY": "127.0.0.1:{proxy_port}"}, True),
    plain("proxy-with-slash", {"HTTP_PROXY": "{proxy}/"}, True),
    plain("proxy-with-space", {"HTTP_PROXY": " {proxy} "}, True),
    plain("proxy-upper-case-scheme", {"HTTP_PROXY": "HTTP://127.0.0.1:{proxy_port}"}, True),
    plain("proxy-with-path", {"HTTP_PROXY": "{proxy}/a?b=c"}, False, expect=(INVALID,)),
    plain(
        "proxy-with-credentials",
        {"HTTP_PROXY": "http://user:passw0rd@127.0.0.1:{proxy_port}"},
        True,
        proxy_received={"Proxy-Authorization": BASIC},
    ),
    plain(
        "proxy-with-credentials-without-scheme",
        {"HTTP_PROXY": "user:passw0rd@127.0.0.1:{proxy_port}"},
        True,
        proxy_received={"Proxy-Authorization": BASIC},
    ),
    plain(
        "proxy-with-user-alone",
        {"HTTP_PROXY": "http://user@127.0.0.1:{proxy_port}"},
        True,
        proxy_received={"Proxy-Authorization": "Basic dXNlcjo="},
    ),
    plain(
        "proxy-with-encoded-credentials",
        {"HTTP_PROXY": "http://us%40er:pa%3Ass%2F@127.0.0.1:{proxy_port}"},
        True,
        proxy_received={"Proxy-Authorization": "Basic dXNAZXI6cGE6c3Mv"},
    ),
    plain("proxy-refused", {"HTTP_PROXY": "http://127.0.0.1:9"}, False, expect=(NO_RESPONSE,)),
    plain("proxy-unresolved", {"HTTP_PROXY": "http://proxy.invalid:1"}, False),
    *(
        Case(
            f"proxy-{scheme}-without-its-package",
            url=HTTP,
            auth="none",
            environment={"ALL_PROXY": f"{scheme}://127.0.0.1:{{proxy_port}}"},
            hidden=("socksio",),
            proxy=REFUSED,
            proxied=(),
            expect=(Expect("ValueError", text="(?i)socks"),),
        )
        for scheme in ("socks5", "socks5h")
    ),
    *(
        Case(
            f"proxy-{name}",
            url=HTTP,
            auth="none",
            environment={"ALL_PROXY": f"{scheme}://{login}127.0.0.1:{{proxy_port}}"},
            proxy=((),),
            proxied=("SOCKS5 service.invalid:8265",),
            requests=1,
            received={"Host": "service.invalid:8265", "Proxy-Authorization": None},
        )
        for name, scheme, login in (
            ("socks5", "socks5", ""),
            ("socks5h", "socks5h", ""),
            ("socks5-with-credentials", "socks5", "user:passw0rd@"),
        )
    ),
    Case(
        "proxy-unknown-scheme",
        url=HTTP,
        auth="none",
        environment={"HTTP_PROXY": "ftp://127.0.0.1:{proxy_port}"},
        proxy=REFUSED,
        proxied=(),
        expect=(INVALID,),
    ),
    Case("proxy-unreadable", url=HTTP, auth="none", environment={"HTTP_PROXY": "http://[::"}, expect=(INVALID,)),
    Case(
        "proxy-unreadable-port",
        url=HTTP,
        auth="none",
        environment={"HTTP_PROXY": "http://user:passw0rd@127.0.0.1:x"},
        expect=(Expect("ValueError", text="(?i)proxy", without="passw0rd"),),
    ),
    Case(
        "proxy-error",
        url=HTTP,
        auth="none",
        environment={"HTTP_PROXY": "{proxy}"},
        proxy=((response(b"{}", status="407 X"),),),
        expect=(Expect("APIStatusError", 407),),
    ),
]


def tunnel(name: str, environment: Mapping[str, str], **more: Any) -> Case:
    """Return a request over TLS to a service that a proxy leads to."""
    return Case(
        name,
        tls="jobs",
        environment={"SSL_CERT_FILE": "{jobs}", **environment},
        **{
            "proxy": ((),),
            "url": "https://jobs.example.com",
            "proxied": ("CONNECT jobs.example.com:443",),
            "received": {
                "X-Auth-Token": "token-canary-5f1e20c5",
                "Host": "jobs.example.com",
                "Proxy-Authorization": None,
            },
            "proxy_received": {"X-Auth-Token": None},
            **more,
        },
    )


TUNNELS = [
    tunnel("tunnel-https", {"HTTPS_PROXY": "{proxy}"}),
    tunnel("tunnel-https-lower-case", {"https_proxy": "{proxy}"}),
    tunnel("tunnel-all", {"ALL_PROXY": "{proxy}"}),
    tunnel("tunnel-without-scheme", {"HTTPS_PROXY": "127.0.0.1:{proxy_port}"}),
    tunnel("tunnel-kept", {"HTTPS_PROXY": "{proxy}"}, expect=(OK,) * 3, requests=3, connections=1),
    tunnel(
        "tunnel-with-credentials",
        {"HTTPS_PROXY": "http://user:passw0rd@127.0.0.1:{proxy_port}"},
        proxy_received={"Proxy-Authorization": BASIC, "X-Auth-Token": None},
    ),
    tunnel(
        "tunnel-to-port",
        {"HTTPS_PROXY": "{proxy}"},
        url="https://jobs.example.com:8443",
        proxied=("CONNECT jobs.example.com:8443",),
        received={"Host": "jobs.example.com:8443"},
    ),
    tunnel("tunnel-refused", {"HTTPS_PROXY": "{proxy}"}, proxy=REFUSED, expect=(NO_RESPONSE,), requests=0, received={}),
    tunnel(
        "tunnel-authentication-required",
        {"HTTPS_PROXY": "{proxy}"},
        proxy=((response(b"", "Proxy-Authenticate: Basic", status="407 X"),),),
        expect=(NO_RESPONSE,),
        requests=0,
        received={},
    ),
    tunnel(
        "tunnel-password-is-not-shown",
        {"HTTPS_PROXY": "http://user:passw0rd@127.0.0.1:{proxy_port}"},
        proxy=REFUSED,
        expect=(Expect("APIConnectionError", without="passw0rd"),),
        received={},
    ),
    tunnel(
        "tunnel-another-certificate",
        {"HTTPS_PROXY": "{proxy}", "SSL_CERT_FILE": str(CERTIFICATES["localhost"])},
        expect=(NO_RESPONSE,),
        requests=0,
        received={},
    ),
    tunnel(
        "tunnel-another-name",
        {"HTTPS_PROXY": "{proxy}"},
        url="https://other.example.com",
        expect=(NO_RESPONSE,),
        requests=0,
        proxied=("CONNECT other.example.com:443",),
        received={},
    ),
    tunnel(
        "tunnel-closed",
        {"HTTPS_PROXY": "{proxy}"},
        proxy=((b"HTTP/1.1 200 OK\r\n\r\nno TLS",),),
        expect=(Expect("APIConnectionError|APITimeoutError"),),
        requests=0,
        received={},
        options={"timeout": 0.5},
    ),
    tunnel(
        "tunnel-no-http",
        {"HTTPS_PROXY": "{proxy}"},
        proxy=((b"SSH-2.0\r\n\r\n",),),
        expect=(NO_RESPONSE,),
        requests=0,
        received={},
    ),
    tunnel(
        "tunnel-iam",
        {"HTTPS_PROXY": "{proxy}"},
        auth="iam",
        iam="https://jobs.example.com",
        answers={
            "/v3/auth": ((response(b"{}", "X-Subject-Token: token-canary-5f1e20c5", status="201 X"),),),
            "": ((response(),),),
        },
        requests=2,
    ),
    tunnel(
        "tunnel-socks5",
        {"ALL_PROXY": "socks5://127.0.0.1:{proxy_port}"},
        proxied=("SOCKS5 jobs.example.com:443",),
        proxy_received={},
    ),
    tunnel("tunnel-signed", {"HTTPS_PROXY": "{proxy}"}, auth="aksk", received={"Host": "jobs.example.com"}),
]

HTTP_PROXY = {"HTTP_PROXY": "{proxy}"}


def exempt(name: str, no_proxy: str, is_proxied: bool, url: str = HTTP, **more: Any) -> Case:
    """Return a request with a proxy and a `NO_PROXY`."""
    return plain(f"no-proxy-{name}", {**HTTP_PROXY, "NO_PROXY": no_proxy}, is_proxied, url, **more)


EXEMPT = [
    exempt("host", "service.invalid", False),
    exempt("host-upper-case", "SERVICE.INVALID", False),
    exempt("another-host", "elsewhere.invalid", True),
    exempt("suffix-with-dot", ".invalid", False),
    exempt("suffix-without-dot", "invalid", False),
    exempt("part-of-a-name", "vice.invalid", True),
    exempt("suffix-of-another", "other-service.invalid", True),
    exempt("subdomain", "service.invalid", False, "http://a.service.invalid"),
    exempt("subdomain-of-dotted", ".service.invalid", False, "http://a.service.invalid"),
    exempt("wildcard", "*", False),
    exempt("wildcard-suffix", "*.invalid", False),
    exempt("host-and-port", "service.invalid:8265", False),
    exempt("host-and-another-port", "service.invalid:1", True),
    exempt("several", "a.invalid,service.invalid,b.invalid", False),
    exempt("several-with-spaces", "a.invalid , service.invalid , b.invalid", False),
    exempt("several-by-spaces", "a.invalid service.invalid", False),
    exempt("empty", "", True),
    exempt("commas", ",,", True),
    plain("no-proxy-lower-case-variable", {**HTTP_PROXY, "no_proxy": "service.invalid"}, False),
    exempt("final-dot", "service.invalid.", False),
    exempt("scheme", "http://service.invalid", True),
    exempt("ipv4", "192.0.2.5", False, "http://192.0.2.5:81"),
    exempt("another-ipv4", "192.0.2.6", True, "http://192.0.2.5:81"),
    exempt("ipv4-and-port", "192.0.2.5:81", False, "http://192.0.2.5:81"),
    exempt("ipv4-network", "192.0.2.0/24", False, "http://192.0.2.5:81"),
    exempt("ipv4-network-of-one", "192.0.2.5/32", False, "http://192.0.2.5:81"),
    exempt("another-ipv4-network", "198.51.100.0/24", True, "http://192.0.2.5:81"),
    exempt("ipv4-network-with-host-bits", "192.0.2.77/24", False, "http://192.0.2.5:81"),
    exempt("ipv4-prefix", "192.0.2.", True, "http://192.0.2.5:81"),
    exempt("ipv6", "2001:db8::1", False, "http://[2001:db8::1]:81"),
    exempt("ipv6-in-brackets", "[2001:db8::1]", False, "http://[2001:db8::1]:81"),
    exempt("ipv6-in-brackets-and-port", "[2001:db8::1]:81", False, "http://[2001:db8::1]:81"),
    exempt("ipv6-long-form", "2001:0db8:0:0:0:0:0:1", False, "http://[2001:db8::1]:81"),
    exempt("ipv6-network", "2001:db8::/32", False, "http://[2001:db8::1]:81"),
    exempt("another-ipv6-network", "fd07:b51a:cc66:f0::/64", True, "http://[2001:db8::1]:81"),
    exempt("ipv6-network-and-name", "localhost,fd07:b51a:cc66:f0::/64", True),
    exempt("unique-local-network", "fd07::/64", True),
    exempt("loopback-in-brackets", "localhost,[::1]", True),
    exempt("invalid-network", "192.0.2.0/99", True),
    exempt("invalid-entry", "[::,%zz,a b:c:d", True),
    exempt("not-ascii", "\u00fc.invalid", True),
    Case(
        "no-proxy-tunnel",
        url=HTTPS,
        environment={"HTTPS_PROXY": "{proxy}", "NO_PROXY": "service.invalid"},
        proxy=REFUSED,
        proxied=(),
        expect=(Expect("APIConnectionError|APITimeoutError"),),
        options={"timeout": 0.3},
    ),
    Case(
        "no-proxy-tunnel-another",
        url=HTTPS,
        environment={"HTTPS_PROXY": "{proxy}", "NO_PROXY": "elsewhere.invalid"},
        proxy=REFUSED,
        proxied=CONNECT,
        expect=(NO_RESPONSE,),
    ),
    Case(
        "no-proxy-tunnel-port-443",
        url=HTTPS,
        environment={"HTTPS_PROXY": "{proxy}", "NO_PROXY": "service.invalid:443"},
        proxy=REFUSED,
        proxied=(),
        expect=(Expect("APIConnectionError|APITimeoutError"),),
        options={"timeout": 0.3},
    ),
]

ALL = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"), "{proxy}")
LOOPBACK = [
    *(
        Case(f"loopback-{variable}", environment={variable: "{proxy}"}, proxy=REFUSED, proxied=(), requests=1)
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    ),
    Case("loopback-name", environment=ALL, url="http://localhost:{port}", proxy=REFUSED, proxied=(), requests=1),
    Case(
        "loopback-name-upper-case",
        environment=ALL,
        url="http://LocalHost:{port}",
        proxy=REFUSED,
        proxied=(),
        requests=1,
    ),
    Case(
        "loopback-another-address",
        environment=ALL,
        url="http://127.8.9.10:{port}",
        proxy=REFUSED,
        proxied=(),
        expect=(NO_RESPONSE,),
    ),
    Case("loopback-ipv6", environment=ALL, host="::1", proxy=REFUSED, proxied=(), requests=1),
    Case(
        "loopback-ipv6-mapped",
        environment=ALL,
        url="http://[::ffff:127.0.0.1]:{port}",
        proxy=REFUSED,
        proxied=(),
        requests=1,
    ),
    Case(
        "loopback-subdomain",
        environment=ALL,
        url="http://jobs.localhost:{port}",
        proxy=REFUSED,
        proxied=(),
        expect=(Expect("job|APIConnectionError"),),
    ),
    Case(
        "loopback-https",
        environment=ALL,
        tls="localhost",
        url="https://localhost:{port}",
        proxy=REFUSED,
        proxied=(),
        requests=1,
    ),
    Case(
        "loopback-iam",
        {
            "/v3/auth": ((response(b"{}", "X-Subject-Token: token-canary-5f1e20c5", status="201 X"),),),
            "": ((response(),),),
        },
        environment=ALL,
        auth="iam",
        proxy=REFUSED,
        proxied=(),
        requests=2,
    ),
    Case(
        "loopback-iam-alone",
        {"/v3/auth": ((response(b"{}", "X-Subject-Token: token-canary-5f1e20c5", status="201 X"),),)},
        (NO_RESPONSE,),
        environment=ALL,
        url=HTTPS,
        auth="iam",
        proxy=REFUSED,
        proxied=CONNECT,
        requests=1,
    ),
    Case(
        "loopback-no-proxy-of-others",
        environment={**ALL, "NO_PROXY": "elsewhere.invalid"},
        proxy=REFUSED,
        proxied=(),
        requests=1,
    ),
    Case(
        "remote-plain-http-with-credentials",
        url=HTTP,
        environment=ALL,
        proxy=REFUSED,
        proxied=(),
        expect=(Expect("ValueError", text="https"),),
    ),
    Case(
        "remote-plain-http-allowed",
        url=HTTP,
        environment=HTTP_PROXY,
        proxy=((response(),),),
        options={"allow_insecure": True},
        proxied=PROXIED,
        tunnelled_token=True,
    ),
]


@pytest.mark.parametrize(("case", "sender"), cases_for([*VARIABLES, *TUNNELS]))
def test_client_given_proxy_sends_request(case: Case, sender: Sender) -> None:
    check(case, sender)


@pytest.mark.parametrize(("case", "sender"), cases_for([*EXEMPT, *LOOPBACK]))
def test_client_given_exempt_host_uses_no_proxy(case: Case, sender: Sender) -> None:
    check(case, sender)
