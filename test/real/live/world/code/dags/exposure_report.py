"""Exposure by counterparty, collected for the regulator's form."""

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import setting, spark


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "risk", "on_failure_callback": tell_countersign})
def exposure_report():
    @task
    def collect():
        limit = setting("pipelines/exposure_report.yaml", "spark.result_limit")
        spark("exposure-report", "collect_exposure.py", conf={"spark.driver.maxResultSize": str(limit)})

    collect()


exposure_report()
