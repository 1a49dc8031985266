"""The site: documents, evidence, recordings, docstrings and hand-written prose become one folder of static files.

How a page comes to be:

- `pages/<name>.md` is hand-written. It begins with a head, its description in a sentence (for search engines and
  llms.txt) and its `layout` where that is not `prose` (see `page.py`), and a title; `<name>` is its path on the site:

      ---
      description: From a token to a finished job.
      ---

      # Quick start

- Generated pages come from `assembling.py`: `services/index` (compared), `services/<service>`, `contradictions`,
  `python/index` (all methods and types), `python/<module>`, `command-line`, `changelog`.
- `navigation.yaml` says where each page stands; a page that it does not name is an error.
- A link goes to the Markdown file: `[state](services/<service>.md#Job.state)`. Anchors of a service's page are
  `#<Schema>`, `#<Schema>.<field>`, `#<operationId>`, `#<operationId>.<parameter, header or status>`, `#scheme.<name>`,
  `#recording.<id>` and the ids of its evidence; those of `contradictions.md` are the ids of the contradictions. A link
  that leads nowhere is an error.
- Text of documents, evidence, recordings and docstrings is escaped: see `foreign.py`.
- What is made from data stands in prose as a placeholder: see `placeholders.py`.
- Extensions of Markdown that both the site and the Markdown copies understand: tables, fenced code, tabs
  (`=== "Python"`), admonitions (`!!! note "Title"`), `<div class="…" markdown>` on lines of their own, and attributes
  of a heading (`## Title { #anchor }`). `copies.py` turns them into plain Markdown.

Samples take addresses and credentials from the environment (`CLOUDJOBS_<SERVICE>_URL`, `CLOUDJOBS_PROJECT_ID`,
`CLOUDJOBS_TOKEN`), so that a reader can run them as they stand, and so do the tests, against the replay. `assemble`
gives every page as it is shown, generated ones too: whoever executes the samples goes through its fenced blocks.
"""

from generator.docs.context import Block, BundledService, Page, SiteContext
from generator.docs.pages import assemble
from generator.docs.site import build, publish

__all__ = ["Block", "BundledService", "Page", "SiteContext", "assemble", "build", "publish"]
