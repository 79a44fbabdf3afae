"""Tasks whose failure is told to Countersign: one with an exception after a retry, one whose process is lost."""

import functools
import os
import signal

import pendulum
from countersign_callback import tell_countersign

try:  # Airflow 3
    from airflow.sdk import DAG, task
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.decorators import task

# A file of its own, so that this test does not take what other DAGs have to tell.
ARGS = {"on_failure_callback": functools.partial(tell_countersign, settings="callback.env.json"), "retry_delay": pendulum.duration(seconds=1)}

with DAG(
    dag_id="cs_callback",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    default_args=ARGS,
):

    @task(retries=1)
    def load() -> None:
        raise ValueError("column merchant_subcategory is not in the file")

    load()

with DAG(
    dag_id="cs_callback_orphan",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    default_args=ARGS,
):

    @task
    def orphan() -> None:
        """Takes the process that watches it along: only Airflow itself is left to call back."""
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    orphan()
