"""The samples of the documentation: found in its Markdown, run against the replay, held against what is shown.

A page is a program: its blocks are run from top to bottom in one process, with one set of names, one folder and one
replay. The address that the pages use, `http://127.0.0.1:8010`, stands for the port that the replay really has.
"""
