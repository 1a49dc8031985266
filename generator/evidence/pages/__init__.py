"""Compares a newer copy of a vendor's page with the evidence."""

from .drift import Drift, compare_page, fingerprints, read_page

__all__ = ["Drift", "compare_page", "fingerprints", "read_page"]
