"""`python -m tests.interop PYTHON`: checks each behaviour, prints a table, writes build/interop.json.

Runs in the environment `.venv`. PYTHON is the interpreter of the environment with the vendors' clients. The exit code
is 1 if a check fails.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from . import ray_jobs, subprocess_clients, verified
from .ray_head import ray_head
from .rows import Row, printed

BUILD = Path(__file__).parents[2] / "build"


_OF_THE_PERSON = ("RAY_", "CLOUDJOBS_", "HUAWEICLOUD_", "HW_")


def main(python: str) -> int:
    _forget_settings()
    # Deviations are rows of the table, so they need not be logged too.
    logging.getLogger("cloudjobs").addHandler(logging.NullHandler())
    rows = list(_rows(python))
    print("\n".join(printed(rows)))
    BUILD.mkdir(exist_ok=True)
    (BUILD / "interop.json").write_text(json.dumps({"rows": [row.as_data for row in rows]}, indent=2) + "\n")
    return 0 if all(row.kept for row in rows) else 1


def _forget_settings() -> None:
    """Remove addresses, credentials and proxies of the user from the environment."""
    for name in list(os.environ):
        if name.startswith(_OF_THE_PERSON) or name.lower().endswith("_proxy"):
            del os.environ[name]


def _rows(python: str) -> Iterator[Row]:
    yield from subprocess_clients.rows(python)
    with ray_head(Path(python).with_name("ray")) as head:
        ray_jobs.set_scene(head)
        name = f"ray head {head.version}"
        yield verified.row(head, name, [ray_jobs.job_in(status) for status in ray_jobs.SCENES])
        yield from ray_jobs.rows(head, name)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
