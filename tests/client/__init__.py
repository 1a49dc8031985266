"""Tests of the generated client, through its public interface: the public behaviour of `import cloudjobs`.

Differences between services are read from the documents in the client, so the tests do not name services except in
examples.
"""
