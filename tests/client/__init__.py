"""Tests of the generated client, through its public interface: the public behaviour of `import cloudjobs`.

What differs between services is looked up in the documents that the client carries, so that the tests know no service
but where they show one.
"""
