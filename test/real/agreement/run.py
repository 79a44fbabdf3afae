"""Runs every query of the request on Spark and writes what came of it. Arguments: request file, answer file."""

import datetime
import decimal
import json
import os
import sys
import time

os.environ["TZ"] = "UTC"
time.tzset()

from pyspark.errors import PySparkException  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.types import StructField, StructType, _parse_datatype_string  # noqa: E402

with open(sys.argv[1], encoding="utf-8") as file:
    request = json.load(file)

spark = SparkSession.builder.getOrCreate()
spark.sparkContext.setLogLevel("OFF")

READERS = {
    "boolean": lambda text: text == "true",
    "float": float,
    "double": float,
    "string": str,
    "date": datetime.date.fromisoformat,
    "timestamp": datetime.datetime.fromisoformat,
}


def reader(kind):
    if kind.startswith("decimal"):
        return decimal.Decimal
    return READERS.get(kind, int)


for table in request["tables"]:
    fields = [StructField(c["name"], _parse_datatype_string(c["type"]), c["nullable"]) for c in table["columns"]]
    readers = [reader(field.dataType.simpleString()) for field in fields]
    rows = [
        tuple(None if text is None else read(text) for read, text in zip(readers, row)) for row in table["rows"]
    ]
    spark.createDataFrame(rows, StructType(fields)).createOrReplaceTempView(table["name"])


def shown(value):
    """A value as text; numbers in binary floating point as numbers, so that the reader can round them."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [shown(each) for each in value]
    return str(value)


def fault(error):
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    return condition or type(error).__name__


answers = {}
for query in request["queries"]:
    try:
        frame = spark.sql(query["sql"])
        columns = [
            {"name": f.name, "type": f.dataType.simpleString(), "nullable": f.nullable} for f in frame.schema.fields
        ]
    except Exception as error:
        answers[query["id"]] = {"refused": fault(error)}
        continue
    try:
        rows = [[shown(value) for value in row] for row in frame.collect()]
        answers[query["id"]] = {"columns": columns, "rows": rows}
    except Exception as error:
        answers[query["id"]] = {"columns": columns, "stopped": fault(error)}

with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump({"version": spark.version, "answers": answers}, file, ensure_ascii=False)
spark.stop()
