"""A team's own site: two imported services, own pages and brand, an own package; nothing of this project is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.commands import bundled_services
from generator.docs import BundledService, SiteContext, assemble
from generator.documents import Workspace
from tests.generator.directory_snapshots import workshop

from .programs import ROOT

SETTINGS = """
package = "acme_jobs"
standalone = true
description = "Clients of the rendering farm."
regenerate = "make client"
guides = "docs"
navigation = "navigation.yaml"

[site]
name = "Acme Rendering"
description = "Jobs of the rendering farm."
notice = "For employees of Acme."
logo = "logo.svg"
colour = "#7a1fa2"
address = "https://docs.example.com/rendering"
repository = "https://git.example.com/acme/rendering"
edit = "https://git.example.com/acme/rendering/edit/main/"
"""
NAVIGATION = """
- page: index
- section: Handbook
  pages: [runbook]
- section: Endpoints
  pages: [services/*, documents]
- section: Python
  pages: [python/*, command-line]
"""
TABLE = "{{ table: services }}\n\nSee [the runbook](runbook.md)."
INDEX = f"---\ndescription: Start here.\n---\n\n# Acme Rendering\n\n{TABLE}\n"
RUNBOOK = "---\ndescription: Operations.\n---\n\n# Runbook\n\nCall the [farm](services/farm.md).\n"
VENDOR = """
openapi: 3.0.3
info: {title: Acme NAME, version: 1.0.0}
servers: [{url: 'https://NAME.example.com'}]
paths:
  /NAME/{id}:
    get:
      operationId: get_NAME
      summary: Get from NAME
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Work'}}}
components:
  schemas:
    Work: {type: object, properties: {id: {type: string}, status: {type: string}}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with its client and its site."""
    folder = tmp_path_factory.mktemp("acme")
    texts = {"cloudjobs.toml": SETTINGS, "navigation.yaml": NAVIGATION, "docs/index.md": INDEX}
    texts |= {"docs/runbook.md": RUNBOOK, "logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>'}
    texts |= {f"{name}.yaml": VENDOR.replace("NAME", name) for name in ("farm", "store")}
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    imports = [("import", folder / f"{name}.yaml", "--service", name) for name in ("farm", "store")]
    for command in (*imports, ("client",), ("docs", "--output", folder / "site")):
        done = workshop(ROOT, *command, "--project", folder)
        assert (done.returncode, done.stderr) == (0, ""), command
    return folder


def test_site_of_another_brand_has_its_name_logo_and_links(project: Path) -> None:
    site = project / "site"
    page = (site / "runbook" / "index.html").read_text(encoding="utf-8")
    for text in (
        "<title>Runbook - Acme Rendering</title>",
        'src="../assets/brand/logo.svg"',
        'href="../assets/brand/colours.css"',
        "For employees of Acme.",
        'href="https://git.example.com/acme/rendering"',
        'href="https://git.example.com/acme/rendering/edit/main/docs/runbook.md"',
        'href="../services/farm/"',
        "cloudjobs-generator</a>",
    ):
        assert text in page, text
    assert "#7a1fa2" in (site / "assets/brand/colours.css").read_text(encoding="utf-8")
    assert "<loc>https://docs.example.com/rendering/runbook/</loc>" in (site / "sitemap.xml").read_text(
        encoding="utf-8"
    )
    service = (site / "services" / "farm" / "index.html").read_text(encoding="utf-8")
    assert "edit/main/openapi/farm.yaml" in service


def test_site_of_another_brand_has_nothing_of_this_project_but_the_credit(project: Path) -> None:
    # The base class of exceptions and the variables of a vendor's SDK have the same names in every client.
    known = re.compile(r'<a href="[^"]*">cloudjobs-generator</a>|CloudJobsError|HUAWEICLOUD_SDK_\w+')
    left = re.compile("cloudjobs|huawei|yuanrong", re.IGNORECASE)
    found = []
    for path in sorted((project / "site").rglob("*")):
        if path.is_file() and path.suffix in (".html", ".md", ".txt", ".js", ".css", ".json", ".yaml", ".xml"):
            text = known.sub("", path.read_text(encoding="utf-8"))
            found += [(path.name, text[max(0, each.start() - 40) : each.end() + 40]) for each in left.finditer(text)]
    assert not found


def test_site_of_chosen_services_has_no_page_of_others(project: Path) -> None:
    workspace = Workspace(project)
    services = [BundledService(*each) for each in bundled_services(workspace, ["farm"])]
    context = SiteContext(project, services, "acme_jobs", project / "acme-jobs", site=workspace.settings.site)
    pages = assemble(context, None, project / "docs")
    assert "services/farm" in {page.name for page in pages}
    assert not [page.name for page in pages if "store" in page.name or "services/store" in page.plain]
