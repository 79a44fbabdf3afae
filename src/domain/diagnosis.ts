import { z } from 'zod';

/** The closed taxonomy of the benchmark (docs/benchmark.md). `multi` is not a label: it is two or more causes. */
export const Category = z.enum([
  'schema_drift',
  'executor_failure',
  'late_data',
  'config_regression',
  'resource_exhaustion',
  'out_of_scope',
  'none',
]);
export type Category = z.infer<typeof Category>;

export const Component = z.enum([
  'airflow',
  'spark',
  'delta',
  'trino',
  'kyuubi',
  'k8s',
  'kafka',
  'registry',
  'metastore',
  'object_store',
  'source',
  'network',
  'identity',
  'provider',
]);
export type Component = z.infer<typeof Component>;

export const Change = z.enum([
  'column_added',
  'column_dropped',
  'column_renamed',
  'type_changed',
  'enum_extended',
  'partition_type_mismatch',
  'protocol_upgraded',
  'node_lost',
  'pod_evicted',
  'endpoint_unreachable',
  'throttled',
  'commit_conflict',
  'state_desync',
  'producer_delayed',
  'partition_incomplete',
  'schedule_shift',
  'watermark_too_short',
  'retention_expired',
  'value_changed',
  'version_upgraded',
  'default_changed',
  'credential_rotated',
  'volume_growth',
  'file_count_growth',
  'skew',
  'co_tenant',
  'slots_exhausted',
  'provider_outage',
  'credential_compromise',
  'none',
]);
export type Change = z.infer<typeof Change>;

/** One root cause. `entity` is a URN whose prefix equals `component`, e.g. `delta:silver.orders`, `spark:config/app.image`. */
export const RootCause = z.strictObject({
  category: Category,
  component: Component,
  entity: z.string().min(3).max(300),
  change: Change,
  /** What happened, in one sentence. */
  claim: z.string().min(1).max(600),
});
export type RootCause = z.infer<typeof RootCause>;

/** A quote of an observation; `struck` when code did not find it byte for byte in the stored observation. */
export const Evidence = z.strictObject({
  callId: z.string(),
  tool: z.string(),
  quote: z.string().min(1).max(1000),
  supports: z.string().max(300),
  observation: z.string().describe('SHA-256 of the stored observation'),
});
export type Evidence = z.infer<typeof Evidence>;

/** A quote that the model gave and code did not find in the stored observation. */
export const StruckQuote = z.strictObject({ quote: z.string().max(1000), reason: z.string() });
export type StruckQuote = z.infer<typeof StruckQuote>;

export const RuledOut = z.strictObject({ hypothesis: z.string().max(300), why: z.string().max(500) });
export type RuledOut = z.infer<typeof RuledOut>;

/** The agent's one diagnosis, after grounding. `inconclusive` is an honest answer. */
export const Diagnosis = z.strictObject({
  outcome: z.enum(['repair', 'escalate', 'no_action', 'inconclusive']),
  causes: z.array(RootCause).max(5),
  /** Model text: shown boxed and labelled. */
  summary: z.string().max(2000),
  confidence: z.number().min(0).max(1),
  evidence: z.array(Evidence).max(12),
  struck: z.array(StruckQuote).default([]),
  ruledOut: z.array(RuledOut).max(10),
  flags: z.array(z.enum(['injection_suspected', 'tool_unreliable', 'evidence_struck', 'partial'])).default([]),
});
export type Diagnosis = z.infer<typeof Diagnosis>;
