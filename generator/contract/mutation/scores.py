"""How many mutants are noticed, by service and by operator, and which survive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import attrs

from generator.contract.mutation.noticing import Outcome
from generator.contract.mutation.operators import OPERATORS


@attrs.frozen
class Score:
    """A count of mutants."""

    name: str
    mutants: int
    """Those that say something else than the original."""
    equivalent: int
    """Those that say the same in other words, which nothing can notice."""
    noticed: int
    noticed_by_recordings: int

    @classmethod
    def of(cls, name: str, outcomes: Iterable[Outcome]) -> Score:
        """The count of some outcomes."""
        found = list(outcomes)
        real = [outcome for outcome in found if not outcome.is_equivalent]
        return cls(
            name,
            len(real),
            len(found) - len(real),
            sum(outcome.noticed_by is not None for outcome in real),
            sum(outcome.by_recordings for outcome in real),
        )

    @property
    def share(self) -> float | None:
        """How many of them are noticed, from 0 to 1; None where there are none."""
        return self.noticed / self.mutants if self.mutants else None

    @property
    def share_of_recordings(self) -> float | None:
        """How many of them the recordings alone notice, from 0 to 1."""
        return self.noticed_by_recordings / self.mutants if self.mutants else None

    @property
    def cells(self) -> tuple[Any, ...]:
        """The row of a table."""
        shares = (self.share_of_recordings, self.share)
        alone, all_ = ("-" if share is None else f"{share:.1%}" for share in shares)
        return self.name, self.mutants, self.equivalent, self.noticed_by_recordings, alone, self.noticed, all_

    def as_data(self, key: str) -> dict[str, Any]:
        """The same as JSON data, its name under that key."""
        return {
            key: self.name,
            "mutants": self.mutants,
            "equivalent": self.equivalent,
            "noticed": self.noticed,
            "score": _rounded(self.share),
            "noticed_by_recordings_alone": self.noticed_by_recordings,
            "score_recordings": _rounded(self.share_of_recordings),
        }


COLUMNS = ("mutants", "equivalent", "by recordings alone", "", "by recordings and cases", "")
"""What stands in `Score.cells`, after the name."""


def by_service(outcomes: Sequence[Outcome]) -> list[Score]:
    """A score for each service, in the order of the outcomes."""
    return _scores(dict.fromkeys(outcome.service for outcome in outcomes), outcomes, lambda each: each.service)


def by_operator(outcomes: Sequence[Outcome]) -> list[Score]:
    """A score for each operator that made a mutant."""
    made = {outcome.mutant.operator for outcome in outcomes}
    names = [name for name in OPERATORS if name in made]
    return _scores(names, outcomes, lambda each: each.mutant.operator)


def survivors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The mutants that nothing notices, though they say something else."""
    return [outcome for outcome in outcomes if not outcome.is_equivalent and outcome.noticed_by is None]


def _scores(names: Iterable[str], outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> list[Score]:
    return [Score.of(name, (outcome for outcome in outcomes if key(outcome) == name)) for name in names]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
