"""gold.exposure: the form is filled in on the driver, which therefore gets all counterparties."""

from pyspark.sql import SparkSession, functions as f

spark = SparkSession.builder.getOrCreate()
lake = spark.conf.get("spark.sql.warehouse.dir")
parties = spark.range(0, 40_000, 1, 4).select("id", f.sha2(f.col("id").cast("string"), 512).alias("party"))
rows = parties.collect()
form = spark.createDataFrame([(len(rows), rows[0]["party"])], "parties long, first string")
form.write.format("delta").mode("overwrite").save(f"{lake}/gold/exposure")
