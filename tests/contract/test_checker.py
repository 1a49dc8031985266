"""The checker on single exchanges: each rule finds its departure and nothing else, and no finding tells a secret."""

from __future__ import annotations

import base64
import json
import sys
from copy import deepcopy
from typing import Any

import attrs
import pytest

from generator.contract import Contract, Contracts, Exchange, check_sequence, exchange_from_recording, export_har
from generator.contract.checker import Provenance
from generator.contract.exchange import curl
from generator.contract.findings import NOTICE, RULES, VIOLATION
from generator.contract.har import parse_har
from generator.documents import Service

from .contracts import contracts

SERVICES: dict[str, Service] = {name: contract.service for name, contract in contracts().items()}
KNOWN = Contracts.from_services(SERVICES.values())
TOKEN = "MIIEowIBAAKCAQEA0123456789-very-secret"


def good(service: str, recording: str) -> Exchange:
    return exchange_from_recording(SERVICES[service], SERVICES[service].recordings[recording])


def cce() -> Exchange:
    return good("cce", "get-job-running")


def ges(query: str = "limit=10") -> Exchange:
    page = good("ges", "list-jobs-page")
    return attrs.evolve(page, url=f"{page.url.partition('?')[0]}?{query}")


def rules(exchange: Exchange) -> list[str]:
    return [finding.rule for finding in KNOWN.check(exchange)]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8010{}",
        "https://gateway.example.com/stage/v2{}",
        "https://user:password@cce.example.com{}",
        "https://cce.example.com{}/",
        "{}",
    ],
)
def test_route_any_host_and_path_prefix_finds_operation(url: str) -> None:
    exchange = attrs.evolve(cce(), url=url.format(cce().path))
    assert KNOWN.check(exchange) == []
    route = KNOWN.route(exchange)
    assert route is not None
    assert (route.contract.service, route.operation.id) == ("cce", "getJob")
    assert route.argument(exchange, "job_id") == "354331b2c-229a-11e8-9c75-0255ac100ceb"


@pytest.mark.parametrize("path", ["/", "/api/v3/jobs", "/api/v3/projects/p/jobs/", "/api/v3/projects//jobs/j", "/x%2F"])
def test_checker_unknown_path_is_reported(path: str) -> None:
    (finding,) = KNOWN.check(attrs.evolve(cce(), url=f"https://cce.example.com{path}"))
    assert (finding.rule, finding.service, finding.actual) == ("path", None, f"GET {path}")
    assert "openapi/cce.yaml" in finding.expected


def test_checker_undocumented_method_is_reported() -> None:
    (finding,) = KNOWN.check(attrs.evolve(cce(), method="DELETE"))
    assert (finding.rule, finding.service, finding.expected, finding.actual) == ("method", "cce", "GET", "DELETE")


@pytest.mark.parametrize(
    ("query", "rule", "names"),
    [
        ("limit=0", "parameter", "ges.fact.smallest-page"),
        ("limit=100001", "parameter", "ges.fact.largest-limit"),
        ("limit=1.5", "parameter", "ges.query.limit"),
        ("limit=", "parameter", "ges.query.limit"),
        ("limit=2&limit=3", "parameter", "ges.query.limit"),
        (f"limit={'9' * 5000}", "parameter", "ges.query.limit"),
        ("offset=-1", "parameter", "ges.fact.smallest-page"),
        ("marker=7", "unknown-parameter", None),
        ("LIMIT=7", "unknown-parameter", None),
    ],
)
def test_checker_invalid_parameter_severity_depends_on_status(query: str, rule: str, names: str | None) -> None:
    (finding,) = KNOWN.check(ges(query))
    assert (finding.rule, finding.severity) == (rule, VIOLATION)
    assert names is None or names in finding.evidence
    refusal = good("ges", "graph-not-found")
    (finding,) = KNOWN.check(attrs.evolve(refusal, url=f"{refusal.url}?{query}"))
    assert (finding.rule, finding.severity, finding.is_new) == (rule, NOTICE, False)


