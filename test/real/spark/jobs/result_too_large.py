"""Collects more to the driver than spark.driver.maxResultSize allows."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.range(0, 400_000, 1, 4).selectExpr("id", "sha2(cast(id AS string), 256) AS digest").collect()
