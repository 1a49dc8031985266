"""Holds replies against the documents. Later: cases from evidence, mutation, coverage, history, live checks."""

from generator.contract.har import export_har
from generator.contract.recordings import check_recordings

__all__ = ["check_recordings", "export_har"]
