"""Responses of gateways and old servers: charsets, encodings, problems, redirects, long headers, control characters."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from cloudjobs import CceClient, errors
from cloudjobs._messages import as_utf8
from cloudjobs.auth import IamPassword, Token

from .doc_examples import ANY_URL, CARRIED, Carried, named
from .transports import Answers, serving

pytestmark = pytest.mark.anyio
CARRIERS = [carried for carried in CARRIED if carried.way.operation == CARRIED[0].way.operation]
every_carrier = pytest.mark.parametrize("carried", CARRIERS, ids=named)
TEXT = "接口不存在: é"
CHINESE = "接口不存在"


def raw(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""]).encode("latin-1") + body


def sized(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    return raw(body, f"Content-Length: {len(body)}", *headers, status=status)


async def call(carried: Carried, response: bytes) -> Any:
    """Return the model, or the error, that a response becomes over a sender."""
    with serving(lambda path: response) as server:
        async with carried.client(server.url) as client:
            try:
                return await carried.way.call(client.with_options(timeout=5))
            except errors.CloudJobsError as error:
                return error


def refused(content: bytes, content_type: str, status: int = 404, **headers: str) -> errors.APIStatusError:
    """Return the error of a synchronous call."""
    answers = Answers(status, content=content, headers={"Content-Type": content_type, **headers})
    with pytest.raises(errors.APIStatusError) as caught:
        CceClient(ANY_URL, project_id="p", transport=answers, max_retries=0).get_job("j")
    return caught.value


# Charsets


@pytest.mark.parametrize(
    ("charset", "encoding", "text"),
    [
        ("GBK", "gbk", CHINESE),
        ('"gb2312"', "gb18030", CHINESE + "𠀀"),
        ("Big5", "big5", "後端服務"),
        ("Shift_JIS", "shift_jis", "ジョブ"),
        ("utf-16", "utf-16", TEXT),
        ("UTF-16LE", "utf-16-le", TEXT),
        ("utf-32", "utf-32", TEXT),
        ("UTF-16LE", "utf-16-le", "ASCII"),
        ("iso-8859-1", "latin-1", "é"),
        ("iso-8859-1", "utf-8", TEXT),
        ("us-ascii", "utf-8", TEXT),
        ("utf8", "utf-8-sig", TEXT),
        ("gbk", "utf-8", "é作"),
        ("unknown-8bit", "utf-8", TEXT),
        ("unknown", "utf-16", TEXT),
        ("hex", "utf-8", TEXT),
        ("punycode", "utf-8", TEXT),
        ("", "utf-16-be", TEXT),
    ],
)
def test_error_in_charset_has_its_message(charset: str, encoding: str, text: str) -> None:
    body = json.dumps({"error_code": "A.1", "error_msg": text}, ensure_ascii=False).encode(encoding)
    error = refused(body, f"application/json; charset={charset}" if charset else "application/json")
    assert (error.code, error.message, error.body) == ("A.1", text, body)
    if encoding != "utf-16-be":
        assert refused(text.encode(encoding), f"text/plain; charset={charset}").message == text


def test_error_in_wrong_charset_is_shown_as_far_as_possible() -> None:
    assert refused(b"caf\xe9 \xff", "text/plain; charset=shift_jis").message == "caf\ufffd \ufffd"
    assert as_utf8(b"\xc4\xa3", "text/plain; charset=gbk").decode() == "模", "these bytes are UTF-8 too"


@every_carrier
async def test_job_in_charset_is_decoded(carried: Carried) -> None:
    body = json.dumps({"kind": CHINESE, "metadata": {"uid": "j"}}, ensure_ascii=False)
    for encoding in ("gbk", "utf-16", "utf-8"):
        job = await call(carried, sized(body.encode(encoding), f"Content-Type: application/json; charset={encoding}"))
        assert job.kind == CHINESE


def test_error_in_wide_charset_shows_no_credential() -> None:
    token = "canary-49c1d0e7"
    for encoding in ("utf-16", "utf-16-be", "utf-32"):
        body = json.dumps({"error_msg": f"no such token: {token}"}).encode(encoding)
        answers = Answers(401, content=body, headers={"Content-Type": "application/json"})
        with pytest.raises(errors.AuthenticationError) as caught:
            CceClient(ANY_URL, project_id="p", auth=Token(token), transport=answers).get_job("j")
        assert token not in f"{caught.value.message}{caught.value.body.decode(encoding)}"


# Encodings and framing


JOB = json.dumps({"kind": "Job", "metadata": {"uid": "j"}}).encode()
ZIPPED = gzip.compress(JOB, mtime=0)
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(JOB), JOB)


@every_carrier
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (JOB, ["Content-Encoding: utf-8"]),
        (JOB, ["Content-Encoding: none"]),
        (JOB, ["Content-Encoding: None, identity"]),
        (JOB, ["Content-Encoding:"]),
        (JOB, ["Content-Encoding: aws-chunked"]),
        (ZIPPED, ["Content-Encoding: utf-8, GZIP"]),
        (ZIPPED, ["Content-Encoding: identity", "Content-Encoding: gzip"]),
        (gzip.compress(ZIPPED, mtime=0), ["Content-Encoding: gzip", "Content-Encoding: gzip"]),
    ],
)
async def test_body_with_odd_content_encoding_is_read(carried: Carried, body: bytes, headers: list[str]) -> None:
    assert (await call(carried, sized(body, *headers))).kind == "Job"


@every_carrier
@pytest.mark.parametrize("encoding", ["br", "zstd", "compress", "gzip, gzip"])
async def test_body_in_encoding_that_cannot_be_read_is_invalid(carried: Carried, encoding: str) -> None:
    error = await call(carried, sized(ZIPPED, f"Content-Encoding: {encoding}"))
    assert isinstance(error, errors.InvalidResponseError)
    assert "cannot be decompressed" in str(error)


@every_carrier
@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (CHUNKED, ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]),
        (CHUNKED, ["Transfer-Encoding: chunked, chunked"]),
        (CHUNKED, ["Transfer-Encoding: gzip, chunked"]),
        (JOB, ["Transfer-Encoding: identity"]),
        (JOB, ["Transfer-Encoding:", f"Content-Length: {len(JOB)}"]),
        (JOB, [f"Content-Length: {len(JOB)}", "Content-Length: 1"]),
        (JOB, [f"Content-Length: +{len(JOB)}"]),
        (JOB, ["Content-Length: -1"]),
        (JOB, ["Content-Length:"]),
        (JOB, ["Content-Length: 1000"]),
    ],
)
async def test_body_with_odd_framing_is_no_response(carried: Carried, body: bytes, headers: list[str]) -> None:
    error = await call(carried, raw(body, *headers))
    assert type(error) is errors.APIConnectionError


@every_carrier
async def test_long_header_is_read(carried: Carried) -> None:
    token = "canary-5" + "A" * 16_376
    assert (await call(carried, sized(JOB, f"Content-Security-Policy: {'a' * 90_000}"))).kind == "Job"
    answer = sized(b"{}", f"X-Subject-Token: {token}", status="201 Created")
    with serving(lambda path: answer if "/auth/tokens" in path else sized(JOB)) as server:
        auth = IamPassword("u", "canary-6", "d", "p", iam_url=server.url)
        async with carried.client(server.url, auth=auth) as client:
            assert (await carried.way.call(client)).kind == "Job"
        assert server.headers[-1]["X-Auth-Token"] == token


# Messages


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ({"title": "Out of quota", "detail": "10 of 10 jobs", "status": 403}, "Out of quota: 10 of 10 jobs"),
        ({"title": "Out of quota"}, "Out of quota"),
        ({"detail": CHINESE, "title": None}, CHINESE),
        ({"title": 5, "detail": ["a"]}, None),
        ({"title": "Out of quota", "error_msg": "of the service"}, "of the service"),
        (["a"], None),
    ],
)
def test_problem_json_gives_title_and_detail(problem: Any, message: str | None) -> None:
    error = refused(json.dumps(problem).encode(), "application/Problem+JSON; charset=utf-8", 403)
    assert error.message == message
    assert message is None or str(error).endswith(message)
    if message != "of the service":
        assert refused(json.dumps(problem).encode(), "application/json", 403).message is None


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://other.example/login?token=canary-1#canary-2", "leads to https://other.example/login)"),
        ("https://user:canary-1@other.example:8443/a", "leads to https://other.example:8443/a)"),
        ("/console/?ticket=canary-1", "leads to /console/)"),
        ("//other.example/a", "leads to //other.example/a)"),
        ("/canary-3f70/a", "leads to /***/a)"),
    ],
)
def test_redirect_error_names_target_without_secrets(location: str, shown: str) -> None:
    answers = Answers(302, headers={"Location": location})
    with pytest.raises(errors.APIStatusError) as caught:
        CceClient(ANY_URL, project_id="p", auth=Token("canary-3f70"), transport=answers).get_job("j")
    assert shown in str(caught.value)
    assert "canary" not in str(caught.value)
    assert "leads" not in str(refused(b"", "text/plain", Location=location))


async def test_redirect_error_with_invalid_target_says_so() -> None:
    (carried,) = (each for each in CARRIERS if each.library == "aiohttp")  # httpx refuses such a response itself
    error = await call(carried, sized(b"", "Location: https://other.example:port/canary-1", status="302 Found"))
    assert str(error).endswith("302: Found (redirects are not followed)")


@pytest.mark.parametrize("control", [*map(chr, range(32)), "\x7f", *map(chr, range(0x80, 0xA0))], ids=ascii)
def test_error_text_escapes_control_characters(control: str) -> None:
    text = f"a{control}[31mb"
    error = refused(json.dumps({"error_code": text, "error_msg": text}).encode(), "application/json")
    assert str(error).isprintable()
    assert control not in str(error)
    assert error.message == text


@pytest.mark.parametrize("control", "\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ud800\udfff", ids=ascii)
def test_error_text_escapes_controls_of_text_direction(control: str) -> None:
    error = errors.CloudJobsError(f"作业 a{control}b", service="s", operation="o")
    assert str(error) == f"作业 a{ascii(control)[1:-1]}b"
