"""silver.card_payments: each payment with its category, as fees need it."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
lake = spark.conf.get("spark.sql.warehouse.dir")
payments = spark.read.format("delta").load(f"{lake}/bronze/card_payments")
categorized = payments.select("payment_id", "amount", "merchant_subcategory").where("amount > 0")
categorized.write.format("delta").mode("overwrite").save(f"{lake}/silver/card_payments")
