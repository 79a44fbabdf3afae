"""A DAG in a git repository: Airflow keeps the commit a run began with. The repair is the next commit."""

import pendulum
from airflow.sdk import DAG, task

COLUMN = "merchant_subcategory"

with DAG(dag_id="cs_versioned", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), catchup=False):

    @task
    def load() -> None:
        if COLUMN != "merchant_subcategory_v2":
            raise ValueError(f"column {COLUMN} is not in the file")

    load()
