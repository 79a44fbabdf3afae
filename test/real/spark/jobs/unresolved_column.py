"""Asks for a column that is not there. Spark refuses while it analyses, before there is a job: the History Server knows nothing of it."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.createDataFrame([("a-1", 10.0)], "order_id string, order_amount double")
orders.createOrReplaceTempView("orders")
spark.sql("SELECT order_id, total_price FROM orders").show()
