"""`python -m tests.interop.airflow AIRFLOW_PYTHON COUNT ...`: checks the Airflow provider in a real Airflow.

Runs in the environment `.venv`. AIRFLOW_PYTHON is the interpreter of Airflow's environment. First it checks types and
runs `run_sensor.py`. Then, for each count of deferred waits, it starts PostgreSQL, the replay server, the scheduler,
the DAG processor, the API server and two triggerers, all on loopback and below build/airflow, and kills a triggerer
after half of the jobs. Exit code 1 if a check fails, 2 if something is missing.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

from .checks import Failed, Report, check_polls, check_tasks
from .cluster import Cluster, Missing, postgres_programs

ROOT = Path(__file__).parents[3]
BUILD = ROOT / "build"
QUIET = 60.0
"""Seconds over which polls are counted."""


def main(python: str, *counts: str) -> int:
    folder = BUILD / "airflow"
    for number in (signal.SIGINT, signal.SIGTERM):
        # In the background of a shell SIGINT is ignored; the processes must end with this one.
        signal.signal(number, lambda *_: sys.exit(130))
    try:
        postgres_programs()
        client = unpacked_client(folder)
        check_types_and_tests(python, client, folder)
        reports = [run(python, client, folder / f"{count}-waits", int(count)) for count in counts]
    except Missing as error:
        print(f"make airflow: {error}", file=sys.stderr)
        return 2
    except Failed as error:
        print(f"make airflow: {error}; the logs are in {folder}", file=sys.stderr)
        return 1
    (BUILD / "airflow.json").write_text(json.dumps([report.to_dict() for report in reports], indent=2) + "\n")
    print("\n".join(Report.table(reports)))
    return 0


def unpacked_client(folder: Path) -> Path:
    """Unpack the wheel, so that Airflow finds the provider by its entry point."""
    wheels = sorted((folder / "dist").glob("*.whl"))
    client = folder / "client"
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(client)
    if not wheels:
        raise Missing("the client's wheel is missing: run it as `make airflow`")
    return client


def check_types_and_tests(python: str, client: Path, folder: Path) -> None:
    """Check the modules that need Airflow with its types, and run their tests. Raises `Failed`."""
    here = Path(__file__).parent
    types = (
        "mypy",
        "--config-file",
        here / "mypy.ini",
        "--cache-dir",
        folder / "mypy",
        "--package",
        "cloudjobs.airflow",
    )
    tests = ("pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", here, here / "run_sensor.py")
    for command, path in ((types, ROOT / "generated_client" / "src"), (tests, client)):
        environment = {"PATH": os.environ["PATH"], "AIRFLOW_HOME": str(folder / "home"), "PYTHONPATH": str(path)}
        arguments = [str(part) for part in (Path(python).absolute(), "-m", *command)]
        if subprocess.run(arguments, cwd=path, env=environment, check=False).returncode:
            raise Failed(f"{command[0]} failed")


def run(python: str, client: Path, folder: Path, count: int) -> Report:
    """Wait for so many jobs, kill a triggerer after half of them, and check the result. Raises `Failed`, `Missing`."""
    with Cluster(python, client, folder, count) as cluster:
        report = Report(count)
        cluster.trigger_dag()
        report.deferred_after = cluster.await_states({"deferred": count})
        print(f"{count} waits are deferred", flush=True)
        cluster.sleep(QUIET)
        report.two_triggerers = cluster.polls_between(-QUIET, 0)
        cluster.end_jobs(0.5)
        cluster.await_ended(count // 2)
        cluster.sleep(QUIET)
        report.two_half = cluster.polls_between(-QUIET, 0)
        report.taken_over = cluster.kill_triggerer()
        killed = cluster.now()
        print(f"a triggerer with {report.taken_over} waits is killed", flush=True)
        cluster.await_taken_over()
        taken = cluster.now()
        report.taken_over_after = taken - killed
        cluster.sleep(QUIET * 1.5)
        report.after = cluster.polls_between(taken - 5, cluster.now())
        report.one_half = cluster.polls_between(-QUIET, 0)
        cluster.end_jobs(1.0)
        cluster.await_ended(count)
        check_tasks(cluster)
        check_polls(report)
        return report


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
