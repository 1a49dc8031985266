"""Measures how strong the contract is: changes each document in many small ways, and counts who notices.

Nothing is drawn by chance: the same documents give the same mutants and the same score.
"""

from generator.contract.mutation.explanations import Explanations
from generator.contract.mutation.noticing import Outcome, Witnesses
from generator.contract.mutation.operators import mutants
from generator.contract.mutation.scores import COLUMNS, Score, by_operator, by_service, survivors

__all__ = [
    "COLUMNS",
    "Explanations",
    "Outcome",
    "Score",
    "Witnesses",
    "by_operator",
    "by_service",
    "mutants",
    "survivors",
]
