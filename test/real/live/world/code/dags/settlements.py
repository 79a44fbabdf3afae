"""Settlement fees: each settlement with the class that its fee is computed from."""

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import trino


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "settlement", "on_failure_callback": tell_countersign})
def settlements():
    @task
    def fees():
        trino("DROP TABLE IF EXISTS lake.gold.settlement_fees")
        trino(
            "CREATE TABLE lake.gold.settlement_fees AS "
            "SELECT settlement_id, amount, fee_class FROM lake.silver.settlements WHERE amount > 0"
        )

    fees()


settlements()
