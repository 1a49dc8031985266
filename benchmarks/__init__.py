"""Benchmarks of the client and of alternatives. `make bench` runs it.

Figures of one machine say little; ratios of medians, taken in turn within one process tree, say more. The peers are
made from the same documents when the benchmark starts.
"""
