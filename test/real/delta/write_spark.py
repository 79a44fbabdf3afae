"""Writes the tables of the Delta tests with Spark, as a pipeline would. Arguments: the folder they go to."""

import glob
import json
import os
import sys

from pyspark.sql import SparkSession

root = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")
spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")


def sql(text: str) -> None:
    spark.sql(text)


def table(name: str) -> str:
    return f"delta.`{root}/{name}`"


def rows(name: str, first: int, count: int, mode: str = "append", extra: str = "") -> None:
    """One file in one partition, of numbered rows."""
    frame = spark.range(first, first + count, 1, 1).selectExpr(
        "id", "concat('n', id) as name", "'2026-11-01' as day", *([extra] if extra else [])
    )
    frame.write.format("delta").mode(mode).save(f"{root}/{name}")


def create(name: str, more: str = "", properties: str = "") -> None:
    clause = f" TBLPROPERTIES ({properties})" if properties else ""
    sql(f"CREATE TABLE {table(name)} (id BIGINT, name STRING, day STRING) USING delta PARTITIONED BY (day){more}{clause}")


# One step a version, the same as in write_rs.py and in the simulator.
def story(name: str) -> None:
    create(name)
    rows(name, 0, 10)
    sql(f"ALTER TABLE {table(name)} ADD COLUMNS (region STRING)")
    rows(name, 10, 5, extra="'eu' as region")
    sql(f"ALTER TABLE {table(name)} SET TBLPROPERTIES ('delta.logRetentionDuration' = 'interval 60 days')")
    frame = spark.range(14, 18, 1, 1).selectExpr("id", "'m' as name", "'2026-11-01' as day", "'us' as region")
    frame.createOrReplaceTempView("source")
    sql(
        f"MERGE INTO {table(name)} t USING source s ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    sql(f"DELETE FROM {table(name)} WHERE id < 3")
    rows(name, 0, 4, "overwrite", "'eu' as region")


def checkpoint(name: str) -> None:
    log = spark._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, f"{root}/{name}")
    log.checkpoint()


def remove_commits(name: str, before: int) -> None:
    """What log cleanup does once commits are older than the retention."""
    for path in glob.glob(f"{root}/{name}/_delta_log/{'[0-9]' * 20}*"):
        if int(os.path.basename(path)[:20]) < before:
            os.remove(path)
    for path in glob.glob(f"{root}/{name}/_delta_log/.*.crc"):
        os.remove(path)


story("contract/orders")

story("contract/cleaned")
checkpoint("contract/cleaned")
rows("contract/cleaned", 100, 2, extra="'eu' as region")
remove_commits("contract/cleaned", 7)

# A renamed and a dropped column under column mapping.
create("real/mapped", properties="'delta.columnMapping.mode' = 'name'")
rows("real/mapped", 0, 3)
sql(f"ALTER TABLE {table('real/mapped')} RENAME COLUMN name TO title")
sql(f"ALTER TABLE {table('real/mapped')} DROP COLUMN title")

# Rows deleted by vectors, not by rewriting; then a checkpoint.
create("real/vectors", properties="'delta.enableDeletionVectors' = 'true'")
rows("real/vectors", 0, 10)
sql(f"DELETE FROM {table('real/vectors')} WHERE id IN (1, 2, 3)")
checkpoint("real/vectors")
sql(f"DELETE FROM {table('real/vectors')} WHERE id = 4")

# A type that grew in place.
sql(f"CREATE TABLE {table('real/widened')} (id INT, day STRING) USING delta TBLPROPERTIES ('delta.enableTypeWidening' = 'true')")
sql(f"INSERT INTO {table('real/widened')} VALUES (1, 'a')")
sql(f"ALTER TABLE {table('real/widened')} CHANGE COLUMN id TYPE BIGINT")

# Times that the commits themselves carry.
create("real/timed", properties="'delta.enableInCommitTimestamps' = 'true'")
rows("real/timed", 0, 2)

# V2 checkpoints, in Parquet and in JSON, with sidecars.
for form in ("parquet", "json"):
    name = f"real/v2_{form}"
    create(name, properties="'delta.checkpointPolicy' = 'v2'")
    spark.conf.set("spark.databricks.delta.checkpointV2.topLevelFileFormat", form)
    spark.conf.set("spark.databricks.delta.checkpoint.partSize", "2")
    for step in range(5):
        rows(name, step * 10, 10)
    checkpoint(name)
    spark.conf.unset("spark.databricks.delta.checkpoint.partSize")
    rows(name, 50, 10)

# A checkpoint in several parts, and one whose statistics are a structure and no text.
spark.conf.set("spark.databricks.delta.checkpoint.partSize", "2")
create("real/parts")
for step in range(5):
    rows("real/parts", step * 10, 10)
checkpoint("real/parts")
spark.conf.unset("spark.databricks.delta.checkpoint.partSize")
create(
    "real/parsed",
    properties="'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpoint.writeStatsAsJson' = 'false'",
)
for step in range(3):
    rows("real/parsed", step * 10, 10)
checkpoint("real/parsed")
remove_commits("real/parsed", 3)

# A feature only the catalog can resolve.
try:
    create("real/managed", properties="'delta.feature.catalogManaged' = 'supported'")
except Exception as error:  # Spark asks for a catalog; what it would have written is known from the protocol.
    print("managed", type(error).__name__, str(error)[:300])

counts = {}
for name in sorted(glob.glob(f"{root}/*/*/_delta_log")):
    path = os.path.dirname(name)
    try:
        counts[os.path.relpath(path, root).replace("/", ".")] = spark.read.format("delta").load(path).count()
    except Exception as error:
        print(path, str(error)[:200])
with open(f"{root}/spark-counts.json", "w", encoding="utf-8") as file:
    json.dump(counts, file)
spark.stop()
