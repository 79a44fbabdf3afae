"""The ledger: corrections of the day are merged into it."""

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import platform, spark


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "finance", "on_failure_callback": tell_countersign})
def ledger():
    @task
    def correct():
        spark("ledger-correct", "correct.py", platform()["HOLDS"])

    correct()


ledger()
