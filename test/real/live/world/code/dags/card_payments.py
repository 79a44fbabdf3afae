"""Card payments of the day, each with the category that fees are computed from."""

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import spark


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "payments", "on_failure_callback": tell_countersign})
def card_payments():
    @task
    def categorize():
        spark("card-payments-categorize", "categorize.py")

    categorize()


card_payments()
