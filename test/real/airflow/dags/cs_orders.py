"""A pipeline whose middle task fails until the file `flags/<run id>` says that what it needs is there."""

import logging
import os
import pathlib

import pendulum

try:  # Airflow 3
    from airflow.sdk import DAG, get_current_context, task
    from airflow.sdk.exceptions import AirflowSkipException
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.decorators import task
    from airflow.exceptions import AirflowSkipException
    from airflow.operators.python import get_current_context

FLAGS = pathlib.Path(os.environ.get("AIRFLOW_HOME", ".")) / "flags"


def is_fixed() -> bool:
    return (FLAGS / get_current_context()["run_id"]).exists()


with DAG(
    dag_id="cs_orders",
    schedule="0 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    # Unpaused by the test: a run that begins while the servers do is lost before its first line.
    is_paused_upon_creation=True,
    default_args={"owner": "payments-data", "retry_delay": pendulum.duration(seconds=1)},
):

    @task
    def extract() -> str:
        logging.getLogger("orders").info("extracted 1204 rows")
        return "s3://lake/orders"

    @task(retries=1)
    def load(path: str) -> None:
        if is_fixed():
            logging.getLogger("orders").info("loaded %s", path)
            return
        try:
            {}["merchant_subcategory"]
        except KeyError as missing:
            raise ValueError("column merchant_subcategory is not in the file") from missing

    @task
    def publish() -> None:
        logging.getLogger("orders").info("published")

    @task
    def audit() -> None:
        raise AirflowSkipException("nothing to audit")

    @task
    def part(number: int) -> int:
        if number == 1 and not is_fixed():
            raise RuntimeError(f"part {number} is missing")
        return number

    load(extract()) >> publish()
    audit()
    part.expand(number=[0, 1, 2])
