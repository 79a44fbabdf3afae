"""Fails in a task far down in calls: the one telling line stands in the middle of a stack of many KB."""

from pyspark.sql import SparkSession

DEPTH = 150


def parse(amount: str, depth: int) -> float:
    if depth > 0:
        return normalise(amount, depth - 1)
    if amount == "n/a":
        raise ValueError(f"amount {amount!r} is no number")
    return float(amount)


# Two functions in turn: Python shortens the stack of one that calls itself.
def normalise(amount: str, depth: int) -> float:
    return parse(amount, depth)


spark = SparkSession.builder.getOrCreate()
print(spark.sparkContext.parallelize(["1.0", "n/a"], 1).map(lambda amount: parse(amount, DEPTH)).collect())
