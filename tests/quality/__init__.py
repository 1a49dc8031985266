"""Tests of the measuring of contracts: cases, mutation, coverage."""
