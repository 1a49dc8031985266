"""Vendors' own clients as strangers to the replay server, and a real Ray head as a stranger to the client.

`make interop` runs it: the vendors' clients need a separate environment, so `make test` does not run this.
Everything listens on loopback, and every process that is started here is ended here.
"""
