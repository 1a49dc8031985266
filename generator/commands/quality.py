"""Commands `contract mutate` and `contract coverage`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..documents import Workspace
from ..errors import Problem
from ..files import print_table, write_files
from . import bundled_services, relative
from .arguments import Commands, percent

if TYPE_CHECKING:
    from ..quality.mutation import Explanations, Outcome, Score

_SURVIVORS = Path("tests", "contract", "survivors.yaml")
"""The list of a project, which need not have one."""


def add(commands: Commands) -> None:
    """Add the commands to the group `contract`."""
    group = commands.group("contract")
    mutate = group.add("mutate", _mutate, "change each document in many ways, and say how many changes are noticed")
    mutate.add_argument(
        "--min", type=percent, default=0.0, metavar="PERCENT", help="exit with 1 where fewer are noticed, over all"
    )
    mutate.add_argument(
        "--survivors",
        type=Path,
        metavar="FILE",
        help="list of the survivors that are explained; others are an error (tests/contract/survivors.yaml)",
    )
    coverage = group.add("coverage", _coverage, "say what of each document the recordings and the cases exercise")
    coverage.add_argument("--all", action="store_true", help="exit with 1 where anything is not exercised")
    for command, name in ((mutate, "mutation.json"), (coverage, "coverage.json")):
        help = f"where to write it as JSON (build/{name})"
        command.add_argument(
            "--output", type=commands.output, default=commands.project / "build" / name, metavar="FILE", help=help
        )


def _mutate(options: argparse.Namespace) -> int:
    from ..quality.mutation import (
        COLUMNS,
        Explanations,
        MutationRunner,
        Score,
        by_operator,
        by_service,
        survivors,
    )

    workspace = Workspace(options.project)
    services = [service for service, _ in bundled_services(workspace, options.services)]
    survivors_file = options.survivors or options.project / _SURVIVORS
    is_given = options.survivors or survivors_file.exists()
    explanations = Explanations.read(survivors_file) if is_given else Explanations.none(survivors_file)
    outcomes = [outcome for service in services for outcome in MutationRunner(service).outcomes()]
    left = survivors(outcomes)
    everything = Score.from_outcomes("all", outcomes)
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
    about = ", ".join(outcome.about) or f"an entry that documents {mutant.pointer}"
    return f"an example of {about} with another result once {mutant.pointer} is changed by: {mutant.change}"


def _coverage(options: argparse.Namespace) -> int:
    from ..quality.coverage import KINDS, coverage

    workspace = Workspace(options.project)
    measured = [coverage(service) for service, _ in bundled_services(workspace, options.services)]
    missing = [(each.service, item) for each in measured for item in each.missing]
    data = {
        "services": [each.as_data for each in measured],
        "missing": [
            {"service": service, "kind": item.kind, "pointer": item.pointer, "aspect": item.aspect}
            for service, item in missing
        ],
    }
    write_files({options.output: data})
    print("by the recordings alone, by recordings and cases, of all there is:")
    rows = []
    for each in measured:
        counts = (each.counts(kind) for kind in KINDS)
        rows.append((each.service, *(f"{alone} {all_} /{total}" for alone, all_, total in counts)))
    print_table(("service", *KINDS), rows)
    for service, item in missing:
        print(f"not exercised: {service} {item}")
    return 1 if missing and options.all else 0
