"""Accounts for every statement of a document: which row, observation, fact or decision supports it."""

from generator.evidence.checks import broken_checks
from generator.evidence.traceability import TraceabilityReport, trace

__all__ = ["TraceabilityReport", "broken_checks", "trace"]
