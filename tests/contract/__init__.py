"""Tests of the contracts: the documents, the recorded responses, and the replay that is made of both.

They name no service: all are found in `openapi/`, and their differences are read from their documents. The name of a
service is in the id of every test about it, so that `-k NAME` runs the tests of one service.
"""
