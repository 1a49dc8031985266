"""Vendors' own clients against the replay server, and the client against a real Ray head.

`make interop` runs it: the vendors' clients need a separate environment, so `make test` does not run this.
Everything listens on loopback, and every process that is started here is ended here.
"""
