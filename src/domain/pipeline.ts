import { z } from 'zod';
import { Severity } from './alert.js';

const Dataset = z.string().min(1).max(250);

/** One task of a pipeline: what it reads and writes, and where its code and its compute are declared. */
export const PipelineTask = z.strictObject({
  id: z.string().min(1).max(250),
  after: z.array(z.string()).default([]),
  reads: z.array(Dataset).default([]),
  writes: z.array(Dataset).default([]),
  /** How the task writes: `append` is not idempotent, so a second run may double rows. */
  mode: z.enum(['append', 'overwrite', 'merge', 'none']).default('none'),
  /** Name prefix of the Spark application or SparkApplication resource the task runs. */
  sparkApp: z.string().optional(),
  /** `user` or `source` under which the task's queries run in Trino or Kyuubi. */
  queryUser: z.string().optional(),
  /** The task's code, as a path in the code repository. */
  code: z.string().optional(),
});
export type PipelineTask = z.infer<typeof PipelineTask>;

export const Pipeline = z.strictObject({
  dag: z.string().min(1).max(250),
  owner: z.string().min(1),
  severity: Severity.default('medium'),
  schedule: z.string().optional(),
  /** Registry subjects (without `-value`) of the sources feeding this pipeline. */
  sources: z.array(z.string()).default([]),
  tasks: z.array(PipelineTask).min(1),
});
export type Pipeline = z.infer<typeof Pipeline>;

/** A setting of ours that a rollback or a resource increase may address: which file holds it, or which live resource. */
export const ConfigTarget = z.strictObject({
  /** The name used in proposals and taxonomies, e.g. `feature_export.memory_gi`. */
  path: z.string().min(1),
  /** The taxonomy component that owns it: `spark`, `trino`, `airflow`, `k8s`… */
  component: z.string().min(1),
  /** `gitops`: a commit in the config repository takes effect; `live`: the SparkApplication is patched. */
  managed: z.enum(['gitops', 'live']),
  file: z.string().min(1),
  key: z.string().min(1),
  /** For `live`: the resource and the field of its spec. */
  resource: z.strictObject({ namespace: z.string(), name: z.string(), field: z.string() }).optional(),
  unit: z.string().optional(),
});
export type ConfigTarget = z.infer<typeof ConfigTarget>;

/** What kind of data a table holds, as a short tag: `pii`, `financial`, `sox`, `critical`, `internal`… The policy says which raise the risk. */
const DataClass = z.string().regex(/^[a-z][a-z0-9_-]{0,23}$/, 'write a class in small letters, e.g. pii');

/** What is known of one table beyond who reads and writes it. A table need not be listed to be part of the lineage. */
export const TableEntry = z.strictObject({
  name: Dataset,
  /** Who answers for the table; without it, the owner of the pipeline that writes it. */
  owner: z.string().min(1).max(250).optional(),
  classes: z.array(DataClass).max(8).default([]),
  /** What OpenLineage events call it, as `namespace/name`, where the rule of `lineage` does not lead to this name. */
  datasets: z.array(z.string().min(1).max(1000)).max(20).default([]),
});
export type TableEntry = z.infer<typeof TableEntry>;

/** How observed lineage (OpenLineage events) is read. */
export const LineageRules = z.strictObject({
  /**
   * `last_two`: `s3://lake/silver/orders`, `delta.silver.orders` and `/lake/silver/orders` are all `silver.orders`.
   * `explicit`: only what `tables[].datasets` lists is one of our tables.
   */
  names: z.enum(['last_two', 'explicit']).default('last_two'),
  /** The OpenLineage namespaces to which the rule applies; a `*` at the end stands for any ending. Unset: all. */
  namespaces: z.array(z.string().min(1).max(500)).max(50).optional(),
  /** An observed link that was not seen for this long no longer counts; above a month, so that monthly jobs stay. */
  fadeAfterDays: z.number().int().min(1).max(400).default(35),
});
export type LineageRules = z.infer<typeof LineageRules>;

/** What the company's platform consists of: pipelines, their lineage, and the settings that may be changed. */
export const Inventory = z.strictObject({
  pipelines: z.array(Pipeline),
  configTargets: z.array(ConfigTarget).default([]),
  /** Owners and classes of tables, and their names in OpenLineage. */
  tables: z.array(TableEntry).optional(),
  lineage: LineageRules.optional(),
  /** Metric series worth offering to the agent: name, PromQL, what it means. */
  metrics: z.array(z.strictObject({ name: z.string(), expr: z.string(), meaning: z.string() })).default([]),
});
export type Inventory = z.infer<typeof Inventory>;

export interface Downstream {
  datasets: string[];
  pipelines: { dag: string; owner: string }[];
}

/** Everything that is built, directly or not, from the datasets given. The datasets themselves are not listed. */
export function downstreamOf(inventory: Inventory, datasets: readonly string[]): Downstream {
  const reached = new Set(datasets);
  const dags = new Map<string, string>();
  let grown = true;
  while (grown) {
    grown = false;
    for (const pipeline of inventory.pipelines) {
      for (const task of pipeline.tasks) {
        if (!task.reads.some((dataset) => reached.has(dataset))) continue;
        if (!dags.has(pipeline.dag)) {
          dags.set(pipeline.dag, pipeline.owner);
          grown = true;
        }
        for (const dataset of task.writes) {
          if (reached.has(dataset)) continue;
          reached.add(dataset);
          grown = true;
        }
      }
    }
  }
  return {
    datasets: [...reached].filter((dataset) => !datasets.includes(dataset)).sort(),
    pipelines: [...dags].map(([dag, owner]) => ({ dag, owner })).sort((a, b) => a.dag.localeCompare(b.dag)),
  };
}

/** The pipelines that must run before this one, at any distance, through the datasets it reads. */
export function upstreamDags(inventory: Inventory, dag: string): string[] {
  const writers = new Map<string, string[]>();
  for (const pipeline of inventory.pipelines) {
    for (const task of pipeline.tasks) {
      for (const dataset of task.writes) writers.set(dataset, [...(writers.get(dataset) ?? []), pipeline.dag]);
    }
  }
  const found = new Set<string>();
  const queue = [dag];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const reads = inventory.pipelines.filter((p) => p.dag === next).flatMap((p) => p.tasks.flatMap((t) => t.reads));
    for (const writer of reads.flatMap((dataset) => writers.get(dataset) ?? [])) {
      if (writer === dag || found.has(writer)) continue;
      found.add(writer);
      queue.push(writer);
    }
  }
  return [...found].sort();
}
