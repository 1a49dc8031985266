"""Sends a request from each console page to a replay, in Chromium: `make docs-console-check`.

Arguments: a site with consoles, and the Python that serves the replay. A request to another host, an error of the page,
and a response other than that of the replay are failures.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, Request, sync_playwright

from tests.docs.browser import FLAGS
from tests.docs.hosting import hosted

PORT = "8010"
"""The address of the replay in the pages."""


def main(site: Path, python: str) -> int:
    """Return 1 if a console does not work."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("the program chromium is missing: apt-get install chromium", file=sys.stderr)
        return 1
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = str(bound.getsockname()[1])
    script = site / "console" / "console.js"
    script.write_text(script.read_text(encoding="utf-8").replace(PORT, port), encoding="utf-8")
    failed = 0
    with hosted(site) as address, tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        origin = "/".join(address.split("/")[:3])
        command = [
            python,
            "-m",
            "cloudjobs.testing",
            "serve",
            "--jobs",
            "1",
            "--quiet",
            "--cors",
            origin,
            "--port",
            port,
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as replay:
            try:
                assert replay.stdout is not None
                services = replay.stdout.readline().partition(":")[0].split(", ")
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS, env={"HOME": profile})
                for service in services:
                    problems = _look(browser, f"{address}console/{service}/", (address, f"http://127.0.0.1:{port}/"))
                    failed += bool(problems)
                    print(f"console of {service}: {'; '.join(problems) or 'a response of the replay'}", flush=True)
                browser.close()
            finally:
                replay.terminate()
    return int(bool(failed))


def _look(browser: Browser, place: str, allowed: tuple[str, ...]) -> list[str]:
    """Return the problems of a console page, which may send requests to these addresses only."""
    page, problems = browser.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))

    def asked(request: Request) -> None:
        if not request.url.startswith((*allowed, "data:")):
            problems.append(f"asks {request.url}")

    page.on("request", asked)
    try:
        page.goto(place, wait_until="networkidle")
        problems += _problems(page)
    except Error as error:
        problems.append(str(error))
    page.close()
    return problems


def _problems(page: Page) -> list[str]:
    """Send the first operation, with an ID for each parameter of its path that has no example."""
    operation = page.locator(".opblock").first
    operation.locator(".opblock-summary-control").click()
    for row in operation.locator("tr.parameters").all():
        if re.search(r"\bpath\b", row.locator(".parameter__in").inner_text()):
            field = row.locator("input")
            if not field.input_value():
                field.fill("job-1")
    operation.locator("button.execute").click()
    status = operation.locator(".live-responses-table .response-col_status").last
    status.wait_for(timeout=30_000)
    text = status.inner_text().strip()
    body = operation.locator(".live-responses-table .response-col_description").last.inner_text()
    # The first example of a parameter can be from a recorded error.
    if "{" not in body or "Replay." in body:
        return [f"status {text}: {body[:300]}"]
    return []


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
