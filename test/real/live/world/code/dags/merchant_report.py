"""What each merchant turned over, for the morning report."""

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import setting, trino


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "finance-bi", "on_failure_callback": tell_countersign})
def merchant_report():
    @task
    def aggregate():
        limit = setting("pipelines/merchant_report.yaml", "trino.query_memory_mb")
        trino("DROP TABLE IF EXISTS lake.gold.merchant_report")
        # The report names every comment, so all of them are held in memory at once.
        trino(
            "CREATE TABLE lake.gold.merchant_report AS SELECT merchant_id % 50 AS bucket, "
            "cardinality(array_agg(comment)) AS comments FROM lake.silver.merchant_payments GROUP BY 1",
            {"query_max_memory_per_node": f"{limit}MB"},
        )

    aggregate()


merchant_report()
