"""Does a little work and ends well."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print("rows", spark.range(100_000).selectExpr("sum(id) AS total").collect())
spark.stop()
