"""Vendors' own clients as strangers to the replay server, and a real Ray head as a stranger to the client.

`make interop` runs it: the strangers need an environment of their own, so none of this is a test that `make test` runs.
Everything listens on loopback, and every process that is started here is ended here.
"""
