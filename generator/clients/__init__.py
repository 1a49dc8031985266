"""Clients in other languages: test vectors, packages that wait for jobs, and recipes of other generators."""
