"""Runs spark-submit and collects the driver's output the way a cluster's log agent does.

Everything that the driver and its Python say goes to this program's own output and, as soon as the
application id is known, to <DRIVER_LOGS>/<application id>/driver.log. What dies before it has an id
stays in <DRIVER_LOGS>/unstarted/. Exits as spark-submit does; 128 + signal when a signal ended it.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

# The event log is the first to name the application, in client mode as in a local cluster.
APPLICATION = re.compile(r"Logging events to \S*?/(?:eventlog_v2_)?((?:local|app|spark)-[0-9A-Za-z-]+)")


def main(arguments: list[str]) -> int:
    home = Path(os.environ["SPARK_HOME"])
    logs = Path(os.environ["DRIVER_LOGS"])
    (logs / "unstarted").mkdir(parents=True, exist_ok=True)
    path = logs / "unstarted" / f"{time.time_ns()}.log"
    process = subprocess.Popen(
        [str(home / "bin" / "spark-submit"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    found = False
    with path.open("wb", buffering=0) as log:
        for line in process.stdout:
            log.write(line)
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            match = None if found else APPLICATION.search(line.decode("utf-8", "replace"))
            if match:
                found = True
                folder = logs / match.group(1)
                folder.mkdir(exist_ok=True)
                # The open file keeps its place; only its name changes.
                path.rename(folder / "driver.log")
    code = process.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
