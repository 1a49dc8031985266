"""Measures the contracts: cases made from the evidence, mutation testing, coverage.

A check of a provider does not use this package. Nothing is random: equal documents give equal cases, mutants and
scores.
"""
