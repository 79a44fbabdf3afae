import type { ToolCatalog } from '../../src/domain/tool.js';
import { type Answers, createTableCatalog, retryStep } from './agent-case.js';

const RUN = 'scheduled__2026-03-11';
const ERROR =
  'pyspark.errors.AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `merchant_subcategory_v2` cannot be resolved. SQLSTATE: 42703';

const answers: Answers = {
  airflow_dag_status: () => ({
    text: [
      'dag id=daily_transactions paused=false owners=payments-data schedule="0 2 * * *"',
      `run id=${RUN} state=failed type=scheduled started=2026-03-11T02:00:08Z ended=2026-03-11T02:14:00Z`,
      'run id=scheduled__2026-03-10 state=success type=scheduled started=2026-03-10T02:00:08Z ended=2026-03-10T02:09:00Z',
      `task run=${RUN} id=transform state=failed try=2 max_tries=2 operator=SparkKubernetesOperator started=2026-03-11T02:10:00Z ended=2026-03-11T02:14:00Z`,
      `log run=${RUN} task=transform try=2`,
      `| ${ERROR}`,
    ].join('\n'),
  }),
  schema_registry_diff: () => ({
    text: [
      'subject name=core_banking.transactions-value latest=4 compatibility=BACKWARD versions=4,3',
      'change from_version=3 to_version=4 at=2026-03-10T20:14:00Z age=6h kind=column_renamed field=merchant_subcategory from=merchant_subcategory to=merchant_subcategory_v2',
    ].join('\n'),
  }),
  git_blame: () => ({
    text: [
      'file path=dags/transactions/transform.py repo=code lines=1 newest_age=47d oldest_age=47d',
      'blame line=11 sha=b27d914 author=s.ferreira at=2026-01-23T02:14:00Z age=47d summary="Read the contract"',
      '| FEE_GROUP = F.coalesce(F.col("merchant_subcategory"), F.lit("other"))',
    ].join('\n'),
  }),
  delta_history: () => ({
    text: [
      'table name=bronze.transactions version=9 columns="transaction_id:string,amount:decimal(18,2),merchant_subcategory:string" rows=10 files=8',
      'commit version=9 at=2026-03-11T02:08:00Z age=6m operation=WRITE rows_written=10',
    ].join('\n'),
  }),
  propose_schema_evolution: (args) => ({
    text: `step do=schema_evolution title="bronze.transactions: add column"`,
    step: {
      ...retryStep,
      action: {
        do: 'schema_evolution',
        table: String(args['table']),
        op: 'add_column',
        arg: args['arg'] as Record<string, string>,
      },
      title: 'bronze.transactions: add column',
      touches: ['bronze.transactions'],
    },
  }),
  propose_dag_retry: () => ({ text: 'step do=retry title="Run transform again"', step: retryStep }),
};

/** Tools that tell the story of the sample incident: the source renamed a column six hours before. */
export function renamedColumn(): ToolCatalog & { calls: { name: string; args: unknown }[] } {
  return createTableCatalog(answers);
}
