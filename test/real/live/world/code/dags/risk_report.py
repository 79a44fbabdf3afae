"""The risk report of the day; it needs the day's positions."""

from pathlib import Path

import pendulum
from airflow.sdk import PokeReturnValue, dag, task

from platform_tasks import platform


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "risk"})
def risk_report():
    # No callback: that the positions are late is seen by Prometheus, which watches the landing folder.
    @task.sensor(poke_interval=1, timeout=6, mode="poke")
    def wait_for_positions(dag_run=None) -> PokeReturnValue:
        newest = max((p.stat().st_mtime for p in (Path(platform()["LANDING"]) / "positions").glob("*.csv")), default=0.0)
        due = (dag_run.logical_date or dag_run.run_after).timestamp()
        return PokeReturnValue(is_done=newest >= due)

    @task
    def report():
        print("the report is out")

    wait_for_positions() >> report()


risk_report()
