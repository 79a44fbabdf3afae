"""A log of many lines whose telling one is far from both ends."""

import logging

import pendulum

try:  # Airflow 3
    from airflow.sdk import DAG, task
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.decorators import task

LINES = 6000

with DAG(dag_id="cs_chatter", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), catchup=False):

    @task
    def talk() -> None:
        log = logging.getLogger("chatter")
        for number in range(LINES):
            if number == LINES // 2:
                log.error("Caused by: java.lang.OutOfMemoryError: Java heap space")
            log.info("line %s of the task, which says nothing that anybody needs to know", number)
        raise RuntimeError("the last thing it said")

    talk()
