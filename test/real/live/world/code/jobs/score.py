"""gold.fraud_scores: a score for each account."""

import pathlib
import sys
import time

from pyspark.sql import SparkSession, functions as f

HOLDS = pathlib.Path(sys.argv[1])


def score(account: int) -> float:
    """The model takes its time where a hold lies; nothing else is slow here."""
    if account == 0:
        (HOLDS / "score.reached").touch()
        deadline = time.monotonic() + 120
        while (HOLDS / "score").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
    return (account * 7919 % 1000) / 1000


spark = SparkSession.builder.getOrCreate()
lake = spark.conf.get("spark.sql.warehouse.dir")
accounts = spark.range(0, 1000, 1, 2).withColumn("score", f.udf(score, "double")("id"))
accounts.write.format("delta").mode("overwrite").save(f"{lake}/gold/fraud_scores")
