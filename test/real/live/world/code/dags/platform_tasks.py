"""What every pipeline of this platform does the same way: submit Spark, ask Trino, read its settings."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any


def platform() -> dict[str, str]:
    """Addresses of the platform, as whoever deploys these DAGs left them in Airflow's home."""
    return json.loads((Path(os.environ["AIRFLOW_HOME"]) / "live.env.json").read_text())


def setting(file: str, key: str) -> Any:
    """A setting as the configuration repository says now; read at every start of a task, so that a commit is enough."""
    import yaml

    text = subprocess.run(
        ["git", "-C", platform()["CONFIG_REPOSITORY"], "show", f"main:{file}"], check=True, capture_output=True, text=True
    ).stdout
    value = yaml.safe_load(text)
    for part in key.split("."):
        value = value[part]
    return value


def spark(name: str, job: str, *arguments: str, master: str = "local[1]", conf: dict[str, str] | None = None) -> None:
    """Runs a job and shows what the driver says in the task's log, as SparkSubmitOperator does."""
    options = [part for key, value in (conf or {}).items() for part in ("--conf", f"{key}={value}")]
    command = [platform()["SPARK_SUBMIT"], "--name", name, "--master", master, *options, f"{platform()['JOBS']}/{job}", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        print(line.rstrip())
    if process.wait() != 0:
        raise RuntimeError(f"Cannot execute: spark-submit {name}. Error code is: {process.returncode}.")


def trino(sql: str, session: dict[str, str] | None = None) -> list[list[Any]]:
    """Runs one statement to its end. Raises with the name and the message of Trino's error."""
    headers = {"X-Trino-User": "pipeline", "X-Trino-Source": "airflow", "X-Trino-Catalog": "lake"}
    if session:
        headers["X-Trino-Session"] = ",".join(f"{key}={value}" for key, value in session.items())
    request = urllib.request.Request(platform()["TRINO_URL"] + "/v1/statement", sql.encode(), headers)
    rows: list[list[Any]] = []
    while True:
        with urllib.request.urlopen(request, timeout=60) as response:
            answer = json.load(response)
        if "error" in answer:
            error = answer["error"]
            raise RuntimeError(f"TrinoQueryError {answer['id']}: {error['errorName']}: {error['message']}")
        rows.extend(answer.get("data", []))
        if "nextUri" not in answer:
            return rows
        request = urllib.request.Request(answer["nextUri"], headers=headers)
        time.sleep(0.05)


def register(subject: str, schema: str) -> int:
    """Registers an Avro schema and returns its id. Raises with what the registry answered."""
    url = f"{platform()['REGISTRY_URL']}/subjects/{subject}/versions"
    body = json.dumps({"schema": schema, "schemaType": "AVRO"}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/vnd.schemaregistry.v1+json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(json.load(response)["id"])
    except urllib.error.HTTPError as refused:
        raise RuntimeError(f"the registry refused the schema of {subject}: {refused.read().decode()}") from None


def hold(name: str, seconds: float = 240.0) -> None:
    """Waits as long as the file `name` lies in the platform's hold folder: how a slow source, or a long task, looks from here."""
    file = Path(platform()["HOLDS"]) / name
    (file.parent / f"{name}.reached").touch()
    deadline = time.monotonic() + seconds
    while file.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
