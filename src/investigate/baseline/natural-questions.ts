import type { Incident } from '../../domain/incident.js';
import type { Inventory } from '../../domain/pipeline.js';

/** One question of each reading tool, as the alert and the inventory suggest it. */
export interface Question {
  tool: string;
  args: Record<string, unknown>;
}

/**
 * What somebody would ask who asks everything once: the run of the alert, its task's application, the first table that the task reads,
 * its queries, the first source of the pipeline, the newest commits, and the metric that speaks of them. docs/benchmark.md lists them.
 */
export function naturalQuestions(incident: Incident, inventory: Inventory): Question[] {
  const { dag: named, task: taskId, run, table, service } = incident.alert.subject;
  const dag = incident.pipeline ?? named ?? '';
  const pipeline = inventory.pipelines.find((each) => each.dag === dag);
  const tasks = pipeline?.tasks ?? [];
  const task =
    tasks.find((each) => each.id === taskId) ??
    tasks.find((each) => (table !== undefined && each.writes.includes(table)) || each.sparkApp === service) ??
    tasks[0];
  const place = task === undefined ? dag : `${dag}.${task.id}`;
  const data = table ?? task?.reads[0] ?? task?.writes[0] ?? dag;
  const source = pipeline?.sources[0] ?? task?.reads[0] ?? data;
  const words = [dag, task?.sparkApp, data, source].filter((word): word is string => word !== undefined && word !== '');
  const metric =
    inventory.metrics.find(({ name, meaning }) => words.some((word) => `${name} ${meaning}`.includes(word))) ??
    inventory.metrics[0];
  return [
    { tool: 'airflow_dag_status', args: { dag_id: dag, ...(run === undefined ? {} : { run_id: run }) } },
    { tool: 'spark_job_logs', args: { app: service ?? place } },
    { tool: 'delta_history', args: { table: data } },
    { tool: 'kyuubi_query_plan', args: { query: place } },
    { tool: 'schema_registry_diff', args: { source } },
    { tool: 'git_blame', args: {} },
    { tool: 'metric_query', args: { expr: metric?.name ?? 'up', since: '7d' } },
  ];
}
