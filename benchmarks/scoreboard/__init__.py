"""Findings of several tools in the ten faulty recordings, in one run. `make scoreboard` runs it.

Each tool gets the same documents, without the responses that are only inferred and without security requirements, since
recordings carry no credentials; and the same HAR entries: ten with one fault each, and every recording as it is.
"""
