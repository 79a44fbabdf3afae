"""Sends one run of a made-up job with OpenLineage's own client; address, token and compression come from its environment variables."""

from datetime import datetime, timezone

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, ownership_job, parent_run
from openlineage.client.uuid import generate_new_uuid

run_id = str(generate_new_uuid())
parent = parent_run.ParentRunFacet(
    run=parent_run.Run(runId=str(generate_new_uuid())),
    job=parent_run.Job(namespace="airflow", name="churn_model"),
)
run = Run(runId=run_id, facets={"parent": parent})
job = Job(
    namespace="airflow",
    name="churn_model.train",
    facets={"ownership": ownership_job.OwnershipJobFacet(owners=[ownership_job.Owner(name="team:ml")])},
)
source = {"namespace": "s3://lake", "name": "silver/orders"}
columns = column_lineage_dataset.ColumnLineageDatasetFacet(
    fields={
        "risk": column_lineage_dataset.Fields(
            inputFields=[column_lineage_dataset.InputField(**source, field="amount")],
            transformationType="",
            transformationDescription="",
        )
    },
    dataset=[column_lineage_dataset.InputField(**source, field="day")],
)
made = OutputDataset(namespace="trino://trino:8080", name="delta.ml.churn", facets={"columnLineage": columns})

client = OpenLineageClient()
for state in (RunState.START, RunState.COMPLETE):
    client.emit(
        RunEvent(
            eventType=state,
            eventTime=datetime.now(timezone.utc).isoformat(),
            run=run,
            job=job,
            producer="https://example.com/countersign-test",
            inputs=[InputDataset(**source)],
            outputs=[made],
        )
    )
client.close()