def test_checker_missing_required_header_is_reported() -> None:
    exchange = attrs.evolve(cce(), request_headers=(("Accept", "*/*"), ("X-Anything", "1")))
    (finding,) = KNOWN.check(exchange)
    assert (finding.rule, finding.actual) == ("request-header", "no such header")
    assert "cce.header.Content-Type" in finding.evidence
    for value, found in (("application/json;charset=UTF-8", []), ("text/plain", ["request-header"])):
        assert rules(attrs.evolve(cce(), request_headers=(("content-type", value),))) == found


def test_checker_stated_header_must_be_a_parameter() -> None:
    ief = good("ief", "get-batch-job-successful")
    for name, found in (("ief-instance-id", []), ("IEF-Instance-Id", []), ("instance", ["unknown-parameter"])):
        headers = (*ief.request_headers, (name, "abc"))
        assert rules(attrs.evolve(ief, request_headers=headers)) == []
        assert rules(attrs.evolve(ief, request_headers=headers, stated=frozenset({name.lower()}))) == found


@pytest.mark.parametrize("credential", [TOKEN, "REDACTED", ""])
@pytest.mark.parametrize("name", ["X-Auth-Token", "Authorization"])
def test_checker_declared_credential_is_never_reported(name: str, credential: str) -> None:
    for exchange in (cce(), ges(), good("ief", "get-batch-job-successful")):
        sent = (*exchange.request_headers, (name, credential))
        assert rules(attrs.evolve(exchange, request_headers=sent)) == []


def test_checker_known_authentication_is_checked() -> None:
    def found(service: str, recording: str, *names: str, status: int = 200) -> list[str]:
        exchange = good(service, recording)
        known = attrs.evolve(exchange, credentials=frozenset(names), status=status)
        return [each.rule for each in KNOWN.check(known) if each.rule == "security"]

    assert found("cce", "get-job-running", "x-auth-token") == found("cce", "get-job-running", "authorization") == []
    assert found("cce", "get-job-running") == ["security"]
    assert found("cce", "get-job-running", status=401) == []
    assert found("cce", "get-job-running", "x-api-key") == ["security"] * 2
    assert found("yuanrong", "get-job-succeeded") == []
    assert found("yuanrong", "get-job-succeeded", "x-auth-token") == ["security"]


def test_checker_overlong_token_is_reported_without_its_value() -> None:
    token = TOKEN + "A" * 16384
    exchange = attrs.evolve(cce(), request_headers=(*cce().request_headers, ("X-Auth-Token", token)))
    (finding,) = KNOWN.check(exchange)
    assert finding.rule == "security"
    assert finding.evidence
    assert TOKEN not in repr(finding)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"status": 418}, "status"),
        ({"status": 503}, "status"),
        ({"headers": (("Content-Type", "text/html"),)}, "media-type"),
        ({"headers": ()}, "media-type"),
        ({"body": b""}, "body"),
        ({"body": b'{"kind": '}, "body"),
        ({"body": b'{"kind": NaN}'}, "body"),
        ({"body": b'{"kind": 1e400}'}, "body"),
        ({"body": b'{"kind": "\\ud800"}'}, "body"),
        ({"body": b"\xff\xfe"}, "body"),
        ({"body": cce().body.replace(b"Running", b"\xff")}, "body"),
        ({"body": b"[" * 100_000}, "body"),
        ({"body": b"[]"}, "schema"),
    ],
)
def test_checker_invalid_response_yields_one_rule(changes: dict[str, Any], rule: str) -> None:
    found = KNOWN.check(attrs.evolve(cce(), **changes))
    assert {finding.rule for finding in found} == {rule}
    assert all(finding.is_new and finding.line and finding.expected and finding.actual for finding in found)


def test_checker_deeply_nested_body_does_not_crash() -> None:
    inner = '{"spec": {"subJobs": [' * 200 + "{}" + "]}}" * 200
    without_spec = {name: value for name, value in cce().json.items() if name != "spec"}
    body = json.dumps(without_spec)[:-1] + ', "spec": {"subJobs": [' + inner + "]}}"
    deep = attrs.evolve(cce(), body=body.encode())
    assert KNOWN.check(deep) == check_sequence(KNOWN, [deep]) == []
    # Newer interpreters read more levels than a walk in Python has frames for.
    assert deep.json
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        (finding,) = KNOWN.check(deep)
        assert check_sequence(KNOWN, [deep, deep]) == []
    finally:
        sys.setrecursionlimit(limit)
    assert (finding.rule, finding.actual) == ("body", "invalid JSON: nested too deep")


