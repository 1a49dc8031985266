"""Tests that execute the documentation for users."""
