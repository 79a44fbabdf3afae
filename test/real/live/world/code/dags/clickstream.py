"""Events of the web site, appended as they were delivered."""

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import platform, spark


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "web-analytics", "on_failure_callback": tell_countersign})
def clickstream():
    @task
    def load_events():
        spark("clickstream-load", "load_events.py", platform()["LANDING"] + "/events")

    load_events()


clickstream()
