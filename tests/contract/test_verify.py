"""`contract verify` over a real connection: badly written providers are caught, sound ones are not; nothing leaks."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Generator, Iterator
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from generator.cli import main
from generator.contract.live import Provider, Unreachable

from .bad_provider import FAULTS, JOB, BadProvider, applicable_faults, whole_response
from .contracts import contracts, operations
from .ports import listening

pytestmark = pytest.mark.usefixtures("serves")

SECRET = "kanarie-Z9x4Q7v2L8"
QUICK = ("--rate", "10000", "--interval", "0", "--cases", "0", "--polls", "8", "--stuck-after", "5")
"""Without cases of schemathesis, which take a second for each run."""

NEEDS_CASES = ("valid-limit-refused",)
"""Faults that no other request shows."""

BY = {
    "value-out-of-range": "schema",
    "undocumented-field": "undocumented-field",
    "missing-required": "schema",
    "new-value-in-a-closed-list": "schema",
    "no-authentication": "security",
    "negative-limit-accepted": "parameter",
    "valid-limit-refused": "refused",
    "plain-text-errors": "media-type",
    "limit-ignored": "limit-ignored",
    "job-stuck": "job-stuck",
    "progress-falling": "progress-fell",
    "terminal-state-left": "terminal-state-left",
}
"""The rule that each fault breaks, among others."""


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDJOBS_TOKEN", SECRET)


@pytest.fixture
def asked() -> list[str]:
    """Methods of the requests that came."""
    return []


def noting_methods(app: ASGIApp, asked: list[str]) -> ASGIApp:
    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["method"])
        await app(scope, receive, send)

    return noted


def verify(url: str, service: str, *more: str) -> int:
    jobs = ["--job", JOB] if any("argument" in each.node["x-poll"] for each in of(service)) else []
    return main(["contract", "verify", url, "--service", service, *QUICK, *jobs, *more])


def of(service: str) -> list[Any]:
    return [each for each in operations() if each.service == service]


def faults() -> Iterator[tuple[str, str]]:
    """Yield each fault with the service that has places for all; job faults also with a service of single jobs."""
    whole = max(contracts(), key=lambda service: len(applicable_faults(service)))
    yield from ((whole, fault) for fault in FAULTS)
    alone = next(
        service for service in contracts() if service != whole and "progress-falling" in applicable_faults(service)
    )
    yield from ((alone, fault) for fault in ("job-stuck", "progress-falling", "terminal-state-left"))


@pytest.mark.parametrize(("service", "fault"), list(faults()))
def test_verify_faulty_provider_is_reported(
    service: str, fault: str, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(noting_methods(BadProvider(service, fault), asked)) as url:
        assert verify(url, service, "--format", "json", "--cases", "8" if fault in NEEDS_CASES else "0") == 1
    report = json.loads(capsys.readouterr().out)
    new = [each for each in report["findings"] if each["severity"] == "violation" and not each["known"]]
    assert BY[fault] in {each["rule"] for each in new}
    assert set(asked) == {"GET"}


def test_verify_with_one_case_tries_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    listing = listing_operation()
    with listening(BadProvider(listing.service, "negative-limit-accepted")) as url:
        assert verify(url, listing.service, "--format", "json", "--cases", "1") == 1
    assert "parameter" in {each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]}


def test_verify_with_one_case_requests_pages(capsys: pytest.CaptureFixture[str]) -> None:
    listing = listing_operation()
    sound = BadProvider(listing.service)

    async def from_the_start(scope: Scope, receive: Receive, send: Send) -> None:
        query = re.sub(rb"\boffset=[0-9]+", b"offset=0", scope["query_string"])
        await sound({**scope, "query_string": query}, receive, send)

    with listening(from_the_start) as url:
        assert verify(url, listing.service, "--format", "json", "--cases", "1") == 1
    assert {each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]} == {"offset-ignored"}


@pytest.mark.parametrize("service", contracts())
def test_verify_sound_provider_has_no_findings(
    service: str, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(noting_methods(BadProvider(service), asked)) as url:
        assert verify(url, service, "--cases", "8") == 0
    said = capsys.readouterr()
    assert re.search(r"^[0-9]+ exchange\(s\) checked: 0 violation\(s\), 0 known, 0 notice\(s\)$", said.out, re.M)
    assert set(asked) == {"GET"}
    # The polls, the first request, and the one for a missing job.
    assert len(asked) >= 8 + 1 + 2


def changing(app: ASGIApp, change: Any) -> ASGIApp:
    """Return the application with other bodies.

    `change` gets scope, status and body, and gives status, headers and body.
    """

    async def changed(scope: Scope, receive: Receive, send: Send) -> None:
        head, body = await whole_response(app, scope, receive)
        status, body = change(scope, head["status"], body)
        headers = [(name, value) for name, value in head["headers"] if name != b"content-length"]
        await send({**head, "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return changed


def listing_operation() -> Any:
    """Return an operation that lists jobs, with a recorded response that exceeds the limit of its request."""
    return next(each for each in operations() if "x-pagination" in each.node)


def test_verify_known_contradiction_exits_0(capsys: pytest.CaptureFixture[str]) -> None:
    listing = listing_operation()
    recorded = next(one for one in listing.recorded if one.is_success)

    pages = listing.node["x-pagination"]

    def as_recorded(scope: Scope, status: int, body: bytes) -> tuple[int, bytes]:
        """Return the recorded rows: all of them for the recorded query, which has a lower limit, and else a part."""
        asked = dict(httpx.QueryParams(scope["query_string"].decode()))
        if status != 200 or asked == {name: str(value) for name, value in recorded.query.items()}:
            return status, recorded.recording.text.encode() if status == 200 else body
        offset, limit = (int(asked.get(pages[name], other)) for name, other in (("offset", 0), ("limit", 100)))
        rows = recorded.body[pages["items"]][offset : offset + limit]
        return status, json.dumps({**recorded.body, pages["items"]: rows, pages["count"]: len(rows)}).encode()

    with listening(changing(BadProvider(listing.service), as_recorded)) as url:
        assert verify(url, listing.service, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["violations"] == 0
    assert [(each["rule"], bool(each["known"])) for each in report["findings"]] == [("limit-ignored", True)]


def fields_differing_from_page() -> Iterator[tuple[str, str, str]]:
    """Yield fields that a page calls objects and a document, by a contradiction, lists: service, its ID, the field."""
    for service, contract in contracts().items():
        evidence = contract.service.evidence.data
        types = {row["id"]: (row["name"], row.get("type")) for row in evidence["rows"]}
        for each in evidence["contradictions"]:
            for pointer, decided in each.get("resolution", {}).items():
                name = pointer.split("/")[-2]
                if decided == "array" and (name, "Object") in [types[row] for row in each["rows"] if row in types]:
                    yield service, each["id"], name


def with_objects(data: Any, name: str) -> Any:
    """Return the data with an object in place of each list of that name."""
    if isinstance(data, list):
        return [with_objects(item, name) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        key: (value[0] if value else {}) if key == name and isinstance(value, list) else with_objects(value, name)
        for key, value in data.items()
    }


@pytest.mark.parametrize(("service", "contradiction", "field"), list(fields_differing_from_page()))
def test_verify_provider_as_on_its_page_is_reported_as_by_check(
    service: str, contradiction: str, field: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def as_the_page(scope: Scope, status: int, body: bytes) -> tuple[int, bytes]:
        return status, json.dumps(with_objects(json.loads(body), field)).encode()

    # The recorded things alone: the walk of a job is not to be changed.
    with listening(changing(BadProvider(service), as_the_page)) as url:
        code = main(["contract", "verify", url, "--service", service, *QUICK[:-2], "--polls", "1", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert code == 1
    assert {(each["rule"], each["known"]) for each in found} == {("schema", None)}
    assert all(each["pointer"].endswith(f"/{field}") for each in found)
    assert all(contradiction in each["evidence"] for each in found)


def test_contradictions_against_page_are_at_least_three() -> None:
    assert len(list(fields_differing_from_page())) >= 3


def echo_credentials(scope: Scope, status: int, body: bytes) -> tuple[int, bytes]:
    """Return a response that repeats the credentials of its request."""
    sent = {name: value.decode() for name, value in scope["headers"]}
    data = json.loads(body)
    if isinstance(data, dict):
        data |= {name.decode(): value for name, value in sent.items()}
        data["note"] = f"token {sent.get(b'x-auth-token', b'')!r} is fine"
    return status, json.dumps(data).encode()


@pytest.mark.parametrize("form", ["text", "json", "junit", "sarif"])
def test_verify_report_contains_no_credential(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    service = next(each.service for each in operations() if each.requires_credentials)
    with listening(changing(BadProvider(service), echo_credentials)) as url:
        assert verify(url, service, "--format", form) == 1
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "x-auth-token" in said.out
    assert "$CLOUDJOBS_TOKEN" in said.out
    match form:
        case "junit":
            failed = ElementTree.fromstring(said.out).findall(".//failure")
            assert failed
            assert all("undocumented-field" in str(each.get("message")) for each in failed)
        case "sarif":
            (run,) = json.loads(said.out)["runs"]
            assert {each["ruleId"] for each in run["results"]} == {"undocumented-field"}


def test_verify_finding_has_command_that_repeats_request(capsys: pytest.CaptureFixture[str]) -> None:
    listing, asked = listing_operation(), []

    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        asked.append((scope["raw_path"], scope["query_string"], headers.get("x-auth-token")))
        await BadProvider(listing.service, "limit-ignored")(scope, receive, send)

    with listening(noted) as url:
        assert verify(url, listing.service, "--format", "json") == 1
        findings = json.loads(capsys.readouterr().out)["findings"]
        line = next(each["reproduce"] for each in findings if each["rule"] == "limit-ignored")
        assert line.startswith("curl ")
        assert SECRET not in line
        # The command as the shell expands it, without the tool itself.
        script = f"curl() {{ printf '%s\\n' \"$@\"; }}; {line}"
        said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ))
        words = said.stdout.splitlines()
        again = httpx.URL(words[-1])
        headers = {word.partition(": ")[0].lower(): word.partition(": ")[2] for word in words if ": " in word}
        assert (again.raw_path.partition(b"?")[0], again.query, headers["x-auth-token"]) in asked
        assert headers["x-auth-token"] == SECRET


def test_verify_finding_of_two_checkers_is_listed_once(capsys: pytest.CaptureFixture[str]) -> None:
    listing = listing_operation()
    with listening(BadProvider(listing.service, "new-value-in-a-closed-list")) as url:
        assert verify(url, listing.service, "--format", "json") == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [each["rule"] for each in findings] == ["schema"]


def test_verify_documented_server_error_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    listing = listing_operation()

    def failing(scope: Scope, status: int, body: bytes) -> tuple[int, bytes]:
        failed = b"limit=1" in scope["query_string"].split(b"&")
        return (500, b'{"errorCode": "x", "errorMessage": "y"}') if failed else (status, body)

    with listening(changing(BadProvider(listing.service), failing)) as url:
        assert verify(url, listing.service, "--format", "json") == 1
    assert {each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]} == {"server-error"}


def test_verify_redirect_receives_no_credentials(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    listing = listing_operation()
    with listening(noting_methods(BadProvider(listing.service), asked)) as elsewhere:

        async def moved(scope: Scope, receive: Receive, send: Send) -> None:
            if b"limit=1" not in scope["query_string"]:
                await BadProvider(listing.service)(scope, receive, send)
                return
            to = f"{elsewhere}{scope['path']}".encode()
            await send({"type": "http.response.start", "status": 302, "headers": [(b"location", to)]})
            await send({"type": "http.response.body"})

        with listening(moved) as url:
            assert verify(url, listing.service, "--format", "json") == 1
    assert asked == []
    assert "status" in {each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]}


class TestProvider:
    """The sender."""

    def provider(self, answer: Any, **more: Any) -> tuple[Provider, list[float]]:
        slept: list[float] = []
        now = [0.0]

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            now[0] += seconds

        made = Provider(
            "http://127.0.0.1:1", transport=httpx.MockTransport(answer), clock=lambda: now[0], sleep=sleep, **more
        )
        return made, slept

    def test_provider_requests_respect_the_rate(self) -> None:
        provider, slept = self.provider(lambda request: httpx.Response(200), rate=4)
        for _ in range(9):
            provider.get("/jobs/1")
        assert sum(slept) == pytest.approx(2.0)
        assert max(slept) == pytest.approx(0.25)

    def test_provider_retry_after_is_respected(self) -> None:
        answers = [httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, text="x")]
        provider, slept = self.provider(lambda request: answers.pop(0), rate=1000)
        assert provider.get("/jobs/1").exchange.status == 200
        assert sum(slept) == pytest.approx(7.0, abs=0.01)
        always, slept = self.provider(lambda request: httpx.Response(429), rate=1000)
        with pytest.raises(Unreachable, match=r"rejects further requests \(429\)"):
            always.get("/jobs/1")
        assert always.requests == 3

    def test_provider_method_changed_by_auth_is_blocked(self) -> None:
        seen: list[str] = []

        class Meddling(httpx.Auth):
            def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
                yield httpx.Request("DELETE", request.url)

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request.method)
            return httpx.Response(200)

        provider, _ = self.provider(answer, auth=Meddling())
        with pytest.raises(AssertionError, match="DELETE"):
            provider.get("/jobs/1")
        assert seen == []

    def test_provider_endless_response_is_rejected(self) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                yield b"x" * 1000

        provider, _ = self.provider(lambda request: httpx.Response(200, content=endless()), largest=10_000)
        with pytest.raises(Unreachable, match="more than 10000 bytes"):
            provider.get("/jobs/1")

    def test_provider_closed_connection_is_reopened(self) -> None:
        broken = [True]

        def answer(request: httpx.Request) -> httpx.Response:
            if broken.pop() if broken else False:
                raise httpx.RemoteProtocolError("gone", request=request)
            return httpx.Response(200)

        provider, _ = self.provider(answer)
        assert provider.get("/jobs/1").exchange.status == 200
        assert provider.requests == 2
