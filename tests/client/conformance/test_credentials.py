"""Requests as they are received: targets, fields, tokens, and the identity service."""

from __future__ import annotations

from typing import Any

import pytest

from ..senders import Sender
from .cases import OK, TOKEN, Case, Expect, error, response
from .runner import LONG_TOKEN, cases_for, check

TOKENS = r"/v3/auth/tokens"
PATH = "/api/v3/projects/p/jobs/"


def issued(
    token: str = TOKEN, *fields: str, body: bytes = b'{"token": {"expires_at": "2100-01-01T00:00:00Z"}}'
) -> bytes:
    """Return the response of the identity service."""
    return response(body, f"X-Subject-Token: {token}", *fields, status="201 Created")


def with_iam(iam: Any, *answers: bytes) -> dict[str, Any]:
    return {
        TOKENS: iam if isinstance(iam, tuple) else ((iam,),),
        "": tuple((each,) for each in answers or (response(),)),
    }


REQUESTS = [
    Case(
        "request-target",
        target=f"{PATH}job-1",
        received={
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Cookie": None,
            "X-Auth-Token": TOKEN,
            "Content-Type": "application/json",
        },
    ),
    Case("request-host", url="http://localhost:{port}", received={"X-Auth-Token": TOKEN}),
    Case("request-to-ipv6", url="{server}", host="::1"),
    Case("request-below-path", url="{server}/below/", target=f"/below{PATH}job-1"),
    Case("request-below-encoded-path", url="{server}/a%2Fb%20c", target=f"/a%2Fb%20c{PATH}job-1"),
    Case("request-upper-case-host", url="http://LOCALHOST:{port}"),
    Case("request-id-with-slash", job_id="a/b", target=f"{PATH}a%2Fb", expect=(Expect("job"),)),
    Case("request-id-with-space", job_id="a b", target=f"{PATH}a%20b", expect=(Expect("job"),)),
    Case("request-id-with-percent", job_id="a%2Fb", target=f"{PATH}a%252Fb", expect=(Expect("job"),)),
    Case("request-id-with-question-mark", job_id="a?b=c", target=f"{PATH}a%3Fb%3Dc", expect=(Expect("job"),)),
    Case("request-id-with-hash", job_id="a#b", target=f"{PATH}a%23b", expect=(Expect("job"),)),
    Case("request-id-not-ascii", job_id="\u4efb\u52a1", target=f"{PATH}%E4%BB%BB%E5%8A%A1", expect=(Expect("job"),)),
    Case(
        "request-id-with-line-end",
        job_id="a\r\nX-A: b",
        target=f"{PATH}a%0D%0AX-A%3A%20b",
        received={"X-A": None},
        expect=(Expect("job"),),
    ),
    Case(
        "request-id-with-reserved",
        job_id="!$&'()*+,;=:@",
        target=f"{PATH}%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40",
        expect=(Expect("job"),),
    ),
    Case("request-id-with-dots", job_id="..x", target=f"{PATH}..x", expect=(Expect("job"),)),
    Case("request-id-two-dots", job_id="..", expect=(Expect("ValueError"),), requests=0),
    Case("request-id-of-5000-characters", job_id="j" * 5000, target=f"{PATH}{'j' * 5000}", expect=(Expect("job"),)),
    Case("request-id-of-70000-characters", job_id="j" * 70_000, expect=(Expect("ValueError"),), requests=0),
    Case("request-extra-field", call_options={"headers": {"X-A": "b"}}, received={"X-A": "b"}),
    Case("request-extra-field-empty", call_options={"headers": {"X-A": ""}}, received={"X-A": ""}),
    Case(
        "request-extra-field-of-16-kb", call_options={"headers": {"X-A": "b" * 16_000}}, received={"X-A": "b" * 16_000}
    ),
    Case("request-extra-cookie", call_options={"headers": {"Cookie": "a=b"}}, received={"Cookie": "a=b"}),
    Case("request-agent", call_options={"headers": {"User-Agent": "their-program/2"}}),
    Case(
        "request-connection-field",
        received={"Transfer-Encoding": None, "Content-Length": None, "Expect": None, "Upgrade": None},
    ),
    Case("request-without-credentials", auth="none", received={"X-Auth-Token": None, "Authorization": None}),
]

