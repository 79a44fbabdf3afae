import { z } from 'zod';
import { digestOf } from './canonical.js';

const Name = z.string().min(1).max(250);

/** Run the failed work again by clearing task instances of one run. */
export const Retry = z.strictObject({
  do: z.literal('retry'),
  dag: Name,
  run: Name,
  tasks: z.union([z.literal('failed'), z.array(Name).min(1).max(50)]).default('failed'),
  /** Tasks whose work is already done: set to success instead of being run again. */
  mark_success: z.array(Name).max(50).default([]),
  /** Earliest start, minutes after approval. */
  not_before_minutes: z.number().int().min(0).max(1440).default(0),
});

export const SchemaOperation = z.enum([
  'add_column',
  'rename',
  'set_type',
  'revert_type',
  'set_property',
  'add_feature',
  'drop_feature',
  'set_reader_schema',
]);
export type SchemaOperation = z.infer<typeof SchemaOperation>;

/**
 * Change a table's (or a registry subject's) shape. `arg` by operation: add_column {name,type,comment?} · rename {from,to} ·
 * set_type and revert_type {column,type} · set_property {key,value} · add_feature and drop_feature {feature} ·
 * set_reader_schema {version}.
 */
export const SchemaEvolution = z.strictObject({
  do: z.literal('schema_evolution'),
  table: Name.describe('schema.table, or the registry subject for set_reader_schema'),
  op: SchemaOperation,
  arg: z.record(z.string().max(100), z.union([z.string().max(500), z.number(), z.boolean()])),
});

/** Put one setting back by a revert commit. */
export const ConfigRollback = z.strictObject({
  do: z.literal('config_rollback'),
  target: Name,
  to: z.union([z.literal('prev'), z.string().regex(/^[0-9a-f]{7,40}$/)]).default('prev'),
});

/** Raise one resource setting, within the policy's cap for the target. */
export const ResourceIncrease = z.strictObject({
  do: z.literal('resource_increase'),
  target: Name,
  value: z.number().positive(),
});

/** All that may ever be carried out. A fifth kind is a change to the design. */
export const RepairAction = z.discriminatedUnion('do', [Retry, SchemaEvolution, ConfigRollback, ResourceIncrease]);
export type RepairAction = z.infer<typeof RepairAction>;
export type RepairKind = RepairAction['do'];
export type Retry = z.infer<typeof Retry>;
export type SchemaEvolution = z.infer<typeof SchemaEvolution>;
export type ConfigRollback = z.infer<typeof ConfigRollback>;
export type ResourceIncrease = z.infer<typeof ResourceIncrease>;

/** Facts of the world that code can read again later. Targets: see FactName. */
export const FactName = z.enum([
  'airflow.run_state', // dag/run
  'airflow.task_state', // dag/run/task
  'airflow.dag_paused', // dag
  'delta.schema', // table -> digest of names and types
  'delta.column_type', // table/column -> type, or `absent`
  'delta.property', // table/key
  'delta.features', // table -> sorted, comma-joined
  'delta.feature', // table/feature -> `supported`, or `absent`
  'delta.rows', // table -> number of rows by the log's statistics
  'config.value', // config path
  'config.commit', // config path -> SHA of the last commit that touched it
  'k8s.spark_spec', // namespace/name -> generation of the spec, and of which resource
  'k8s.spark_state', // namespace/name
  'registry.latest', // subject -> version number
  'metric.value', // PromQL -> number
]);
export type FactName = z.infer<typeof FactName>;

/** A statement about the world: precondition before, verification after. Values compare as text, or as numbers for at_least/at_most. */
export const Expectation = z.strictObject({
  fact: FactName,
  target: z.string().min(1).max(500),
  op: z.enum(['equals', 'not_equals', 'at_least', 'at_most', 'one_of']),
  value: z.string().max(500),
  /** What the person reads on the card. */
  text: z.string().max(300),
  /** For verification: how long the world may take to get there. */
  withinSeconds: z.number().int().min(0).max(86_400).default(0),
});
export type Expectation = z.infer<typeof Expectation>;

export const IdempotencyClass = z.enum(['idempotent', 'guarded', 'not_idempotent']);
export type IdempotencyClass = z.infer<typeof IdempotencyClass>;

/** One action with everything the approver must know about it; drafted by a propose tool from read-only facts. */
export const ProposalStep = z.strictObject({
  action: RepairAction,
  title: z.string().max(200),
  before: z.string().max(4000),
  after: z.string().max(4000),
  /** What carrying it out does besides the diff, e.g. that a patch restarts the application. */
  effects: z.array(z.string().max(300)).max(10),
  idempotency: IdempotencyClass,
  /** How to get back: a table version, a commit, a value. */
  restorePoint: z.string().max(300),
  /** Datasets the step touches or rebuilds: the seed of the blast radius. */
  touches: z.array(z.string().max(250)).max(50),
  preconditions: z.array(Expectation).max(20),
  verification: z.array(Expectation).max(20),
  /** Other values a person may choose instead when modifying, with what they lead to; for a rollback, earlier commits. */
  alternatives: z
    .array(z.strictObject({ to: z.string().max(60), value: z.string().max(500), text: z.string().max(300) }))
    .max(8)
    .optional(),
  /** Who made the change that this step takes back, as the history names them: they may not approve. */
  authors: z.array(z.string().max(250)).max(10).optional(),
});
export type ProposalStep = z.infer<typeof ProposalStep>;

