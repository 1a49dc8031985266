"""Puts the rows of a listing into pandas and DuckDB, column by column, without a model for each row.

`pip install 'cloudjobs[testing]' pandas duckdb`, then `python examples/jobs_in_pandas_and_duckdb.py`. It needs no
network: the graph is that of a replayed service.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from cloudjobs import GesClient
from cloudjobs.testing import Replay

COLUMNS = ("jobId", "status", "taskType", "progress")


def frame_of(ges: GesClient, graph: str) -> pd.DataFrame:
    """Return the jobs of a graph. Each page adds its columns; a field that a row lacks is None."""
    frames, offset = [], 0
    while rows := ges.list_jobs(graph, limit=100, offset=offset).jobs:
        frames.append(pd.DataFrame(rows.columns(*COLUMNS)))
        offset += len(rows)
    return pd.concat(frames, ignore_index=True)


def main() -> None:
    with Replay("ges") as replay, replay.client("ges") as ges:
        replay.add_rows("ges", 250, graph_name="movie")
        frame = frame_of(ges, "movie")
    print(f"{len(frame)} rows, {frame['jobId'].nunique()} different jobs")
    print(frame["status"].value_counts().sort_index().to_string())
    jobs = duckdb.from_df(frame)
    for status, count in jobs.aggregate("status, count(*) AS jobs", "status").order("jobs DESC, status").fetchall():
        print(f"{status}: {count}")


if __name__ == "__main__":
    main()
