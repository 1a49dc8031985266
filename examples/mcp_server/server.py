"""An MCP server with the jobs of all services: list, get and wait. It only reads.

    pip install cloudjobs -r examples/mcp_server/requirements.txt
    python examples/mcp_server/server.py

Addresses, projects and credentials come from the environment, as for the command line. `where` has the arguments of a
request besides the job's ID, such as `{"graph_name": "movie"}`.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from fastmcp import FastMCP
from fastmcp.exceptions import ToolError

import cloudjobs
from cloudjobs import CloudJobsError, JobFailedError, JobSnapshot

LONGEST_WAIT = 600.0
"""Seconds. An agent calls again for a longer wait."""

server = FastMCP("jobs", instructions="Jobs of cloud services. No tool changes a job.")
read_only = {"readOnlyHint": True, "openWorldHint": True}


@server.tool(annotations=read_only)
def services() -> dict[str, str]:
    """List the services, each with the summary of its document."""
    return {name: cloudjobs.document(name)["info"]["title"] for name in cloudjobs.services()}


@server.tool(annotations=read_only)
def get_job(service: str, job_id: str, where: dict[str, str] | None = None) -> dict[str, Any]:
    """Get the state, progress, times, reason and children of a job."""
    return _result(service, lambda client: client.snapshot(**(where or {}), job_id=job_id))


@server.tool(annotations=read_only)
def wait_for_job(service: str, job_id: str, where: dict[str, str] | None = None, timeout: float = 60) -> dict[str, Any]:
    """Wait until a job ends, at most `timeout` seconds, and return it; a failed one too, with its reason."""
    seconds = min(timeout, LONGEST_WAIT)
    return _result(service, lambda client: client.wait_for_job(**(where or {}), job_id=job_id, timeout=seconds))


@server.tool(annotations=read_only)
def list_jobs(service: str, where: dict[str, str] | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """List the jobs of a service that has a listing, at most `limit` of them."""

    def rows(client: Any) -> list[JobSnapshot]:
        name = next((name for name in dir(client) if name.startswith("iter_")), None)
        if name is None:
            raise ToolError(f"service must have a listing, got {service}")
        return [JobSnapshot.from_job(row) for row in islice(getattr(client, name)(**(where or {})), limit)]

    return [snapshot.to_dict() for snapshot in _call(service, rows)]


def _result(service: str, call: Any) -> dict[str, Any]:
    found: dict[str, Any] = _call(service, call).to_dict()
    return found


def _call(service: str, call: Any) -> Any:
    """Make a call with a client of a service. An error of it is that of the tool."""
    if service not in cloudjobs.services():
        raise ToolError(f"service must be one of {', '.join(cloudjobs.services())}, got {service!r}")
    try:
        with getattr(cloudjobs, f"{service.capitalize()}Client")() as client:
            return call(client)
    except JobFailedError as error:
        return error.snapshot
    except (CloudJobsError, ValueError, TypeError) as error:
        raise ToolError(str(error)) from error


if __name__ == "__main__":
    server.run()
