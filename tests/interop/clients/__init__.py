"""Clients in other languages, generated, compiled and run against the replay server: `make clients`."""
