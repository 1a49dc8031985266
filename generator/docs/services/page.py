"""Puts the page of a service together."""

from __future__ import annotations

from generator.docs.material import Material, Prepared
from generator.docs.page import Page


def service_page(material: Material, each: Prepared) -> Page:
    """The page of one service."""
    info = each.document["info"]
    text = f"# {each.title}\n\n{info['description']}\n"
    return Page(f"services/{each.name}", f"{info['summary']}.", text, text, layout="wide")
