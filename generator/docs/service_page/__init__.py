"""The page of a service: everything its document, evidence and recordings say, each with a link of its own.

`page.service_page` makes it; nothing is imported here, since comparisons and placeholders use parts of this.
"""
