"""Traceability of every statement of a document to rows, observations, facts and decisions of the evidence."""

from .traceability import TraceabilityReport, broken_checks, support, trace

__all__ = ["TraceabilityReport", "broken_checks", "support", "trace"]
