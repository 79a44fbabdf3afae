"""Copies one finished application's event log as two attempts of another: what YARN's cluster mode leaves behind.

Arguments: folder of event logs, id of the finished application, id and name of the new one. The event log is real;
only application id, name and attempt id are written anew, because there is no YARN here.
"""

import json
import sys
from pathlib import Path


def unpacked(log: Path) -> str:
    # Spark's own codec: its jars are on the class path of the Python package, a zstd module is not.
    import pyarrow

    return pyarrow.CompressedInputStream(pyarrow.OSFile(str(log)), "zstd").read().decode()


def as_attempt(text: str, source: str, target: str, name: str, attempt: int) -> str:
    events = [json.loads(line) for line in text.replace(source, target).splitlines()]
    for event in events:
        if event["Event"] == "SparkListenerApplicationStart":
            event["App Name"] = name
            event["App Attempt ID"] = str(attempt)
            event["Timestamp"] += attempt
    # Compact: the server knows events by how their line begins.
    return "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events)


def main(folder: str, source: str, target: str, name: str) -> None:
    log = next((Path(folder) / f"eventlog_v2_{source}").glob("events_1_*"))
    text = unpacked(log)
    for attempt in (1, 2):
        text_of_attempt = as_attempt(text, source, target, name, attempt)
        (Path(folder) / f"{target}_{attempt}").write_text(text_of_attempt)


if __name__ == "__main__":
    main(*sys.argv[1:])
