"""`python -m benchmarks.scoreboard.documentation`: Lighthouse for the page of a document, ours and those of renderers.

Redoc, Scalar, Swagger UI and Sphinx make a page of the same document. All are hosted in the same way, gzipped on
loopback, and take turns; a figure is the median of its rounds. Times are those of Lighthouse for a slow telephone: a
simulated 4G network and a processor at a quarter of its speed. Memory is that of the process of the page in Chromium.
Writes build/lighthouse.json.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from generator.files import print_table
from tests.docs.hosting import hosted
from tests.interop.tools import environments
from tests.interop.tools.table import Environment

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "lighthouse"
SERVICE = "ief"
ROUNDS = 3
NPM = Environment(
    "lighthouse",
    "npm",
    ("lighthouse@12.2.3", "redoc@2.5.0", "@scalar/api-reference@1.72.1", "swagger-ui-dist@5.35.0"),
)
PIP = Environment("sphinx", "pip", ("sphinx==9.0.4", "sphinxcontrib-openapi==0.10.0"))
_CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_AUDITS = {
    "first_text_ms": "first-contentful-paint",
    "complete_ms": "largest-contentful-paint",
    "blocked_ms": "total-blocking-time",
    "bytes": "total-byte-weight",
}
_FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking"
_MEMORY = """
import puppeteer from 'puppeteer-core';
import { readFileSync } from 'node:fs';
const browser = await puppeteer.launch({ executablePath: process.argv[2], args: process.argv[4].split(' ') });
const page = await browser.newPage();
await page.goto(process.argv[3], { waitUntil: 'networkidle0' });
const session = await browser.target().createCDPSession();
const { processInfo } = await session.send('SystemInfo.getProcessInfo');
const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) =>
  [...readFileSync(`/proc/${id}/smaps_rollup`, 'utf-8').matchAll(/^Private_\\w+: +(\\d+) kB/gm)]
    .reduce((sum, [, size]) => sum + Number(size), 0));
console.log(Math.max(...sizes) * 1024);
await browser.close();
"""


def main() -> int:
    """Measure all pages and print the table. Returns 2 if a program is missing."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("skipped, needs chromium: apt-get install chromium", file=sys.stderr)
        return 2
    try:
        programs, python = (environments.installed(each, BUILD / each.name) for each in (NPM, PIP))
    except environments.NotInstalledError as error:
        print(f"skipped, {error}", file=sys.stderr)
        return 2
    pages = BUILD / "pages"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(ROOT / "build" / "site", pages / "site")
    document = next((ROOT / "build" / "site").rglob(f"{SERVICE}.json"))
    packages, rows = programs.parent, [{"page": "this site", "version": "", "path": f"site/services/{SERVICE}/"}]
    for name, (package, files, make) in RENDERERS.items():
        folder = pages / package.rpartition("/")[2]
        folder.mkdir()
        shutil.copy(document, folder / "openapi.json")
        for file in files:
            shutil.copytree(packages / file, folder, dirs_exist_ok=True) if (packages / file).is_dir() else shutil.copy(
                packages / file, folder
            )
        (folder / "index.html").write_text(make, encoding="utf-8")
        rows.append({"page": name, "version": NPM.version(package), "path": f"{folder.name}/"})
    _sphinx(python, document.with_name(f"{SERVICE}-3.0.json"), pages / "sphinx")
    rows.append({"page": "Sphinx", "version": PIP.version("sphinx"), "path": "sphinx/"})
    with hosted(pages) as address:
        figures: list[list[dict[str, float]]] = [[] for _ in rows]
        for _ in range(ROUNDS):
            for number, row in enumerate(rows):
                figures[number].append(_measured(programs, chromium, address + row["path"]))
    for row, found in zip(rows, figures, strict=True):
        del row["path"]
        row |= {key: round(statistics.median(each[key] for each in found)) for key in found[0]}
    (ROOT / "build" / "lighthouse.json").write_text(json.dumps({"rows": rows}, indent=2) + "\n", encoding="utf-8")
    print_table(list(rows[0]), [list(row.values()) for row in rows])
    return 0


def _measured(programs: Path, chromium: str, url: str) -> dict[str, float]:
    report = BUILD / "report.json"
    command = [str(programs / "lighthouse"), url, "--output=json", f"--output-path={report}", "--quiet"]
    command += [f"--chrome-flags={_FLAGS}", f"--only-categories={','.join(_CATEGORIES)}"]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "CHROME_PATH": chromium}, timeout=300)
    data = json.loads(report.read_text(encoding="utf-8"))
    program = programs.parents[1] / "memory.mjs"
    program.write_text(_MEMORY, encoding="utf-8")
    memory = subprocess.run(
        ["node", str(program), chromium, url, _FLAGS], check=True, capture_output=True, text=True, timeout=300
    )
    return {
        **{name.replace("-", "_"): data["categories"][name]["score"] * 100 for name in _CATEGORIES},
        **{name: data["audits"][audit]["numericValue"] for name, audit in _AUDITS.items()},
        "memory": float(memory.stdout),
        # About 1500 on a desktop computer; far less if others use this machine.
        "benchmark_index": data["environment"]["benchmarkIndex"],
    }


def _page(head: str, body: str) -> str:
    title = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>IEF</title>'
    return f'<!doctype html>\n<html lang="en">\n<head>{title}{head}</head>\n<body>{body}</body>\n</html>\n'


RENDERERS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "Redoc": (
        "redoc",
        ("redoc/bundles/redoc.standalone.js",),
        _page("", '<redoc spec-url="openapi.json"></redoc><script src="redoc.standalone.js"></script>'),
    ),
    "Scalar": (
        "@scalar/api-reference",
        ("@scalar/api-reference/dist/browser/standalone.js",),
        _page(
            "",
            '<div id="app"></div><script src="standalone.js"></script><script>'
            'Scalar.createApiReference("#app", {url: "openapi.json", withDefaultFonts: false, telemetry: false})'
            "</script>",
        ),
    ),
    "Swagger UI": (
        "swagger-ui-dist",
        ("swagger-ui-dist/swagger-ui.css", "swagger-ui-dist/swagger-ui-bundle.js"),
        _page(
            '<link rel="stylesheet" href="swagger-ui.css">',
            '<div id="app"></div><script src="swagger-ui-bundle.js"></script>'
            '<script>SwaggerUIBundle({url: "openapi.json", dom_id: "#app"})</script>',
        ),
    ),
}
"""Renderers: package, files that their page needs, and the page."""


def _sphinx(python: Path, document: Path, folder: Path) -> None:
    """Make the page of Sphinx, of the document in OpenAPI 3.0, which its extension reads."""
    source = folder.with_name("sphinx-source")
    source.mkdir()
    shutil.copy(document, source / "openapi.json")
    (source / "conf.py").write_text('project = "IEF"\nextensions = ["sphinxcontrib.openapi"]\n', encoding="utf-8")
    (source / "index.rst").write_text("IEF\n===\n\n.. openapi:: openapi.json\n", encoding="utf-8")
    subprocess.run([str(python / "sphinx-build"), "-q", "-b", "html", str(source), str(folder)], check=True)


if __name__ == "__main__":
    sys.exit(main())
