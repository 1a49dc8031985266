"""`contract mutate`: how many changed documents the recordings and the cases from evidence notice."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.documents import Workspace
from generator.errors import Problem
from generator.files import print_table, write_files
from generator.verbs.parsers import Verbs, percent
from generator.verbs.preparing import ROOT, bundles, output, relative

if TYPE_CHECKING:
    from generator.quality.mutation import Explanations, Outcome, Score

_OUTPUT = ROOT / "build" / "mutation.json"
_SURVIVORS = ROOT / "tests" / "contract" / "survivors.yaml"


def add(contract: Verbs) -> None:
    """Add the verb to the group `contract`."""
    verb = contract.add("mutate", _mutate, "change each document in many ways, and say how many changes are noticed")
    verb.add_argument(
        "--min", type=percent, default=0.0, metavar="PERCENT", help="exit with 1 where fewer are noticed, over all"
    )
    verb.add_argument(
        "--survivors",
        type=Path,
        default=_SURVIVORS,
        metavar="FILE",
        help="list of the survivors that are explained; others are an error (tests/contract/survivors.yaml)",
    )
    verb.add_argument(
        "--output", type=output, default=_OUTPUT, metavar="FILE", help="where to write it as JSON (build/mutation.json)"
    )


def _mutate(options: argparse.Namespace) -> int:
    from generator.quality.mutation import COLUMNS, Explanations, Score, Witnesses, by_operator, by_service, survivors

    workspace = Workspace(ROOT)
    services = [service for service, _ in bundles(workspace, options.services)]
    explanations = Explanations.read(options.survivors)
    outcomes = [outcome for service in services for outcome in Witnesses(service).outcomes()]
    left = survivors(outcomes)
    everything = Score.of("all", outcomes)
    scores, operators = by_service(outcomes), by_operator(outcomes)
    write_files({options.output: _as_data(scores, operators, everything, left, explanations)})
    print_table(("service", *COLUMNS), [score.cells for score in [*scores, everything]])
    print()
    print_table(("operator", *COLUMNS), [score.cells for score in operators])
    print(f"\n{len(left)} survive")
    for outcome in left:
        print(f"  {outcome.id}\n    {_why(outcome, explanations)}\n    noticed by: {_case(outcome, explanations)}")
    problems = explanations.problems(outcomes, left)
    if 100 * (everything.share or 0) < options.min:
        shown = everything.cells[-1]
        problems.append(Problem("--min", f"asks for {options.min:g} %, and {shown} is reached", "See the survivors"))
    for problem in problems:
        print(relative(problem), file=sys.stderr)
    return 1 if problems else 0


def _as_data(
    scores: list[Score], operators: list[Score], everything: Score, left: list[Outcome], explanations: Explanations
) -> dict[str, Any]:
    return {
        "total": everything.as_data("service"),
        "services": [score.as_data("service") for score in scores],
        "operators": [score.as_data("operator") for score in operators],
        "survivors": [
            {
                "id": outcome.id,
                "service": outcome.service,
                "operator": outcome.mutant.operator,
                "pointer": outcome.mutant.pointer,
                "change": outcome.mutant.change,
                "why": _why(outcome, explanations),
                "case": _case(outcome, explanations),
            }
            for outcome in left
        ],
    }


def _why(outcome: Outcome, explanations: Explanations) -> str:
    known = explanations.known.get(outcome.id)
    return known.why if known else "not explained"


def _case(outcome: Outcome, explanations: Explanations) -> str:
    known = explanations.known.get(outcome.id)
    if known:
        return known.case
    mutant = outcome.mutant
    about = ", ".join(outcome.about) or f"an entry carried by {mutant.pointer}"
    return f"an example of {about} that {mutant.pointer} judges otherwise once it is changed by: {mutant.change}"
