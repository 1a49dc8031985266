"""Benchmarks of the client and of baselines, which are other libraries. `make bench` runs them.

Seconds depend on the machine, so each figure is a ratio of medians that are measured in turns within one run. The
baselines are generated from the same documents when the benchmark starts.
"""
