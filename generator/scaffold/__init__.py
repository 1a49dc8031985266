"""Drafts of a new service: document, evidence and recording, from nothing, a page, or a response."""

from .draft import Draft, create, empty_draft, files_of
from .exchange_draft import curl_exchange, exchange_draft
from .page_draft import page_draft

__all__ = ["Draft", "create", "curl_exchange", "empty_draft", "exchange_draft", "files_of", "page_draft"]
