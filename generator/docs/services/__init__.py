"""The page of a service: everything its document, evidence and recordings say, each with a link of its own."""

from generator.docs.services.page import service_page

__all__ = ["service_page"]
