"""The example of an MCP server, called over stdio by FastMCP's client: list, get and wait.

Runs in the environment of FastMCP, with the client on `PYTHONPATH`. Argument: the address of the replay. Prints one
JSON line for each check.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import PythonStdioTransport

import cloudjobs

SERVER = Path(__file__).parents[2] / "examples" / "mcp_server" / "server.py"


def say(promise: str, expected: Any, came: Any) -> None:
    print(json.dumps({"library": "fastmcp", "promise": promise, "expected": expected, "came": came}))


def some(job: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: job.get(name) for name in names}


async def main(url: str) -> None:
    addresses = {f"CLOUDJOBS_{name.upper()}_URL": url for name in cloudjobs.services()}
    known = {"CLOUDJOBS_PROJECT_ID": "p1", "CLOUDJOBS_TOKEN": "not-a-real-token"}
    path = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
    transport = PythonStdioTransport(SERVER, env={**os.environ, **addresses, **known, **path})
    async with Client(transport) as client:

        async def call(name: str, **arguments: Any) -> Any:
            return (await client.call_tool(name, arguments)).structured_content

        tools = {tool.name: tool for tool in await client.list_tools()}
        read_only = [name for name, tool in tools.items() if tool.annotations and tool.annotations.readOnlyHint]
        say("the MCP server has tools that only read", [list(tools)] * 2, [read_only, sorted(tools, key=NAMES.index)])
        say("services lists them all", cloudjobs.services(), list(await call("services")))
        job = await call("get_job", service="cce", job_id="good")
        say("get_job reads a job", {"id": "good", "state": "running"}, some(job, "id", "state"))
        done = await call("wait_for_job", service="cce", job_id="good", timeout=30)
        say(
            "wait_for_job returns a job that succeeded", {"id": "good", "state": "succeeded"}, some(done, "id", "state")
        )
        failed = await call("wait_for_job", service="cce", job_id="bad", timeout=30)
        expected = {"state": "failed", "reason": "no quota left"}
        say("wait_for_job returns a job that failed, with its reason", expected, some(failed, "state", "reason"))
        rows = (await call("list_jobs", service="ges", where={"graph_name": "movie"}, limit=2))["result"]
        say("list_jobs returns as many rows as it may", [2, True], [len(rows), all("state" in row for row in rows)])
        missing = await client.call_tool("get_job", {"service": "cce", "job_id": "none"}, raise_on_error=False)
        said = " ".join(part.text for part in missing.content)
        say("a job that does not exist is an error of the tool", [True, True], [missing.is_error, "404" in said])
        wrong = await client.call_tool("get_job", {"service": "acme", "job_id": "1"}, raise_on_error=False)
        said = " ".join(part.text for part in wrong.content)
        say("an unknown service is an error of the tool", [True, True], [wrong.is_error, "acme" in said])


NAMES = ["services", "get_job", "wait_for_job", "list_jobs"]


asyncio.run(main(sys.argv[1]))
