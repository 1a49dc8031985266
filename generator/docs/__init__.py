"""The site: documents, evidence, recordings, docstrings and hand-written pages become one folder of static files.

- `content/<name>.md` is a hand-written page. Its head has a description of one sentence (for search engines and
  llms.txt) and a `layout` if that is not `prose` (`context.py`); `<name>` is its path on the site:

      ---
      description: From a token to a finished job.
      ---

      # Quick start

- Generated pages are listed in `pages.py`. `navigation.yaml` has the order of all pages; a page without an entry is an
  error. `site.py` builds the site and checks its links; a link that leads nowhere is an error.
- A link names a Markdown file: `[state](services/<service>.md#Job.state)`. Anchors of a service's page are `#<Schema>`,
  `#<Schema>.<field>`, `#<operationId>`, `#<operationId>.<parameter, header or status>`, `#scheme.<name>`,
  `#recording.<id>`, the ids of its evidence and of its contradictions, `#errors`, `#issues` and `#document`.
- Text of documents, evidence, recordings and docstrings is escaped (`escaping.py`). A keyword that no page shows is an
  error (`context.py`). Hand-written pages refer to data by placeholders (`macros.py`).
- Extensions of Markdown: tables, fenced code, tabs (`=== "Python"`), admonitions (`!!! note "Title"`),
  `<div class="…" markdown>` on separate lines, attributes of a heading (`## Title { #anchor }`).
  `plain` of `escaping.py` turns them into plain Markdown for the copy of each page.

Samples take addresses and credentials from the environment (`CLOUDJOBS_<SERVICE>_URL`, `CLOUDJOBS_PROJECT_ID`,
`CLOUDJOBS_TOKEN`), so that readers can run them unchanged, and tests run them against the replay.
"""

from .context import BundledService, Page, SiteContext
from .pages import assemble
from .site import build, publish

__all__ = ["BundledService", "Page", "SiteContext", "assemble", "build", "publish"]
