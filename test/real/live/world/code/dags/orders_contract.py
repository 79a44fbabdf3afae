"""Publishes the contract of the orders topic before its producers are started."""

import subprocess

import pendulum
from airflow.sdk import dag, task
from countersign_callback import tell_countersign

from platform_tasks import platform, register, setting


@dag(schedule=None, start_date=pendulum.datetime(2026, 1, 1), default_args={"owner": "orders", "on_failure_callback": tell_countersign})
def orders_contract():
    @task
    def publish():
        file = setting("pipelines/orders_contract.yaml", "contract.schema_file")
        schema = subprocess.run(
            ["git", "-C", platform()["CONFIG_REPOSITORY"], "show", f"main:{file}"], check=True, capture_output=True, text=True
        ).stdout
        print(f"{file} is schema {register('shop.orders', schema)}")

    publish()


orders_contract()
