"""Use of models, snapshots and rows with FastAPI, pydantic, pandas, polars, pyarrow and DuckDB.

Runs in the environment of those libraries, with the client on `PYTHONPATH`. Prints one JSON line for each check.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

import duckdb
import httpx
import pandas
import polars
import pyarrow
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel

import cloudjobs
from cloudjobs import CceClient, GesClient, JobSnapshot, LazyList, cce, ges

NAMES = ("jobId", "status", "failReason")


class Report(BaseModel):
    """A model of a user, with fields of ours."""

    job: cce.Job
    done: JobSnapshot[cce.Job]
    rows: LazyList[ges.Job]


def say(library: str, promise: str, expected: Any, came: Any) -> None:
    print(json.dumps({"library": library, "promise": promise, "expected": expected, "came": came}))


def recorded(service: str, name: str) -> Any:
    return json.loads(cloudjobs.recordings(service)[name]["body"])


def served(body: Any) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: httpx.Response(200, json=body))


def use_pydantic(report: Report) -> None:
    written = report.model_dump_json()
    say(
        "pydantic",
        "a model with fields of ours writes to_dict() of each",
        report.job.to_dict(),
        json.loads(written)["job"],
    )
    say("pydantic", "and reads it again, equal", True, Report.model_validate_json(written) == report)


def use_fastapi(report: Report) -> None:
    app = FastAPI()

    @app.get("/job")
    def job() -> cce.Job:
        return report.job

    @app.get("/done")
    def done() -> JobSnapshot[cce.Job]:
        return report.done

    @app.get("/rows")
    def rows() -> LazyList[ges.Job]:
        return report.rows

    @app.get("/report")
    def whole() -> Report:
        return report

    @app.post("/job")
    def sent(job: Annotated[cce.Job, Body()]) -> dict[str, str | None]:
        return {"kind": job.kind}

    client = TestClient(app)
    expected = [report.job.to_dict(), report.done.to_dict(), [row.to_dict() for row in report.rows]]
    say(
        "fastapi",
        "response models are written as to_dict()",
        expected,
        [client.get(f"/{each}").json() for each in ("job", "done", "rows")],
    )
    say(
        "fastapi",
        "a response model with fields of ours",
        json.loads(report.model_dump_json()),
        client.get("/report").json(),
    )
    posted = client.post("/job", json=report.job.to_dict())
    say("fastapi", "a body is read as a model", [200, {"kind": report.job.kind}], [posted.status_code, posted.json()])
    say("fastapi", "a body that is not an object is refused", 422, client.post("/job", json=[1]).status_code)
    schema = client.get("/openapi.json").json()
    described = {path: sorted(resolved(schema, success(schema, path))["properties"]) for path in ("/job", "/done")}
    described["/rows"] = sorted(resolved(schema, success(schema, "/rows")["items"])["properties"])
    # `code` is optional: a service without error codes never has it.
    of_snapshot = sorted({*report.done.to_dict(), "code"})
    expected_names = {"/job": names(cce.Job), "/done": of_snapshot, "/rows": names(ges.Job)}
    say("fastapi", "OpenAPI describes models and snapshots", expected_names, described)


def names(model: Any) -> list[str]:
    """Return the wire names of a model, by its document."""
    service = model.__module__.split(".")[-2]
    return sorted(cloudjobs.document(service)["components"]["schemas"][model.__name__]["properties"])


def success(schema: Any, path: str) -> Any:
    return schema["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


def resolved(schema: Any, node: Any) -> Any:
    return schema["components"]["schemas"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def use_tables(rows: LazyList[ges.Job]) -> None:
    columns = rows.columns(*NAMES)
    expected = [list(row) for row in zip(*(columns[name] for name in NAMES), strict=True)]
    failed = sum(status == "failed" for status in columns["status"])
    frame = pandas.DataFrame(columns)
    say(
        "pandas",
        "DataFrame(rows.columns(…)) has every row",
        expected,
        frame.astype(object).where(frame.notna(), None).values.tolist(),
    )
    say(
        "polars",
        "DataFrame(rows.columns(…)) has every row",
        expected,
        [list(row) for row in polars.DataFrame(columns).rows()],
    )
    table = pyarrow.table(columns)
    say("pyarrow", "table(rows.columns(…)) has every row", expected, [list(row.values()) for row in table.to_pylist()])
    for name, source in (
        ("a table of pyarrow", table),
        ("a frame of pandas", frame),
        ("a frame of polars", polars.DataFrame(columns)),
    ):
        found = duckdb.sql("select count(*) from source where status = 'failed'").fetchall()
        say("duckdb", f"queries {name}", [len(rows), failed], [len(source), *found[0]])


def main() -> None:
    auth = cloudjobs.Token("not-a-real-token")
    with CceClient(
        "https://h", project_id="p", auth=auth, transport=served(recorded("cce", "get-job-running"))
    ) as client:
        job = client.get_job("354331b2c-229a-11e8-9c75-0255ac100ceb")
    with GesClient(
        "https://h", project_id="p", auth=auth, transport=served(recorded("ges", "list-jobs-page"))
    ) as listing:
        rows = listing.list_jobs("movie").jobs or LazyList()
    report = Report(job=job, done=JobSnapshot.from_job(job), rows=rows)
    use_pydantic(report)
    use_fastapi(report)
    use_tables(rows)


main()
