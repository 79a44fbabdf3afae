"""Keeps a stage running until it is ended from outside, for at most ten minutes."""

import time
from collections.abc import Iterator

from pyspark.sql import SparkSession


def wait(rows: Iterator) -> Iterator[int]:
    time.sleep(600)
    yield sum(1 for _ in rows)


spark = SparkSession.builder.getOrCreate()
print(spark.sparkContext.parallelize(range(10), 1).mapPartitions(wait).collect())
