"""The page of a service: everything in its document, evidence and recordings, each with its own link.

`page.service_page` makes it; nothing is imported here, since comparisons and placeholders use parts of this.
"""
