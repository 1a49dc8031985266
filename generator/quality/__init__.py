"""Measures the contracts: cases made from the evidence, mutation testing, coverage.

Checking a provider needs none of this. Nothing is random: the same documents give the same cases, mutants and score.
"""
