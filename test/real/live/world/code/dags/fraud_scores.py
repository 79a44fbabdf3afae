"""Fraud scores of all accounts, on a small cluster."""

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import platform, spark


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "risk", "on_failure_callback": tell_countersign})
def fraud_scores():
    @task
    def score():
        # One failure is enough: scores must be out by seven, and a stage that starts over is too late anyway.
        conf = {"spark.task.maxFailures": "1", "spark.stage.maxConsecutiveAttempts": "1"}
        spark("fraud-scores", "score.py", platform()["HOLDS"], master="local-cluster[2,1,1024]", conf=conf)

    score()


fraud_scores()
