"""Writes a table with many commits, a checkpoint every ten. Arguments: its folder, number of commits."""

import sys

import pyarrow as pa
from deltalake import write_deltalake

path, commits = sys.argv[1], int(sys.argv[2])
for number in range(commits):
    batch = pa.table({"id": pa.array([number], pa.int64()), "name": [f"n{number}"]})
    # Late, so that the change is among the newest commits.
    if number == commits - 5:
        batch = batch.append_column("region", pa.array(["eu"]))
    settings = {"configuration": {"delta.checkpointInterval": "10"}} if number == 0 else {}
    write_deltalake(path, batch, mode="append", schema_mode="merge", **settings)
