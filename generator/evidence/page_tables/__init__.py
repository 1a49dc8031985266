"""A newer copy of a vendor's page against the evidence: its tables are read, and nothing of its sentences is kept."""

from generator.evidence.page_tables.drift import Drift, compare_page

__all__ = ["Drift", "compare_page"]