def test_checker_media_type_case_and_parameters_are_ignored() -> None:
    assert rules(attrs.evolve(cce(), headers=(("content-type", "Application/JSON; charset=utf-8"),))) == []


def test_checker_har_entry_without_body_yields_notice() -> None:
    har = export_har([SERVICES["cce"]])
    del har["log"]["entries"][0]["response"]["content"]["text"]
    (finding,) = KNOWN.check(parse_har(har, "traffic.har").exchanges[0])
    assert (finding.rule, finding.severity) == ("body", NOTICE)


def test_har_base64_body_is_decoded_and_aborted_entry_skipped() -> None:
    har = export_har([SERVICES["cce"]])
    content = har["log"]["entries"][0]["response"]["content"]
    content["text"] = base64.b64encode(content["text"].encode()).decode()
    content["encoding"] = "base64"
    har["log"]["entries"].append(deepcopy(har["log"]["entries"][0]))
    har["log"]["entries"][1]["response"]["status"] = 0
    (exchange,) = parse_har(har, "traffic.har").exchanges
    assert exchange.json == cce().json
    assert KNOWN.check(exchange) == []


def test_checker_unlisted_open_enum_value_yields_notice() -> None:
    body = cce().json | {"spec": {**cce().json["spec"], "type": "RepairCluster"}}
    (finding,) = KNOWN.check(attrs.evolve(cce(), body=json.dumps(body).encode()))
    assert (finding.rule, finding.pointer, finding.severity) == ("open-list", "/spec/type", NOTICE)


def test_checker_object_for_string_yields_one_finding() -> None:
    body = cce().json | {"status": {"phase": {"inner": 1}}}
    found = KNOWN.check(attrs.evolve(cce(), body=json.dumps(body).encode()))
    # The type, and the closed list; the list is not a list of fields, so nothing is reported for `inner`.
    assert {(finding.rule, finding.pointer) for finding in found} == {("schema", "/status/phase")}


def test_route_several_matches_selects_most_specific_path() -> None:
    operation = {"responses": {"200": {"description": ""}}}
    paths = {
        "/jobs/{id}": {"get": {"operationId": "short", **operation}},
        "/graphs/{graph}/jobs/{id}": {"get": {"operationId": "long", **operation}},
    }

    def meant(url: str, *templates: str) -> str:
        contract = Contract({"openapi": "3.1.0", "paths": {template: paths[template] for template in templates}})
        route = contract.route(asked(url=url))
        return route.operation.id if route else ""

    for order in (list(paths), list(paths)[::-1]):
        assert meant("https://x.example.com/graphs/g/jobs/1", *order) == "long"
        assert meant("https://x.example.com/stage/graphs/g/jobs/1", *order) == "long"
        assert meant("https://x.example.com/jobs/1", *order) == "short"
    whole = {"/{a}/jobs/{id}": paths["/jobs/{id}"], "/jobs/{a_longer_name}": paths["/graphs/{graph}/jobs/{id}"]}
    route = Contract({"openapi": "3.1.0", "paths": whole}).route(asked(url="https://x.example.com/b/jobs/1"))
    assert route is not None
    assert (route.operation.id, route.is_exact) == ("short", True)


def test_checker_schema_finding_has_pointer_line_and_evidence() -> None:
    body = ges().json
    body["jobs"][1]["progress"] = 101
    (finding,) = KNOWN.check(attrs.evolve(ges(), body=json.dumps(body).encode()))
    assert finding.document_pointer == "/components/schemas/Job/properties/progress/anyOf/0/maximum"
    text = SERVICES["ges"].document.path.read_text(encoding="utf-8").splitlines()
    assert finding.line is not None
    assert text[finding.line - 1].strip() == "maximum: 100"
    assert "ges.job.progress" in finding.evidence
    assert (finding.expected, finding.actual, finding.pointer) == ("at most 100", "101", "/jobs/1/progress")


