"""Tests of the contracts: the documents, the recorded responses, and the stand-in that is made of both.

They name no service: all are found in `openapi/`, and what differs between them is looked up in their documents. The
name of a service is in the id of every test about it, so that `-k NAME` runs what there is to say of one service.
"""
