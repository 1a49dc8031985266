"""Looks at the built site in Chromium: `make docs-browser`, in a separate environment; needs Debian's `chromium`.

Every page of the sitemap is opened, from a base path that the site does not know, at three widths and in both colour
schemes. A request to another host, an error on the console, a finding of axe-core, a page wider than its window, one
heavier than it may be, and a field that the search does not find are failures. Home and the pages of services are
kept as pictures. Then the pages of a second site are opened, with markup in the texts of its documents
(`tests/docs/hostile.py`): any script in it that runs is a failure.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect, sync_playwright

from tests.docs.hosting import hosted

WIDTHS = {1360: 900, 768: 1024, 390: 844}
"""Widths of the window, with its heights."""
SCHEMES = ("light", "dark")
HEAVIEST = 150_000
"""Bytes that a page may transfer, with everything it loads, gzipped."""
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Findings:
    """The problems, and the figures."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.weights: dict[str, int] = {}
        self.looks = 0
        self.requests = 0
        self.searches = 0

    def add(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")
        print(f"  {where}: {what}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Check the site at the first argument, and write screenshots into the second. Returns 1 if there is a problem.

    The third is the site of documents with markup in their texts; a fourth chooses pages by a regular expression.
    """
    site, pictures, hostile = map(Path, arguments[:3])
    chromium = shutil.which("chromium")
    if chromium is None:
        print("the program chromium is missing: apt-get install chromium", file=sys.stderr)
        return 1
    only = re.compile(arguments[3]) if len(arguments) > 3 else re.compile("")
    pages = [page for page in _pages(site) if only.search(page)]
    findings = Findings()
    pictures.mkdir(parents=True, exist_ok=True)
    with hosted(site) as address, tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        # Each page has its own profile, because weights are measured with an empty cache.
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS, env={"HOME": profile})
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                for page in pages:
                    _look(browser, address, page, (width, height), scheme, findings, pictures)
        _search(browser, address, site, findings)
        _use(browser, address, findings)
        with hosted(hostile) as other:
            for page in _pages(hostile):
                _run_nothing(browser, other, page, findings)
        browser.close()
    _report(findings, pages)
    return 1 if findings.problems else 0


def _pages(site: Path) -> list[str]:
    """Return places of all pages below the site's root, from its sitemap."""
    places = re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8"))
    return [place.removeprefix("./") for place in places]


def _look(
    browser: Browser,
    address: str,
    place: str,
    size: tuple[int, int],
    scheme: str,
    findings: Findings,
    pictures: Path,
) -> None:
    where = f"/{place} at {size[0]} px, {scheme}"
    with _opened(browser, address, size, scheme, findings, where) as (page, received):
        page.goto(address + place, wait_until="networkidle")
        findings.looks += 1
        findings.weights[place] = max(findings.weights.get(place, 0), sum(received))
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > size[0]:
            findings.add(where, f"is {wide} px wide: {_widest(page)}")
        for violation in Axe().run(page, options=RULES).response["violations"]:
            for node in violation["nodes"][:3]:
                findings.add(
                    where, f"axe: {violation['id']}: {node['target'][0]}: {node['any'] and node['any'][0]['message']}"
                )
        if place == "" or place.startswith("services/"):
            name = place.strip("/").replace("/", "-") or "home"
            page.screenshot(path=pictures / f"{name}-{size[0]}-{scheme}.png")


def _run_nothing(browser: Browser, address: str, place: str, findings: Findings) -> None:
    """Check that no text of a document runs as script: not when its page is opened, nor in the search."""
    where = f"/{place} with markup in its texts"
    # An image of the markup would be requested and be missing, which is a finding too.
    with _opened(browser, address, (1360, 900), "light", findings, where) as (page, _):
        page.on("dialog", lambda dialog: (findings.add(where, f"opens a dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(address + place, wait_until="networkidle")
        findings.looks += 1
        _open_search(page).fill("onerror")
        page.locator("a[href*='services/']:visible", has_text="onerror").first.wait_for(timeout=15_000)
        if page.evaluate("'__ran' in window"):
            findings.add(where, "runs a script in a text")
        if number := page.locator("a[href^='javascript:' i], [onclick], [onerror], [onload]").count():
            findings.add(where, f"has {number} element(s) that would run something")


def _open_search(page: Page) -> Locator:
    """Open the search, and return its input. On a busy machine the page may not react to the first key yet."""
    search = page.locator("input[aria-label=Search]")
    for _ in range(20):
        page.keyboard.press("Control+k")
        try:
            search.wait_for(timeout=1500)
        except TimeoutError:
            continue
        return search
    raise TimeoutError("the search must open with Control+K")


def _widest(page: Page) -> str:
    """Return the element that reaches furthest to the right."""
    return str(
        page.evaluate(
            """() => [...document.querySelectorAll('body *')].map(e => [e.getBoundingClientRect().right, e])
            .sort((a, b) => b[0] - a[0])[0][1].outerHTML.slice(0, 120)"""
        )
    )


class _opened:
    """A new page with recorded requests and messages."""

    def __init__(
        self, browser: Browser, address: str, size: tuple[int, int], scheme: str, findings: Findings, where: str
    ) -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        self.page = self.context.new_page()
        self.received: list[int] = []

        def requested(request: Any) -> None:
            findings.requests += 1
            if not request.url.startswith((address, "data:", "blob:")):
                findings.add(where, f"asks for {request.url}")

        self.page.on("request", requested)
        self.page.on("requestfinished", lambda request: self.received.append(request.sizes()["responseBodySize"]))
        self.page.on("requestfailed", lambda request: findings.add(where, f"did not get {request.url}"))
        self.page.on("pageerror", lambda error: findings.add(where, f"error: {error}"))
        self.page.on(
            "console",
            lambda message: message.type in ("error", "warning") and findings.add(where, f"console: {message.text}"),
        )

    def __enter__(self) -> tuple[Page, list[int]]:
        return self.page, self.received

    def __exit__(self, *_: object) -> None:
        self.context.close()


def _search(browser: Browser, address: str, site: Path, findings: Findings) -> None:
    """Find each field of each document by its wire name, and the questions, from a host and from a folder."""
    with _opened(browser, address, (1360, 900), "light", findings, "search") as (page, _):
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        page.goto(address, wait_until="networkidle")
        if any("search/index.js" in url for url in loaded):
            findings.add("search", "loads its data before it is opened")
        search = _open_search(page)
        for service, schema, field in _fields(site):
            findings.searches += 1
            search.fill(field)
            link = page.locator(f"a[href*='services/{service}/'][href$='#{schema}.{field}']:visible").first
            try:
                link.wait_for(timeout=3000)
            except TimeoutError:
                findings.add("search", f"{field} does not lead to services/{service}/#{schema}.{field}")
        for violation in Axe().run(page, options=RULES).response["violations"]:
            findings.add("search", f"axe: {violation['id']}: {violation['nodes'][0]['target'][0]}")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**/services/**")
    folder = site.absolute().as_uri() + "/"
    with _opened(browser, folder, (390, 844), "dark", findings, "search in a folder") as (page, _):
        page.goto(f"{folder}errors/index.html")
        page.locator("button.search:visible").first.click()
        page.locator("dialog.search input").fill("status yuanrong")
        page.locator("dialog.search li a").first.click()
        page.wait_for_url("**/services/yuanrong/index.html*")


def _use(browser: Browser, address: str, findings: Findings) -> None:
    """Use what the script of a page adds: the colour scheme, copying, tabs."""
    with _opened(browser, address, (1360, 900), "light", findings, "use") as (page, _):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{address}services/ief/", wait_until="networkidle")
        body = page.locator("body")
        expect(body).to_have_attribute("data-md-color-scheme", "default")
        page.locator("button.scheme").click()
        expect(body).to_have_attribute("data-md-color-scheme", "slate")
        page.locator(".tabbed-labels label", has_text="curl").first.click()
        page.locator(".aside .highlight", has_text="curl").locator("visible=true").locator(".md-code__button").click()
        if not page.evaluate("navigator.clipboard.readText()").startswith("curl"):
            findings.add("use", "the button beside a block does not copy it")
        page.goto(f"{address}services/cce/", wait_until="networkidle")
        expect(body).to_have_attribute("data-md-color-scheme", "slate")
        expect(page.locator(".aside .highlight", has_text="curl").locator("visible=true")).to_have_count(1)
        page.locator(".actions .copy").click()
        page.wait_for_function("navigator.clipboard.readText().then(text => text.startsWith('# '))")


def _fields(site: Path) -> Iterator[tuple[str, str, str]]:
    for service in sorted(each.name for each in (site / "services").iterdir() if each.is_dir()):
        document = json.loads((site / "openapi" / f"{service}.json").read_text(encoding="utf-8"))
        for name, schema in document["components"]["schemas"].items():
            yield from ((service, name, field) for field in schema.get("properties", {}))


def _report(findings: Findings, pages: list[str]) -> None:
    for place, weight in sorted(findings.weights.items(), key=lambda each: -each[1]):
        if weight > HEAVIEST:
            findings.add(f"/{place}", f"transfers {weight} bytes, more than {HEAVIEST}")
        print(f"{weight / 1000:7.1f} kB  /{place}")
    print(
        f"{len(pages)} pages, {findings.looks} looks, {findings.requests} requests, {findings.searches} searches: "
        f"{len(findings.problems)} problem(s)"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
