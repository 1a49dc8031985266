"""Traceability of every statement of a document to rows, observations, facts and decisions of the evidence."""

from generator.evidence.checks import broken_checks
from generator.evidence.traceability import TraceabilityReport, trace

__all__ = ["TraceabilityReport", "broken_checks", "trace"]
