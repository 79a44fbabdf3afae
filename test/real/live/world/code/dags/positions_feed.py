"""Positions as the custodian delivers them."""

from pathlib import Path

import pendulum
from airflow.sdk import dag, task

from platform_tasks import hold, platform


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "custody"})
def positions_feed():
    @task
    def deliver(dag_run=None):
        landing = Path(platform()["LANDING"]) / "positions"
        landing.mkdir(parents=True, exist_ok=True)
        hold("positions")
        day = (dag_run.logical_date or dag_run.run_after).strftime("%Y-%m-%d-%H%M%S")
        (landing / f"{day}.csv").write_text("account,isin,quantity\n1,DE0001102309,12\n")

    deliver()


positions_feed()
