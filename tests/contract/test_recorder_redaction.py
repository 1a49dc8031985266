"""A secret in each form of body, address and header is taken out of recordings and reports, and the rest stays."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from generator.cli import main
from generator.contract.redaction import MARK, Secrets

from .test_recorder import get, plain, recorded

SECRET = "kanarie+Z9/x4&Q7<v2"
XML = html.escape(SECRET, quote=False)
GRAPHQL = f'mutation {{ login(user: "KEPT", password: {json.dumps(SECRET)}) {{ id }} }}'
MULTIPART = (
    f'--B\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n\r\n{SECRET}\r\n'
    '--B\r\nContent-Disposition: form-data; name="user"\r\n\r\nKEPT\r\n--B--\r\n'
)
BODIES = {
    "JSON": json.dumps({"kept": "KEPT", "password": SECRET}),
    "JSON, snake case": json.dumps({"kept": "KEPT", "db_secret_key": SECRET}),
    "JSON, kebab case": json.dumps({"kept": "KEPT", "Client-Secret": SECRET}),
    "JSON, camel case": json.dumps({"kept": "KEPT", "refreshToken": SECRET}),
    "JSON, pin": json.dumps({"kept": "KEPT", "pin": SECRET}),
    "JSON, name and value": json.dumps({"kept": "KEPT", "env": [{"name": "DB_PASSWORD", "value": SECRET}]}),
    "JSON, value inside": json.dumps({"kept": "KEPT", "password": {"value": SECRET}}),
    "JSON, name twice": f'{{"kept": "KEPT", "password": {json.dumps(SECRET)}, "password": ""}}',
    "JSON in a text": json.dumps({"kept": "KEPT", "text": json.dumps({"password": SECRET})}),
    "base64 in a field": json.dumps(
        {"kept": "KEPT", "x": base64.b64encode(json.dumps({"password": SECRET}).encode()).decode()}
    ),
    "GraphQL, inline": json.dumps({"query": GRAPHQL}),
    "GraphQL, block string": json.dumps({"query": f'{{ login(kept: "KEPT", password: """{SECRET}""") }}'}),
    "GraphQL, variables": json.dumps({"query": "query KEPT { a }", "variables": {"password": SECRET}}),
    "GraphQL, document alone": GRAPHQL,
    "NDJSON": f"{json.dumps({'kept': 'KEPT'})}\n{json.dumps({'password': SECRET})}\n",
    "events": f"event: KEPT\ndata: {json.dumps({'password': SECRET})}\n\n",
    "multipart": MULTIPART,
    "XML element": f"<a><kept>KEPT</kept><password>{XML}</password></a>",
    "XML namespace": f"<x:a><x:kept>KEPT</x:kept><x:Password x:a='1'>{XML}</x:Password></x:a>",
    "XML attribute": f"<a kept='KEPT' password='{XML}'/>",
    "XML attribute with spaces": f"<a kept='KEPT' password='a {XML} b'/>",
    "XML CDATA": f"<a><kept>KEPT</kept><secret>\n<![CDATA[{SECRET}]]>\n</secret></a>",
    "XML in CDATA": f"<a><kept>KEPT</kept><b><![CDATA[<password>{XML}</password>]]></b></a>",
    "XML name and value": f"<a><kept>KEPT</kept><entry key='password'>{XML}</entry></a>",
    "XML attributes name and value": f"<a kept='KEPT'><add key='password' value='{XML}'/></a>",
    "XML escaped": f"<a><kept>KEPT</kept><b>{html.escape(f'<password>{XML}</password>')}</b></a>",
    "plist": f"<dict><key>kept</key><string>KEPT</string><key>password</key><string>{XML}</string></dict>",
    "WS-Security": (
        "<s:Envelope><s:Header><wsse:Security><wsse:UsernameToken><wsse:Username>KEPT</wsse:Username>"
        f'<wsse:Password Type="http://docs.example.com/x#PasswordText">{XML}</wsse:Password>'
        "</wsse:UsernameToken></wsse:Security></s:Header></s:Envelope>"
    ),
    "text": f"user=KEPT password={quote(SECRET)}\n",
    "text, quoted": f'user=KEPT password="a {SECRET} b"\n',
    "text, line of YAML": f"user: KEPT\npassword: a {SECRET} b\n",
    "text, cookie header": f"KEPT\nCookie: a=b; c={SECRET}\n",
    "text, escaped JSON": f'KEPT {{\\"password\\": \\"a {SECRET.replace("&", "")}\\"}}'.replace("&", ""),
    "text, encoded assignment": f"KEPT /login?next=%2Fa%3Fpassword%3D{quote(SECRET, safe='')}",
    "address, userinfo": f"KEPT https://user:{quote(SECRET, safe='')}@db.example.com/x",
    "address, encoded userinfo": f"KEPT https%3A%2F%2Fuser%3A{quote(SECRET, safe='')}%40db.example.com",
    "address, fragment": f"KEPT https://a.example.com/#access_token={quote(SECRET, safe='')}",
}
FORMS = {
    SECRET,
    XML,
    quote(SECRET, safe=""),
    quote(SECRET),
    json.dumps(SECRET)[1:-1],
    base64.b64encode(SECRET.encode()).decode(),
}

LOWER = re.sub("%..", lambda match: match[0].lower(), quote(SECRET, safe=""))


def exposed(text: str) -> list[str]:
    """Return the forms of the secret, or its larger part, that a text has; base64 is decoded first."""
    found = [form for form in {*FORMS, "kanarie", "Z9", "v2"} if form in text]
    for entry in json.loads(text)["log"]["entries"] if text.startswith("{") else ():
        content = entry["response"]["content"]
        if content.get("encoding") == "base64":
            data = base64.b64decode(content["text"])
            found += [
                form for form in FORMS if form.encode() in (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
            ]
    return found


def reply(body: str | bytes, media_type: str = "text/plain", **headers: str) -> Any:
    content = body.encode() if isinstance(body, str) else body
    return lambda request: httpx.Response(200, content=content, headers={"Content-Type": media_type, **headers})


@pytest.mark.parametrize("name", BODIES)
def test_recorder_response_body_with_secret_is_redacted(tmp_path: Path, name: str) -> None:
    _, text = recorded(tmp_path, reply(BODIES[name]), get())
    assert exposed(text) == []
    assert "KEPT" in text
    assert MARK in text or "in a field" in name


@pytest.mark.parametrize("name", BODIES)
def test_recorder_request_body_with_secret_is_redacted(tmp_path: Path, name: str) -> None:
    media_type = "multipart/form-data; boundary=B" if name == "multipart" else "text/plain"
    sent = httpx.Request(
        "POST", "http://127.0.0.1:8011/x", content=BODIES[name].encode(), headers={"Content-Type": media_type}
    )
    _, text = recorded(tmp_path, plain, sent)
    assert exposed(text) == []
    assert "KEPT" in text


@pytest.mark.parametrize("name", ["JSON", "multipart", "XML element", "GraphQL, inline"])
@pytest.mark.parametrize("packed", ["gzip request", "gzip file", "deflate", "UTF-16", "GBK", "base64"])
def test_recorder_encoded_body_with_secret_is_redacted(tmp_path: Path, name: str, packed: str) -> None:
    body = BODIES[name]
    data, headers = {
        "gzip request": (gzip.compress(body.encode()), {"Content-Encoding": "gzip"}),
        "gzip file": (gzip.compress(body.encode()), {}),
        "deflate": (zlib.compress(body.encode()), {"Content-Encoding": "deflate"}),
        "UTF-16": (body.encode("utf-16"), {"Content-Type": "text/plain; charset=utf-16"}),
        "GBK": (f"中{body}".encode("gbk"), {}),
        "base64": (base64.b64encode(body.encode()), {}),
    }[packed]
    sent = httpx.Request("POST", "http://127.0.0.1:8011/x", content=data, headers=headers)
    har, text = recorded(tmp_path, plain, sent)
    written = har["log"]["entries"][0]["request"]["postData"]["text"]
    clean = base64.b64decode(written)
    if packed in ("gzip request", "gzip file"):
        clean = gzip.decompress(clean)
    elif packed == "deflate":
        clean = zlib.decompress(clean)
    shown = clean.decode("utf-16" if packed == "UTF-16" else "latin-1")
    assert exposed(text) == []
    assert [form for form in FORMS if form in shown] == []
    assert MARK in shown


def test_recorder_body_of_unknown_encoding_is_fully_redacted(tmp_path: Path) -> None:
    sent = httpx.Request(
        "POST", "http://127.0.0.1:8011/x", content=b"\x8b\x02\x80kept", headers={"Content-Encoding": "br"}
    )
    har, _ = recorded(tmp_path, plain, sent)
    assert har["log"]["entries"][0]["request"]["postData"]["text"] == MARK


@pytest.mark.parametrize("name", ["X-Auth-Token", "X-Subject-Token", "Set-Cookie", "X-House-Secret", "X-House-Key"])
def test_recorder_response_header_with_secret_is_redacted(tmp_path: Path, name: str) -> None:
    _, text = recorded(tmp_path, reply("KEPT", **{name: SECRET}), get())
    assert exposed(text) == []


@pytest.mark.parametrize(
    "address",
    [
        f"https://user:{quote(SECRET, safe='')}@a.example.com/x",
        f"https%3A%2F%2Fuser%3A{quote(SECRET, safe='')}%40a.example.com%2Fx",
        f"https://a.example.com/x?next=https%3A%2F%2Fu%3A{quote(quote(SECRET, safe=''), safe='')}%40b.example.com",
        f"https://a.example.com/x;jsessionid={quote(SECRET, safe='')}?a=b",
        f"https://a.example.com/#access_token={quote(SECRET, safe='')}",
        f"http://[::1/?password={quote(SECRET, safe='')}",
    ],
)
def test_recorder_location_with_secret_is_redacted(tmp_path: Path, address: str) -> None:
    har, text = recorded(tmp_path, reply("KEPT", Location=address), get())
    assert exposed(text) == []
    assert har["log"]["entries"][0]["response"]["redirectURL"]


def test_recorder_response_token_quoted_later_is_redacted(tmp_path: Path) -> None:
    spellings = [SECRET, html.escape(SECRET), quote(SECRET, safe=""), LOWER]
    spellings += [json.dumps(SECRET).replace("/", "\\/"), base64.b64encode(b"ab" + SECRET.encode() + b"c").decode()]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("login"):
            return httpx.Response(200, json={"access": {"access_token": SECRET}, "state": "running"})
        return httpx.Response(200, text=f"running: {spellings[int(request.url.path[-1])]} KEPT")

    _, text = recorded(tmp_path, answer, get("/login"), *(get(f"/{number}") for number in range(len(spellings))))
    assert exposed(text) == []
    assert base64.b64encode(SECRET.encode()).decode()[4:12] not in text
    assert text.count("KEPT") == len(spellings)
    assert "running" in text


def test_redaction_keeps_keys_types_and_other_values() -> None:
    data = {"password": SECRET, "token": {"expires_at": "2026-01-01", "roles": ["a"]}, "n": 3, "ok": True, "none": None}
    assert Secrets().json(data) == {**data, "password": MARK}
    for text in (
        "state: running",
        "<p>Job</p>",
        "2024-05-01 08:00:00 +0000 UTC",
        "https://a.example.com/v1/tokens:refresh",
    ):
        assert Secrets().body(text, "text/plain").removesuffix(MARK) in (text, "https://a.example.com/v1/tokens:")


@pytest.mark.parametrize("body", ["[" * 400 + "]" * 400, '{"a": "\\ud800", "password": "x\\ud800"}'])
def test_recorder_unusual_json_body_is_recorded(tmp_path: Path, body: str) -> None:
    har, _ = recorded(tmp_path, reply(body, "application/json"), get())
    assert len(har["log"]["entries"]) == 1


def test_check_command_report_contains_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"access_token": "kanarie-Z9x4Q7v2L8", "x": "kanarie-Z9x4Q7v2L8", "kanarie-Z9x4Q7v2L8": 1}
    request = {"method": "GET", "url": "https://x/api/v3/projects/p/jobs/j", "headers": []}
    response = {
        "status": 200,
        "headers": [],
        "content": {"mimeType": "application/json", "text": json.dumps(body)},
    }
    har = tmp_path / "x.har"
    har.write_text(json.dumps({"log": {"entries": [{"request": request, "response": response}]}}))
    for form in ("text", "json", "junit", "sarif"):
        assert main(["contract", "check", "--har", str(har), "--format", form]) == 1
        assert "kanarie" not in capsys.readouterr().out
