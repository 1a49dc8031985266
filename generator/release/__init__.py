"""What has to be true before a person uploads a release: each check says what it found, and what to do."""

from generator.release.checks import Finding, report

__all__ = ["Finding", "report"]