@pytest.mark.parametrize(
    ("changes", "pointer", "document_pointer", "expected"),
    [
        (
            {"failReason": "No."},
            "/jobs/0/failReason",
            "/components/schemas/Job/dependentSchemas/failReason",
            "failReason only when status is failed",
        ),
        (
            {"files": []},
            "/jobs/0/files",
            "/components/schemas/Job/dependentSchemas/files",
            "files only when taskType is ImportGraph",
        ),
        (
            {"result": "failed"},
            "/jobs/0/status",
            "/components/schemas/JobList/then/properties/jobs/items/properties/status/const",
            'jobs.*.status is "" when result is failed',
        ),
    ],
)
def test_checker_broken_condition_is_one_finding_at_the_field(
    changes: dict[str, Any], pointer: str, document_pointer: str, expected: str
) -> None:
    row, result = ges().json["jobs"][1] | changes, changes.get("result")
    row.pop("result", None)
    body = {"jobs": [row], **({"result": result} if result else {})}
    (finding,) = KNOWN.check(attrs.evolve(ges(), body=json.dumps(body).encode()))
    assert (finding.rule, finding.severity, finding.pointer) == ("schema", VIOLATION, pointer)
    assert (finding.document_pointer, finding.expected) == (document_pointer, expected)
    assert finding.evidence[0] in {
        "ges.fact.reason-only-of-a-failure",
        "ges.fact.files-only-of-an-import",
        "ges.status-of-a-failed-query",
    }


@pytest.mark.parametrize(
    ("progress", "document_pointer", "expected"),
    [
        ("101", "anyOf/1/pattern", "a string that matches ^(100|[1-9]?[0-9])$"),
        (-1, "anyOf/0/minimum", "at least 0"),
        (None, "anyOf", "a value of type integer or of type string"),
    ],
)
def test_checker_alternative_of_the_type_is_named(progress: Any, document_pointer: str, expected: str) -> None:
    body = ges().json
    body["jobs"][1]["progress"] = progress
    (finding,) = KNOWN.check(attrs.evolve(ges(), body=json.dumps(body).encode()))
    assert finding.document_pointer == f"/components/schemas/Job/properties/progress/{document_pointer}"
    assert (finding.expected, finding.pointer) == (expected, "/jobs/1/progress")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"errorCode": "GES.8000"}, []),
        ({"error_code": "APIGW.0301", "error_msg": "No.", "request_id": "r"}, []),
        ({"errorCode": "GES.8000", "errorMessage": "No.", "error_code": "GES.8000", "error_msg": "No."}, []),
        ({"error_code": "APIGW.0301", "error_msg": 7}, ["/components/schemas/GatewayError/properties/error_msg/type"]),
        ({"errorCode": 8000}, ["/components/schemas/ServiceError/properties/errorCode/type"]),
        ({"errorMessage": "No."}, ["/components/schemas/Error/anyOf"]),
        ({"errorCode": "GES.8000", "trace": "t"}, ["/components/schemas/ServiceError"]),
    ],
)
def test_checker_error_is_checked_as_the_form_it_has(body: dict[str, Any], found: list[str]) -> None:
    failed = attrs.evolve(good("ges", "graph-not-found"), body=json.dumps(body).encode())
    assert [finding.document_pointer for finding in KNOWN.check(failed)] == found


def test_provenance_known_only_for_the_recorded_response() -> None:
    page = good("ges", "list-jobs-page")
    grounds = Provenance(SERVICES["ges"])
    assert grounds.known("limit-ignored", page) == "ges.more-jobs-than-asked-for"
    assert grounds.known("schema", page) is None
    assert grounds.known("limit-ignored", attrs.evolve(page, body=json.dumps({"jobs": []}).encode())) is None
    assert grounds.known("limit-ignored", attrs.evolve(page, body=b"no JSON")) is None
    assert grounds.known("limit-ignored", attrs.evolve(page, status=404)) is None


