"""bronze.events: what the source delivered, as it delivered it."""

import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
lake = spark.conf.get("spark.sql.warehouse.dir")
events = spark.read.json(f"{sys.argv[1]}/newest")
events.write.format("delta").mode("append").save(f"{lake}/bronze/events")
