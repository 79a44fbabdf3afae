"""Writes the tables of the Delta tests with delta-rs. Arguments: address of the lake, then storage options as JSON (for S3)."""

import json
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, Field, Schema, write_deltalake
from deltalake.schema import PrimitiveType

root = sys.argv[1]
options = json.loads(sys.argv[2]) if len(sys.argv) > 2 else None
DAY = "2026-11-01"


def batch(first: int, count: int, **extra: str) -> pa.Table:
    ids = list(range(first, first + count))
    columns = {"id": pa.array(ids, pa.int64()), "name": [f"n{i}" for i in ids], "day": [DAY] * count}
    return pa.table(columns | {name: [value] * count for name, value in extra.items()})


def opened(name: str) -> DeltaTable:
    return DeltaTable(f"{root}/{name}", storage_options=options)


def rows(name: str, first: int, count: int, mode: str = "append", **extra: str) -> None:
    write_deltalake(f"{root}/{name}", batch(first, count, **extra), mode=mode, storage_options=options)


def create(name: str) -> None:
    fields = [Field("id", PrimitiveType("long")), Field("name", PrimitiveType("string")), Field("day", PrimitiveType("string"))]
    DeltaTable.create(f"{root}/{name}", schema=Schema(fields), partition_by=["day"], storage_options=options)


# One step a version, the same as in write_spark.py and in the simulator.
def story(name: str) -> None:
    create(name)
    rows(name, 0, 10)
    opened(name).alter.add_columns(Field("region", PrimitiveType("string")))
    rows(name, 10, 5, region="eu")
    opened(name).alter.set_table_properties({"delta.logRetentionDuration": "interval 60 days"})
    (
        opened(name)
        .merge(batch(14, 4, region="us"), "t.id = s.id", source_alias="s", target_alias="t")
        .when_matched_update_all()
        .when_not_matched_insert_all()
        .execute()
    )
    opened(name).delete("id < 3")
    rows(name, 0, 4, "overwrite", region="eu")


def remove_commits(name: str, before: int) -> None:
    """What log cleanup does once commits are older than the retention; a folder only."""
    log = f"{root}/{name}/_delta_log"
    for file in os.listdir(log):
        if file[:20].isdigit() and int(file[:20]) < before:
            os.remove(f"{log}/{file}")


story("contract/orders")
story("contract/cleaned")
opened("contract/cleaned").create_checkpoint()
rows("contract/cleaned", 100, 2, region="eu")
if options is None:
    remove_commits("contract/cleaned", 7)
