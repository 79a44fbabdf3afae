"""A deliberately simple agent for Countersign's benchmark, on the official Python package of MCP.

    python agent.py http://127.0.0.1:4700/mcp                a server that runs (MCP_TOKEN holds its token)
    python agent.py -- npm run -s countersign -- eval serve --scenario FILE

It reads the alert, asks Airflow and Spark, retries what was lost with a machine, and hands everything else over.
"""

import asyncio
import json
import os
import re
import sys
from contextlib import asynccontextmanager

from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client


async def say(client, name, args=None):
    """The texts of one tool's answer, and whether it failed."""
    result = await client.call_tool(name, args or {})
    return [part.text for part in result.content], bool(result.is_error)


async def look(client, name, args):
    """What the tool said, which alone may be quoted, and the id of the call, which evidence names."""
    texts, _ = await say(client, name, args)
    note = texts[1] if len(texts) > 1 else ""
    call = re.search(r"call=(\S+)", note)
    return texts[0], call.group(1) if call else ""


def telling(text, call):
    """The line that tells most, as evidence."""
    for line in text.split("\n"):
        if call and re.search(r"ERROR|Exception|reason=|state=failed", line):
            return [{"call": call, "quote": line[:500]}]
    return []


async def investigate(client):
    texts, _ = await say(client, "get_alert")
    alert = json.loads(texts[0])
    dag, task, run = (alert["subject"].get(name) for name in ("dag", "task", "run"))
    pipeline = next((each for each in alert["inventory"]["pipelines"] if each["dag"] == dag), None)
    team = pipeline["owner"] if pipeline else "oncall"

    def escalate(reason, evidence=()):
        plan = [{"do": "escalate", "team": team, "reason": reason}]
        return {"causes": [], "evidence": list(evidence), "plan": plan, "report": f"{alert['text']}: handed over."}

    if dag is None or run is None:
        return escalate("The alert names no run.")
    status, first = await look(
        client, "airflow_dag_status", {"dag_id": dag, "run_id": run, "thought": "Does the alert still stand?"}
    )
    if f"run id={run} state=success" in status:
        plan = [{"do": "none", "reason": "The run has passed meanwhile."}]
        return {"causes": [], "evidence_ids": [first], "plan": plan}
    spark, second = await look(
        client, "spark_job_logs", {"app": f"{dag}.{task or ''}", "thought": "Why did the task fail?"}
    )
    evidence = telling(status, first) + telling(spark, second)
    lost = re.search(r"(?i)(?:Preempt|Evict|NodeLost|node (?:was )?lost)[^\n]*?\bnode[=/ ]([\w.-]+)", spark)
    appends = any(each["id"] == task and each["mode"] == "append" for each in pipeline["tasks"]) if pipeline else False
    if lost is None or appends:
        return escalate("The cause is not known.", evidence)
    node = lost.group(1)
    cause = {"category": "executor_failure", "component": "k8s", "entity": f"k8s:node/{node}", "change": "node_lost"}
    plan = [{"do": "retry", "dag": dag, "run": run}]
    return {"causes": [cause], "evidence": evidence, "plan": plan, "report": f"{node} was lost; the run is repeated."}


@asynccontextmanager
async def connected(arguments):
    """A client of the server at an address, or of one that is started here."""
    if arguments[:1] == ["--"] and len(arguments) > 1:
        async with Client(StdioServerParameters(command=arguments[1], args=arguments[2:]), mode="legacy") as client:
            yield client
        return
    if len(arguments) != 1:
        raise SystemExit("usage: agent.py URL | agent.py -- COMMAND...")
    token = os.environ.get("MCP_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with create_mcp_http_client(headers=headers) as http:
        async with Client(streamable_http_client(arguments[0], http_client=http), mode="legacy") as client:
            yield client


async def main():
    async with connected(sys.argv[1:]) as client:
        answer = await investigate(client)
        texts, failed = await say(client, "submit_answer", answer)
        print(f"{texts[0]}: {json.dumps(answer)}")
        if failed:
            raise SystemExit(1)


asyncio.run(main())
