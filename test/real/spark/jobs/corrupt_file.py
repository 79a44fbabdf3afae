"""Reads a folder in which one file is no Parquet: a chain of causes in the JVM. First argument: an empty folder to use."""

import sys
from pathlib import Path

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
folder = Path(sys.argv[1])
spark.range(1_000).write.mode("overwrite").parquet(str(folder))
(folder / "part-99999-broken.snappy.parquet").write_bytes(b"this is not the end of a Parquet file" * 40)
spark.read.schema("id long").parquet(str(folder)).selectExpr("sum(id)").collect()
