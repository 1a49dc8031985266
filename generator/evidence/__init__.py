"""Traceability of every statement of a document to rows, observations, facts and decisions of the evidence."""

from .checks import broken_checks
from .traceability import TraceabilityReport, trace

__all__ = ["TraceabilityReport", "broken_checks", "trace"]
