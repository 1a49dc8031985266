"""One DAG with a deferred wait for each job of the plan, in a mapped task for each service."""

import json
import os
from pathlib import Path

from airflow.sdk import DAG

from cloudjobs.airflow import JobSensor

PLAN = json.loads(Path(os.environ["PLAN"]).read_text())

with DAG("waits", schedule=None, max_active_tasks=100_000):
    for service, jobs in PLAN["jobs"].items():
        JobSensor.partial(
            task_id=service,
            service=service,
            arguments=PLAN["arguments"].get(service, {}),
            conn_id=PLAN["connections"][service],
            timeout=7200,
        ).expand(job_ids=[job["id"] for job in jobs])
