"""A task takes its own executor down with SIGKILL, as the kernel does when memory runs out.

Needs real executors: --master local-cluster[2,1,1024]. With spark.task.maxFailures=1 the first loss fails the job.
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from pyspark.sql import SparkSession


def parent_of(pid: int) -> int:
    # The second field of stat may hold spaces; what follows its closing parenthesis does not.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def executor_of(pid: int) -> int:
    """The JVM above this Python worker; only ever a Spark executor."""
    while pid > 1:
        if b"CoarseGrainedExecutorBackend" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
        pid = parent_of(pid)
    raise RuntimeError("not below an executor: run with --master local-cluster[2,1,1024]")


def strike(index: int, rows: Iterator) -> Iterator[int]:
    if index == 1:
        os.kill(executor_of(os.getpid()), signal.SIGKILL)
    yield sum(1 for _ in rows)


spark = SparkSession.builder.getOrCreate()
try:
    print(spark.sparkContext.parallelize(range(100), 4).mapPartitionsWithIndex(strike).collect())
finally:
    # The driver of a local cluster is its workers, too: were the application stopped by the exit of its process, the workers would kill
    # executors and start others at the same time, and how many of them the event log calls lost would be a matter of luck.
    spark.stop()
