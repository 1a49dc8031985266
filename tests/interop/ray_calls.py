"""Ray's client requests jobs and prints the results as JSON. Runs in the environment of the vendors' clients.

`python ray_calls.py URL JOB...`; one line for each job. It does not use cloudjobs.
"""

from __future__ import annotations

import json
import sys

from pydantic import ValidationError
from ray.job_submission import JobSubmissionClient


def main(url: str, *jobs: str) -> None:
    try:
        client = JobSubmissionClient(url)
    except RuntimeError as error:
        print(json.dumps({"error": "RuntimeError", "message": str(error)}))
        return
    for job in jobs:
        print(json.dumps(_said(client, job)), flush=True)


def _said(client: JobSubmissionClient, job: str) -> dict[str, object]:
    try:
        info = client.get_job_info(job)
    except ValidationError as error:
        return {"error": "ValidationError", "fields": ["/".join(map(str, each["loc"])) for each in error.errors()]}
    except RuntimeError as error:
        return {"error": "RuntimeError", "message": str(error)}
    return {"read": info.model_dump(mode="json", exclude_unset=True)}


if __name__ == "__main__":
    main(*sys.argv[1:])
