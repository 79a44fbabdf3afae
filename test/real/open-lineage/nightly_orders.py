"""Delta writes as a small nightly pipeline does them, in the lake of the first argument; run with the OpenLineage listener."""

import sys

from pyspark.sql import SparkSession

LAKE = f"file://{sys.argv[1]}"

spark = SparkSession.builder.appName("Nightly Orders").getOrCreate()
spark.sql("CREATE DATABASE IF NOT EXISTS bronze")
spark.sql("CREATE DATABASE IF NOT EXISTS silver")
spark.sql("CREATE DATABASE IF NOT EXISTS gold")

spark.createDataFrame(
    [(1, "ana@example.com", 10.5, "2026-05-14"), (2, "ben@example.com", 3.0, "2026-05-14")],
    "id int, email string, amount double, day string",
).write.format("delta").mode("overwrite").save(f"{LAKE}/bronze/orders")

# By path to path, with columns renamed and computed.
spark.read.format("delta").load(f"{LAKE}/bronze/orders").selectExpr(
    "id as order_id", "lower(email) as customer", "amount", "day"
).write.format("delta").mode("overwrite").save(f"{LAKE}/silver/orders")

# By catalogue name: the event names a path, and the table as its symlink.
spark.sql(f"CREATE TABLE IF NOT EXISTS silver.orders USING delta LOCATION '{LAKE}/silver/orders'")
spark.sql(
    f"CREATE OR REPLACE TABLE gold.daily_revenue USING delta LOCATION '{LAKE}/gold/daily_revenue' AS "
    "SELECT day, sum(amount) AS revenue, count(DISTINCT customer) AS customers FROM silver.orders GROUP BY day"
)

# A merge, as corrections do.
spark.sql(
    "MERGE INTO silver.orders t USING (SELECT 1 AS order_id, 11.0D AS amount) s ON t.order_id = s.order_id "
    "WHEN MATCHED THEN UPDATE SET t.amount = s.amount"
)

# And one that fails, so that a FAIL event is among them.
try:
    spark.sql("SELECT day, assert_true(amount < 5) AS ok FROM silver.orders").write.format("delta").mode(
        "overwrite"
    ).save(f"{LAKE}/gold/checked")
except Exception as error:  # the failure is the point
    print("failed as meant:", type(error).__name__)
spark.stop()
