"""Appends a batch with one column more than its Delta table has. First argument: the table's folder."""

import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
table = sys.argv[1]
spark.createDataFrame([(1, "a")], "id long, name string").write.format("delta").mode("overwrite").save(table)
batch = spark.createDataFrame([(2, "b", "EUR")], "id long, name string, currency string")
batch.write.format("delta").mode("append").save(table)
