"""The fixtures of all tests of the contracts."""

from tests.isolation import _clean_environment, _deterministic_cases, _no_network, anyio_backend, serves

__all__ = ["_clean_environment", "_deterministic_cases", "_no_network", "anyio_backend", "serves"]
