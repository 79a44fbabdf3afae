import { expect, it } from 'vitest';
import { createRedactor } from '../../../adapters/redaction/redactor.js';
import { sampleAlert, sampleInventory } from '../../../test/support/agent-case.js';
import type { Alert } from '../../domain/alert.js';
import { Inventory } from '../../domain/pipeline.js';
import { unloggedIncident } from '../../intake/intake.js';
import { naturalQuestions } from './natural-questions.js';

const redactor = createRedactor({ secret: 'a secret of the tests' });
const inventory = Inventory.parse({
  ...sampleInventory,
  metrics: [
    { name: 'other', expr: 'other', meaning: 'of something else' },
    { name: 'rows', expr: 'rows', meaning: 'rows of bronze.transactions' },
  ],
});

function asked(subject: Alert['subject'], given = inventory): Record<string, Record<string, unknown>> {
  const incident = unloggedIncident({ ...sampleAlert, subject }, given, redactor);
  if (incident === undefined) throw new Error('the alert opened nothing');
  return Object.fromEntries(naturalQuestions(incident, given).map(({ tool, args }) => [tool, args]));
}

it('asks each reading tool once for what the alert and the inventory name', () => {
  expect(asked(sampleAlert.subject)).toEqual({
    airflow_dag_status: { dag_id: 'daily_transactions', run_id: 'scheduled__2026-03-11' },
    spark_job_logs: { app: 'daily_transactions.transform' },
    delta_history: { table: 'bronze.transactions' },
    kyuubi_query_plan: { query: 'daily_transactions.transform' },
    schema_registry_diff: { source: 'core_banking.transactions' },
    git_blame: {},
    metric_query: { expr: 'rows', since: '7d' },
  });
});

it('finds the pipeline of an alert that names a table alone, and the task that writes it', () => {
  expect(asked({ table: 'gold.spend' })).toMatchObject({
    airflow_dag_status: { dag_id: 'spend_report' },
    spark_job_logs: { app: 'spend_report.report' },
    delta_history: { table: 'gold.spend' },
    schema_registry_diff: { source: 'silver.transactions' },
  });
});

it('asks for something also where nothing is known', () => {
  const nothing = Inventory.parse({ pipelines: [] });
  expect(asked({ service: 'checkout' }, nothing)).toMatchObject({
    spark_job_logs: { app: 'checkout' },
    metric_query: { expr: 'up' },
  });
});
