import { Category, type Change, Component } from '../domain/diagnosis.js';

type Named = Exclude<Category, 'none'>;

/** Which changes belong to which category, as the investigator's prompt and docs/benchmark.md print them. */
export const CHANGES: Record<Named, Exclude<Change, 'none'>[]> = {
  schema_drift: [
    'column_added',
    'column_dropped',
    'column_renamed',
    'type_changed',
    'enum_extended',
    'partition_type_mismatch',
    'protocol_upgraded',
  ],
  executor_failure: [
    'node_lost',
    'pod_evicted',
    'endpoint_unreachable',
    'throttled',
    'commit_conflict',
    'state_desync',
  ],
  late_data: ['producer_delayed', 'partition_incomplete', 'schedule_shift', 'watermark_too_short', 'retention_expired'],
  config_regression: ['value_changed', 'version_upgraded', 'default_changed', 'credential_rotated'],
  resource_exhaustion: ['volume_growth', 'file_count_growth', 'skew', 'co_tenant', 'slots_exhausted'],
  out_of_scope: ['provider_outage', 'credential_compromise', 'credential_rotated', 'endpoint_unreachable'],
};

/** What decides where two labels seem right; word for word those of the investigator's prompt. */
export const TIE_BREAKS = [
  'The cause is the EARLIEST change without which the alert would not have fired. Two causes only when each was necessary for the alert, or would by itself keep the run failing after the other is repaired.',
  'A commit or setting in OUR repositories is config_regression, whatever the symptom looks like (exhaustion, transient, drift).',
  'Shape, type or protocol of data or a table changed by its owner or by DDL outside our repositories is schema_drift. Arrival time, calendar or retention is late_data.',
  'Demand grew or was uneven with no single change by us: resource_exhaustion. The entity is the consumer that grew, the pool that ran out, or (skew) the table with the hot key.',
  'Something was lost once and the unchanged run would pass: executor_failure. The entity is the resource lost or contended, not what made it busy.',
];

const ENTITY =
  '<component>:<path>, e.g. delta:silver.orders, airflow:dag.task, k8s:node/n-7, kafka:topic, registry:subject, provider:aws/us-east-1; a setting of ours is <component>:config/<path> with component and path of inventory.config_targets';

/** The closed lists as a responder is given them. */
export const TAXONOMY = {
  category: Category.options.filter((name) => name !== 'none'),
  component: [...Component.options],
  entity: ENTITY,
  change_by_category: CHANGES,
  tie_breaks: TIE_BREAKS,
};
