"""Shuffles by a key that nearly all rows share, and fails in the partition that has them.

Needs spark.sql.adaptive.enabled=false: adaptive execution would split or merge what is shown here.
"""

from collections.abc import Iterator

from pyspark.sql import SparkSession

KEYS = 16
ROWS = 120_000


def consume(rows: Iterator) -> Iterator[int]:
    count = sum(1 for _ in rows)
    if count > ROWS // 2:
        raise MemoryError(f"{count} rows of one key do not fit")
    yield count


spark = SparkSession.builder.getOrCreate()
rows = spark.range(0, ROWS, 1, 4).selectExpr(
    f"CASE WHEN id % 100 < 90 THEN 0 ELSE id % {KEYS} END AS tenant", "sha2(cast(id AS string), 256) AS payload"
)
counts = rows.repartition(KEYS, "tenant").rdd.mapPartitions(consume)
print("counts", counts.collect())