def test_checker_findings_contain_no_secret() -> None:
    body = cce().json
    body["metadata"]["uid"] = [TOKEN]
    body["status"] = {"token": "do-not-log-1", "phase": {"password": "do-not-log-2"}}
    url = f"{cce().url}?X-Auth-Token={TOKEN}&access_key=do-not-log-3"
    exchange = attrs.evolve(cce(), url=url, request_headers=(("X-Auth-Token", TOKEN),), body=json.dumps(body).encode())
    found = KNOWN.check(exchange)
    assert len(found) >= 5
    for finding in found:
        assert TOKEN not in str(finding.as_data)
        assert "do-not-log" not in str(finding.as_data)
    (lost,) = KNOWN.check(attrs.evolve(exchange, url=f"https://cce.example.com/token/{TOKEN}"))
    assert TOKEN not in str(lost.as_data)
    body["metadata"]["uid"] = TOKEN
    (other,) = check_sequence(KNOWN, [attrs.evolve(exchange, body=json.dumps(body).encode())])
    assert (other.rule, other.actual) == ("id-changed", "REDACTED")


def test_curl_credential_is_replaced_by_variable() -> None:
    line = curl("GET", "https://a.example.com/x?y=1&z='", ["Accept: */*"], [("X-Auth-Token: ", "TOKEN")])
    assert line == ("""curl -sS -H 'Accept: */*' -H "X-Auth-Token: $TOKEN" 'https://a.example.com/x?y=1&z='"'"''""")


def test_contract_changed_document_changes_findings() -> None:
    document = deepcopy(SERVICES["cce"].document.data)
    document["components"]["schemas"]["JobStatus"]["properties"]["phase"]["enum"] = ["Success"]
    changed = Contract(document, Provenance(SERVICES["cce"]))
    (finding,) = changed.check(cce())
    assert (finding.rule, finding.actual) == ("schema", "'Running'")
    assert Contract(SERVICES["cce"].document.data).check(cce()) == []


def document(**response: Any) -> dict[str, Any]:
    """Return a document with one operation that responds like this."""
    return {
        "openapi": "3.1.0",
        "paths": {
            "/a/{b}": {
                "parameters": [
                    {"name": "b", "in": "path", "required": True, "schema": {"type": "boolean"}},
                    {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}},
                ],
                "get": {"operationId": "getA", "responses": {"2XX": {"description": "", **response}}},
            }
        },
    }


def asked(**changes: Any) -> Exchange:
    whole: dict[str, Any] = {
        "method": "GET",
        "url": "https://x.example.com/a/true",
        "request_headers": (("X-Tenant", "t"),),
        "status": 200,
        "source": "made up",
    }
    return Exchange(**{**whole, **changes})


@pytest.mark.parametrize("status", [201, 204, 304, 400, 418, 500, 599])
def test_checker_default_response_covers_errors_alone(status: int) -> None:
    stated = document()
    responses = stated["paths"]["/a/{b}"]["get"]["responses"]
    responses["200"], responses["default"] = responses.pop("2XX"), {"description": "Any other error."}
    rules = [finding.rule for finding in Contract(stated).check(asked(status=status))]
    assert rules == ([] if status >= 400 else ["status"])


def test_checker_unused_openapi_features_are_checked() -> None:
    def found(stated: dict[str, Any], **changes: Any) -> list[str]:
        return [finding.rule for finding in Contract(document(**stated)).check(asked(**changes))]

    plain = {"content": {"text/*": {"schema": {"type": "string", "maxLength": 3}}}}
    text = {"headers": (("Content-Type", "text/plain"),)}
    assert found({}) == found(plain, **text, body=b"abc") == []
    assert found(plain, **text, body=b"abcd") == ["schema"]
    assert found(plain, **text, body=b"\xff") == ["body"]
    assert found({}, **text, body=b"abc") == ["media-type"]
    assert found(plain, method="HEAD") == ["method"]
    assert found({}, url="https://x.example.com/a/7") == ["parameter"]
    assert found({}, request_headers=()) == ["parameter"]
    header = {"headers": {"ETag": {"required": True, "schema": {"type": "integer"}}}}
    assert found(header) == ["header"]
    assert found(header, headers=(("etag", "x"),)) == ["header"]
    assert found(header, headers=(("etag", "7"),)) == []


def test_rules_each_description_is_a_sentence() -> None:
    assert all(text.endswith(".") for text in RULES.values())
