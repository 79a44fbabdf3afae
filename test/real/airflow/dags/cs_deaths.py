"""Tasks that end without being able to say why: each is one way a process dies."""

import os
import pathlib
import signal
import time

import pendulum

try:  # Airflow 3
    from airflow.sdk import DAG, get_current_context, task
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.decorators import task
    from airflow.operators.python import get_current_context

FLAGS = pathlib.Path(os.environ.get("AIRFLOW_HOME", ".")) / "flags"

with DAG(dag_id="cs_deaths", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), catchup=False):

    @task
    def killed() -> None:
        """As the kernel does to a process that takes too much memory."""
        os.kill(os.getpid(), signal.SIGKILL)

    @task
    def terminated() -> None:
        """As a node that is drained does."""
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    @task
    def exited() -> None:
        """As a native library that gives up does."""
        os._exit(7)

    killed()
    terminated()
    exited()

with DAG(dag_id="cs_orphan", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), catchup=False):

    @task
    def orphan() -> None:
        """Takes the process that watches it and reports its heartbeat with it, as a lost node does."""
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    orphan()

with DAG(dag_id="cs_sleeper", schedule=None, start_date=pendulum.datetime(2026, 1, 1, tz="UTC"), catchup=False):

    @task
    def wait() -> None:
        """Runs until the file `flags/<run id>` is there, at most five minutes."""
        told = FLAGS / get_current_context()["run_id"]
        for _ in range(600):
            if told.exists():
                return
            time.sleep(0.5)

    wait()

with DAG(
    dag_id="cs_paused",
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    is_paused_upon_creation=True,
):

    @task
    def nothing() -> None:
        pass

    nothing()
