"""Huawei's client requests jobs and prints the results as JSON. Runs in the environment of the vendors' clients.

`python huawei_calls.py MODULE CLIENT METHOD REQUEST URL JOB...`, such as `huaweicloudsdkcce.v3 CceClient show_job
ShowJobRequest http://127.0.0.1:8010 job-1`. One line for each job. It does not use cloudjobs.
"""

from __future__ import annotations

import importlib
import json
import sys

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException, ServiceResponseException
from huaweicloudsdkcore.utils import http_utils


def main(module_name: str, client_name: str, method: str, request: str, url: str, *jobs: str) -> None:
    module = importlib.import_module(module_name)
    # An endpoint with a scheme is taken as it is; without one it would be https.
    building = getattr(module, client_name).new_builder()
    client = (
        building.with_credentials(BasicCredentials("an-access-key", "a-secret-key", "p1")).with_endpoint(url).build()
    )
    for job in jobs:
        print(json.dumps(_said(client, method, getattr(module, request)(job_id=job))), flush=True)


def _said(client: object, method: str, request: object) -> dict[str, object]:
    try:
        response = getattr(client, method)(request)
    except ServiceResponseException as error:
        said = {"status": error.status_code, "code": error.error_code, "message": error.error_msg}
        return {"error": type(error).__name__, **said}
    except SdkException as error:
        return {"error": type(error).__name__}
    # By the names of the wire, and without the fields that no response had.
    return {"read": http_utils.sanitize_for_serialization(response)}


if __name__ == "__main__":
    main(*sys.argv[1:])
