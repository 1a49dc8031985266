"""Pages that a token, a Link header or a URL names: `contract verify` follows them, and a wrong one is found.

The services are made up (`tests/services/`): kiln has tokens, press a Link header; with a URL in the body, press is a
third kind. The provider serves one list; each fault changes where its pages begin.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import attrs
import httpx
import pytest
import yaml

from generator.contract import Contracts, Exchange, check_sequence
from generator.contract.live import Plan, Provider, targets, verify
from generator.documents import Service
from tests.services.project import HERE, add_service, make_project

Begin = Callable[[int, int], int]
"""The first row of a page, by the right one and the length of the page."""

KINDS = ("kiln", "press", "press-url")
ROWS = 9
FAULTS: dict[str, tuple[Begin, str]] = {
    "each page repeats the row before it": (lambda begin, length: max(begin - 1, 0), "pages-overlap"),
    "each page leaves a row out": (lambda begin, length: begin + 1 if begin else 0, "pages-skip"),
    "the first page again and again": (lambda begin, length: 0, "offset-ignored"),
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Service]:
    folder = tmp_path_factory.mktemp("paging")
    workspace = make_project(folder, ["kiln"])
    add_service(folder, "press")
    found = {service.name: service for service in workspace.select(None)}
    document = yaml.safe_load((HERE / "press" / "press.yaml").read_text(encoding="utf-8"))
    other = make_project(tmp_path_factory.mktemp("url"), [])
    operation = next(item["get"] for item in document["paths"].values() if "x-pagination" in item["get"])
    operation["x-pagination"]["next"] = "next"
    add_service(other.root, "press", document)
    return {**found, "press-url": other.select(None)[0]}


class PagedProvider(httpx.BaseTransport):
    """Serves the rows of one list in pages; each names the next one as the document of the service says."""

    def __init__(self, service: Service, begin: Begin = lambda begin, length: begin) -> None:
        self._begin = begin
        self._operation = next(each for each in service.operations if "x-pagination" in each.definition)
        self._pages = self._operation.definition["x-pagination"]
        self._recorded = next(
            each for each in service.recordings.values() if each.operation == self._operation.id and each.status == 200
        )
        (row, *_) = self._recorded.body[self._pages["items"]]
        name = next(name for name in ("id", "run_id") if name in row)
        self._rows = [
            {**row, name: number + 1 if isinstance(row[name], int) else f"row-{number}"} for number in range(ROWS)
        ]
        self.requests: list[httpx.URL] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if not self._operation.path_pattern.search(request.url.path):
            return httpx.Response(404, json={"message": "not found"}, request=request)
        self.requests.append(request.url)
        query = dict(request.url.params)
        stated = query.get(self._pages["limit"], "5")
        if not stated.isdigit() or not 1 <= int(stated) <= 100:
            return httpx.Response(400, json={"message": "the limit must be from 1 to 100"}, request=request)
        length = int(stated)
        start = int(query.get(self._pages.get("token", "cursor")) or 0)
        begin = self._begin(start, length)
        body = {**self._recorded.body, self._pages["items"]: self._rows[begin : begin + length]}
        if "total" in self._pages:
            body[self._pages["total"]] = ROWS
        following = start + length
        url = str(request.url.copy_set_param("cursor", following))
        headers = {"content-type": self._recorded.content_type}
        has_more = following < ROWS
        if "token" in self._pages:
            body |= {self._pages["next"]: str(following) if has_more else "", self._pages["more"]: has_more}
        elif isinstance(self._pages["next"], str):
            body[self._pages["next"]] = url if has_more else None
        elif has_more:
            headers["link"] = f'<{request.url}>; rel="prev", <{url}>; rel="next"'
        return httpx.Response(200, content=json.dumps(body), headers=headers, request=request)


def rules_of_pages(service: Service, transport: PagedProvider) -> set[str]:
    """Return the rules of pages that a verification finds broken."""
    chosen = [each for each in targets(service, environment={}) if each.pages]
    provider = Provider("http://127.0.0.1:1", rate=1e9, transport=transport, sleep=lambda seconds: None)
    try:
        found = verify(service, provider, chosen, Plan(cases=0, polls=1, interval=0)).findings
    finally:
        provider.close()
    return {finding.rule for finding in found} & {"pages-overlap", "pages-skip", "offset-ignored", "unstable-order"}


@pytest.mark.parametrize("kind", KINDS)
def test_following_pages_right_provider_has_no_finding(services: dict[str, Service], kind: str) -> None:
    provider = PagedProvider(services[kind])
    assert rules_of_pages(services[kind], provider) == set()
    assert {url.host for url in provider.requests} == {"127.0.0.1"}
    assert len({str(url) for url in provider.requests}) > 6


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_following_pages_wrong_provider_is_found(services: dict[str, Service], kind: str, fault: str) -> None:
    begin, rule = FAULTS[fault]
    assert rules_of_pages(services[kind], PagedProvider(services[kind], begin)) == {rule}


def test_following_pages_url_of_another_host_is_followed_at_the_provider_only(services: dict[str, Service]) -> None:
    class Elsewhere(PagedProvider):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if "link" in response.headers:
                response.headers["link"] = response.headers["link"].replace("127.0.0.1", "elsewhere.example.com")
            return response

    provider = Elsewhere(services["press"])
    assert rules_of_pages(services["press"], provider) == set()
    assert {url.host for url in provider.requests} == {"127.0.0.1"}


def recorded(service: Service, transport: PagedProvider, *queries: dict[str, str]) -> Iterator[Exchange]:
    """Exchanges of a recorded session, in their order."""
    target = next(each for each in targets(service, environment={}) if each.pages)
    with httpx.Client(transport=transport, base_url="http://service.example.com") as client:
        for number, query in enumerate(queries):
            response = client.get(target.request_path(), params=query, headers=target.headers)
            yield Exchange(
                method="GET",
                url=str(response.request.url),
                status=200,
                headers=tuple(response.headers.items()),
                body=response.content,
                source=f"entry {number}",
            )


@pytest.mark.parametrize("is_wrong", [False, True])
def test_following_pages_of_one_length_that_repeat_rows_are_found(services: dict[str, Service], is_wrong: bool) -> None:
    """A browser requests pages of one length: a row of the first page is on the second one, too."""
    begin = FAULTS["each page repeats the row before it"][0] if is_wrong else lambda begin, length: begin
    provider = PagedProvider(services["kiln"], begin)
    exchanges = list(recorded(services["kiln"], provider, {}, {"page_token": "5"}, {}))
    found = check_sequence(Contracts.from_services([services["kiln"]]), exchanges)
    assert {finding.rule for finding in found} == ({"pages-overlap"} if is_wrong else set())


def test_pages_with_another_filter_are_another_listing(services: dict[str, Service]) -> None:
    """The second page of three is filtered, so it has other rows than the whole list."""
    provider = PagedProvider(services["kiln"])
    first, second, third = recorded(services["kiln"], provider, {}, {"page_token": "5"}, {})
    filtered = attrs.evolve(second, url=urlsplit(first.url)._replace(query="state=failed").geturl())
    assert check_sequence(Contracts.from_services([services["kiln"]]), [first, filtered, third]) == []


def test_targets_job_in_the_query_is_sent_with_each_request(services: dict[str, Service]) -> None:
    (polled,) = [each for each in targets(services["kiln"], ["7"], environment={}) if not each.pages]
    assert (polled.query, polled.description) == ({"run_id": "7"}, "run_id 7")


def test_made_up_services_have_each_kind_of_next_page(services: dict[str, Service]) -> None:
    declared = {
        kind: next(each.definition["x-pagination"] for each in service.operations if "x-pagination" in each.definition)
        for kind, service in services.items()
    }
    assert "token" in declared["kiln"]
    assert declared["press"]["next"] == {"header": "Link"}
    assert declared["press-url"]["next"] == "next"