CREDENTIALS = [
    Case("token-of-16384-characters", auth="long", received={"X-Auth-Token": LONG_TOKEN}),
    Case("token-refused", ((response(b"{}", status="401 X"),),), (error(401),), requests=1),
    Case("signature", auth="aksk", requests=1, received={"X-Auth-Token": None}),
    *(
        Case(
            f"signature-after-odd-date-{name}",
            ((response(b"{}", f"Date: {date}", status="401 X"),),),
            (error(401),),
            auth="aksk",
            requests=1,
        )
        for name, date in {
            "garbage": "soon",
            "empty": "",
            "year-9999": "Fri, 31 Dec 9999 23:59:59 GMT",
            "year-1": "Mon, 01 Jan 0001 00:00:00 GMT",
            "year-99999": "Fri, 31 Dec 99999 23:59:59 GMT",
            "february-31": "Fri, 31 Feb 2026 00:00:00 GMT",
            "far-zone": "Mon, 01 Jan 0001 00:00:00 +2359",
            "number": "1700000000",
            "digits": "\u0669",
        }.items()
    ),
    Case("iam", with_iam(issued()), auth="iam", requests=2, connections=1, received={"X-Auth-Token": TOKEN}),
    Case("iam-token-is-kept", with_iam(issued()), (OK,) * 3, auth="iam", requests=4),
    Case(
        "iam-token-of-12004-characters",
        with_iam(issued(LONG_TOKEN[:12_004])),
        auth="iam",
        received={"X-Auth-Token": LONG_TOKEN[:12_004]},
    ),
    Case(
        "iam-token-of-16384-characters",
        with_iam(issued(LONG_TOKEN)),
        auth="iam",
        received={"X-Auth-Token": LONG_TOKEN},
    ),
    Case(
        "iam-token-missing", with_iam(response(b"{}", status="201 Created")), (Expect("TokenError", 201),), auth="iam"
    ),
    Case(
        "iam-refuses",
        with_iam(response(b'{"error": {"code": 401, "message": "no"}}', status="401 X")),
        (Expect("TokenError", 401),),
        auth="iam",
        requests=1,
    ),
    Case(
        "iam-redirects",
        with_iam(response(b"", "Location: https://elsewhere.example.com/", status="302 X")),
        (Expect("TokenError", 302),),
        auth="iam",
        requests=1,
    ),
    Case(
        "iam-redirects-to-invalid",
        with_iam(response(b"", "Location: https://[::", status="302 X")),
        (Expect("TokenError", 302),),
        auth="iam",
        requests=1,
    ),
    Case(
        "iam-without-response",
        {TOKENS: (((),)), "": ((response(),),)},
        (Expect("APITimeoutError"),),
        auth="iam",
        options={"timeout": 0.3},
    ),
    Case(
        "iam-response-compressed",
        {TOKENS: ((issued(TOKEN, "Content-Encoding: gzip", body=b"no gzip"),),), "": ((response(),),)},
        (Expect("APIConnectionError"),),
        auth="iam",
    ),
    Case(
        "iam-response-of-2-mib",
        with_iam(issued(body=b" " * 2_097_152)),
        (Expect("TokenError", 201),),
        auth="iam",
        memory=32,
    ),
    Case(
        "iam-token-with-odd-expiry",
        with_iam(issued(body=b'{"token": {"expires_at": "soon"}}')),
        auth="iam",
        received={"X-Auth-Token": TOKEN},
    ),
    Case(
        "iam-token-with-odd-date",
        with_iam(issued(TOKEN, "Date: Fri, 31 Dec 99999 23:59:59 GMT")),
        auth="iam",
        received={"X-Auth-Token": TOKEN},
    ),
    Case(
        "iam-token-refused-then-renewed",
        with_iam(((issued("first-token-1"),), (issued(),)), response(), response(b"{}", status="401 X"), response()),
        (OK, OK),
        auth="iam",
        requests=5,
        received={"X-Auth-Token": TOKEN},
    ),
]


@pytest.mark.parametrize(("case", "sender"), cases_for([*REQUESTS, *CREDENTIALS]))
def test_client_sends_request_and_credentials(case: Case, sender: Sender) -> None:
    check(case, sender)
