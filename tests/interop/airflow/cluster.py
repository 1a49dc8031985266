"""PostgreSQL, Airflow's processes and the replay server, on loopback and in one folder."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cloudjobs
from cloudjobs._documents import operations
from cloudjobs.testing import Replay

ROOT = Path(__file__).parents[3]
SECRET = "token-of-make-airflow-7f3a"
"""The credential of the connection. It must not appear in a log."""
PROJECT = "project-1"
ARGUMENTS = {"ges": {"graph_name": "movie"}}
STATES = ("succeeded", "failed", "succeeded", "stopped", "succeeded", "partial")
TERMINAL = ("success", "failed", "upstream_failed", "skipped")
_PRELOADED = (
    "import airflow.sdk.execution_time.task_runner\nimport cloudjobs.airflow._sensor\nimport cloudjobs._aiohttp\n"
)
_PATIENCE = 3600.0
"""Seconds within which an awaited state must be reached."""


class Missing(Exception):
    """A program or file that the run needs is missing; the text has the remedy."""


class Failed(Exception):
    """A check failed, or a process ended."""


class Cluster:
    """All processes of one run. Starts them when it is entered, and stops them afterwards.

    Args:
        python: The interpreter of Airflow's environment.
        client: The folder with the installed client.
        folder: The folder for data and logs; it is emptied.
        count: The number of jobs.
    """

    def __init__(self, python: str, client: Path, folder: Path, count: int) -> None:
        self._python = Path(python).absolute()
        self.folder = folder
        self.plan = _plan(count)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._client = client
        self._postgres = postgres_programs()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "plan.json").write_text(json.dumps(self.plan, indent=1))
        # Imported by each long-lived process of Airflow, so that its forks, the processes of tasks, need not import it.
        (folder / "home" / "config").mkdir(parents=True)
        (folder / "home" / "config" / "airflow_local_settings.py").write_text(_PRELOADED)
        self._ports = {name: _free_port() for name in ("postgres", "api")}
        self._environment = self._variables()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()

    # Processes

    def _variables(self) -> dict[str, str]:
        folder, api = self.folder, f"http://127.0.0.1:{self._ports['api']}"
        database = f"127.0.0.1:{self._ports['postgres']}/airflow"
        settings = {
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": "4",
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__DAGS_FOLDER": str(Path(__file__).parent / "dags"),
            "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "CORE__FERNET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
            "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "CORE__MAX_ACTIVE_TASKS_PER_DAG": "100000",
            "API_AUTH__JWT_SECRET": secrets.token_urlsafe(32),
            "API__SECRET_KEY": secrets.token_urlsafe(32),
            "API__BASE_URL": api,
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self._ports["api"]),
            "API__WORKERS": "1",
            "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow@{database}",
            "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://airflow@{database}",
            "LOGGING__BASE_LOG_FOLDER": str(folder / "task-logs"),
            "TRIGGERER__CAPACITY": "2000",
            # A busy machine is slow to respond, and that is not a fault.
            "WORKERS__EXECUTION_API_TIMEOUT": "120",
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "1800",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        variables = {f"AIRFLOW__{name}": value for name, value in settings.items()}
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **variables,
            "AIRFLOW_HOME": str(folder / "home"),
            "PYTHONPATH": str(self._client),
            "PLAN": str(folder / "plan.json"),
            "NO_PROXY": "*",
        }

    def _start(self) -> None:
        self._start_postgres()
        port = self._start_replay()
        self._address = f"http://127.0.0.1:{port}"
        self._airflow("db", "migrate")
        without = {"conn_type": "cloudjobs", "host": self._address}
        connections = {
            "with-token": {**without, "password": SECRET, "extra": {"project_id": PROJECT}},
            "without": without,
        }
        for name, connection in connections.items():
            self._airflow("connections", "add", name, "--conn-json", json.dumps(connection))
        for name in ("api-server", "dag-processor", "scheduler"):
            self._spawn(name, self._python.parent / "airflow", name)
        self._await("the API server to start", lambda: _connects(self._ports["api"]))
        self._triggerers: dict[str, int] = {}
        for number in (1, 2):
            name = f"triggerer-{number}"
            self._spawn(name, self._python.parent / "airflow", "triggerer", "--skip-serve-logs")
            query = "SELECT max(id) FROM job WHERE job_type = 'TriggererJob' AND state = 'running'"
            self._await(
                f"{name} to start",
                lambda query=query: int(self.query(query) or 0) not in (0, *self._triggerers.values()),
            )
            self._triggerers[name] = int(self.query(query))

    def _start_postgres(self) -> None:
        data = self.folder / "postgres"
        data.mkdir()
        prefix: tuple[str, ...] = ()
        if os.getuid() == 0:
            # PostgreSQL refuses to run as root.
            shutil.chown(data, "postgres", "postgres")
            prefix = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
        port = str(self._ports["postgres"])
        self._run("initdb", *prefix, self._postgres / "initdb", "-D", data, "-U", "airflow", "-A", "trust", "-N")
        options = ("-p", port, "-h", "127.0.0.1", "-k", "", "-F", "-c", "max_connections=300")
        self._spawn("postgres", *prefix, self._postgres / "postgres", "-D", data, *options)
        connect = ("-h", "127.0.0.1", "-p", port, "-U", "airflow")
        self._await("PostgreSQL to start", lambda: _connects(int(port)))
        self._run("createdb", self._postgres / "createdb", *connect, "airflow")

    def _start_replay(self) -> int:
        log = self.folder / "replay.log"
        environment = {**self._environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'generated_client' / 'src'}"}
        self._spawn(
            "replay",
            self._python,
            "-m",
            "tests.interop.airflow.replay_server",
            self.folder / "plan.json",
            env=environment,
        )
        self._await("the replay server to start", lambda: log.read_text().strip().isdecimal())
        return int(log.read_text())

    def _airflow(self, *arguments: str) -> str:
        return self._run(f"airflow {arguments[0]}", self._python.parent / "airflow", *arguments)

    def _run(self, name: str, *command: object) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            env=self._environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Failed(f"{name} ended with exit code {done.returncode}: {(done.stdout + done.stderr)[-1000:]}")
        return done.stdout

    def _spawn(self, name: str, *command: object, env: Mapping[str, str] | None = None) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [str(part) for part in command],
                env=env or self._environment,
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _stop(self) -> None:
        for name, process in reversed(self._processes.items()):
            # PostgreSQL ends its own children; the others are groups.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT if name == "postgres" else signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    # The course of a run

    def trigger_dag(self) -> None:
        """Start all waits."""
        query = "SELECT count(*) FROM serialized_dag"
        self._await("the DAG to be parsed", lambda: int(self.query(query)) > 0)
        self._airflow("dags", "trigger", "waits")

    def await_states(self, wanted: Mapping[str, int]) -> float:
        """Wait until so many tasks have these states. Returns the seconds that it took."""
        started = time.monotonic()
        self._await(f"tasks in the states {dict(wanted)}", lambda: self.states() == wanted)
        return time.monotonic() - started

    def await_ended(self, count: int) -> None:
        """Wait until so many tasks have ended."""
        self._await(f"{count} tasks to end", lambda: sum(self.states().get(state, 0) for state in TERMINAL) >= count)

    def await_taken_over(self) -> None:
        """Wait until the remaining triggerer has all triggers."""
        (left,) = self._triggerers.values()
        query = f"SELECT count(*) FROM trigger WHERE triggerer_id IS DISTINCT FROM {left}"
        self._await("the other triggerer to take over", lambda: self.query(query) == "0")

    def kill_triggerer(self) -> int:
        """Kill the triggerer with the most waits. Returns their number."""
        rows = [
            row.split("|") for row in self.query("SELECT triggerer_id, count(*) FROM trigger GROUP BY 1").splitlines()
        ]
        counts = {int(triggerer): int(count) for triggerer, count in rows if triggerer}
        name = max(self._triggerers, key=lambda each: counts.get(self._triggerers[each], 0))
        os.killpg(self._processes[name].pid, signal.SIGKILL)
        self._processes.pop(name).wait()
        return counts[self._triggerers.pop(name)]

    def end_jobs(self, share: float) -> None:
        """End jobs as planned, until that share of all has ended."""
        self._request(f"/end?share={share}")

    def polls_between(self, start: float, end: float) -> list[int]:
        """Return the requests of each second between two moments. A moment of 0 or less is relative to now."""
        now = time.time()
        start, end = (moment if moment > 0 else now + moment for moment in (start, end))
        moments = [moment for moment in self._request("/polls") if start <= moment < end]
        counts = [0] * int(end - start)
        for moment in moments:
            if int(moment - start) < len(counts):
                counts[int(moment - start)] += 1
        return counts

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep while all processes run."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._check_processes()
            time.sleep(1)

    def states(self) -> dict[str, int]:
        """Return the number of tasks in each state."""
        rows = self.query("SELECT coalesce(state, 'none'), count(*) FROM task_instance GROUP BY 1").splitlines()
        return {state: int(count) for state, count in (row.split("|") for row in rows)}

    def query(self, statement: str) -> str:
        """Run a statement of SQL. Returns lines, with the columns separated by `|`."""
        connect = ("-h", "127.0.0.1", "-p", self._ports["postgres"], "-U", "airflow", "-d", "airflow")
        return self._run("psql", self._postgres / "psql", *connect, "-At", "-c", statement).strip()

    def task_log(self, task: str, index: int) -> str:
        """Return the log of a mapped task."""
        return "".join(
            path.read_text(errors="replace")
            for path in sorted((self.folder / "task-logs").glob(f"dag_id=waits/*/task_id={task}/map_index={index}/*"))
        )

    def files_with(self, text: str) -> list[Path]:
        """Return the logs that have a text."""
        logs = [path for path in self.folder.rglob("*.log*") if path.is_file() and "postgres" not in path.parts]
        return [path for path in logs if text.encode() in path.read_bytes()]

    def _request(self, path: str) -> Any:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self._address + path, timeout=60) as response:
            return json.loads(response.read())

    def _await(self, what: str, is_so: Any) -> None:
        ends = time.monotonic() + _PATIENCE
        while not is_so():
            self._check_processes()
            if time.monotonic() > ends:
                raise Failed(f"waited {_PATIENCE:g} s for {what}")
            time.sleep(0.5)

    def _check_processes(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                text = (self.folder / f"{name}.log").read_text(errors="replace")
                raise Failed(f"{name} ended with exit code {process.returncode}: {text[-1000:]}")


def _plan(count: int) -> dict[str, Any]:
    """Return the jobs of each service, with the states that they will end in."""
    services = ("cce", "yuanrong", "ief", "ges")
    jobs: dict[str, list[dict[str, str]]] = {}
    for service in services:
        states = [state for state in STATES if _can_end(service, state)]
        jobs[service] = [
            {
                "id": f"{service}-{number}",
                "state": states[number % len(states)],
                "reason": "" if states[number % len(states)] == "succeeded" else f"quota {number} is used up",
            }
            for number in range(count // len(services))
        ]
    connections = {service: "with-token" if _needs_token(service) else "without" for service in services}
    return {"jobs": jobs, "arguments": ARGUMENTS, "connections": connections}


def _needs_token(service: str) -> bool:
    return any(definition.get("security") for _, _, definition in operations(cloudjobs.document(service)))


def _can_end(service: str, state: str) -> bool:
    with Replay(service) as replay:
        try:
            replay.add_job(service, states=["running", state])
        except ValueError:
            return False
    return True


def postgres_programs() -> Path:
    """Return the folder with PostgreSQL's programs. Raises `Missing`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise Missing("PostgreSQL's initdb is missing: on Debian, install the package `postgresql`")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _connects(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