export const RiskLevel = z.enum(['trivial', 'low', 'medium', 'high']);
export type RiskLevel = z.infer<typeof RiskLevel>;

export const Risk = z.strictObject({ level: RiskLevel, reasons: z.array(z.string().max(300)).min(1).max(10) });
export type Risk = z.infer<typeof Risk>;

/** Bounds of a blast radius, so that a proposal stays small however many read what it touches. */
export const BLAST_LIMITS = { tables: 60, consumers: 60, columns: 60, doubts: 12 } as const;

const Owner = z.string().max(250).optional();
/** Set where only observed runs say so: when they were last seen to. Without it the inventory says it. */
const ObservedAt = z.iso.datetime().optional();

/** A table that is built from what a proposal touches; `hops` counts the jobs in between, 0 is a touched table itself. */
export const BlastTable = z.strictObject({
  name: z.string().max(600),
  hops: z.number().int().min(0),
  owner: Owner,
  classes: z.array(z.string().max(24)).max(8),
  observed: ObservedAt,
});
export type BlastTable = z.infer<typeof BlastTable>;

/** A pipeline, or an observed job that is in no pipeline, which reads what a proposal touches or what is built from it. */
export const BlastConsumer = z.strictObject({
  name: z.string().max(600),
  hops: z.number().int().min(1),
  owner: Owner,
  critical: z.boolean(),
  /** When it runs next by its schedule, at the time the proposal was made. */
  nextRun: z.iso.datetime().optional(),
  schedule: z.string().max(100).optional(),
  observed: ObservedAt,
});
export type BlastConsumer = z.infer<typeof BlastConsumer>;

/** What an approver is told of the blast radius beyond the names. */
export const BlastDetail = z.strictObject({
  tables: z.array(BlastTable).max(BLAST_LIMITS.tables),
  consumers: z.array(BlastConsumer).max(BLAST_LIMITS.consumers),
  /** How many of each there are in all; more than are listed where a limit cut them. */
  total: z.strictObject({ tables: z.number().int(), consumers: z.number().int() }),
  /** Every class among the tables, also of those that are not listed. */
  classes: z.array(z.string().max(24)).max(40),
  /** For a change of one column: what is built from it, as far as column lineage was observed. */
  columns: z
    .strictObject({
      of: z.string().max(600),
      built: z.array(z.string().max(600)).max(BLAST_LIMITS.columns),
      total: z.number().int(),
      /** Downstream tables whose column lineage is not known: the column may be in them too. */
      unknownTables: z.number().int(),
    })
    .optional(),
  /** Where inventory and observed runs do not say the same, in our words. */
  doubts: z.array(z.string().max(500)).max(BLAST_LIMITS.doubts),
});
export type BlastDetail = z.infer<typeof BlastDetail>;

/** A free-text patch for a person. Never executed. */
export const PatchAttachment = z.strictObject({
  file: z.string().max(300),
  diff: z.string().max(20_000),
  note: z.string().max(500),
});
export type PatchAttachment = z.infer<typeof PatchAttachment>;

/** What is shown, hashed, decided on and carried out. Free of model text except `why`, which is shown boxed and labelled. */
export const Proposal = z.strictObject({
  v: z.literal(1),
  incident: z.string(),
  revision: z.number().int().min(1),
  /** `agent`, or the person who modified it: nobody approves what they asked for. */
  proposedBy: z.string(),
  steps: z.array(ProposalStep).min(1).max(6),
  why: z.string().max(1500),
  risk: Risk,
  blastRadius: z.strictObject({
    datasets: z.array(z.string()),
    pipelines: z.array(z.strictObject({ dag: z.string(), owner: z.string() })),
    /** Absent in proposals of before it existed; without a default, so that their hash stays what was signed. */
    detail: BlastDetail.optional(),
  }),
  attachments: z.array(PatchAttachment).max(3).default([]),
  expiresAt: z.iso.datetime(),
  /** People whose change is under repair; they may not approve. */
  authorsOfCause: z.array(z.string()).default([]),
});
export type Proposal = z.infer<typeof Proposal>;

/** The hash a decision binds to. */
export function proposalDigest(proposal: Proposal): string {
  return digestOf(proposal);
}

/** The hash of all facts the approver was shown as true: what an approval rests on. */
export function preconditionsDigest(proposal: Proposal): string {
  return digestOf(proposal.steps.map((step) => step.preconditions));
}
