"""The samples of the documentation: found in its Markdown, run against the replay, compared with the shown output.

A page is a program: its blocks are run from top to bottom in one process, with one set of names, one folder and one
replay. The address of the pages, `http://127.0.0.1:8010`, is replaced by that of the replay.
"""
