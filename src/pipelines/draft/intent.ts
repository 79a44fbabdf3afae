import { z } from 'zod';

/**
 * The intent card: what a request asks for, in the terms of a pipeline, for the asker to confirm before anything is drafted. What the
 * request leaves open stands on it, with what a draft takes for granted until somebody answers.
 */

const Text = z.string().min(1).max(2_000);
const Name = z.string().min(1).max(250);

export const TimeGrain = z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']);
export type TimeGrain = z.infer<typeof TimeGrain>;

/** A column of one of the sources. */
const SourceColumn = z.strictObject({ source: Name, column: Name });
export type SourceColumn = z.infer<typeof SourceColumn>;

const IntentSource = z.strictObject({
  /** The name under which SQL reads it. */
  id: Name,
  /** As the catalogue names it. */
  dataset: Name,
  version: z.number().int().min(1),
});

const GrainKey = z.strictObject({
  of: SourceColumn,
  every: TimeGrain.optional(),
  name: Name.describe('Output column'),
});
export type GrainKey = z.infer<typeof GrainKey>;

const MeasureFunction = z.enum(['sum', 'count', 'count_distinct', 'avg', 'min', 'max']);
export type MeasureFunction = z.infer<typeof MeasureFunction>;

const Measure = z.strictObject({
  function: MeasureFunction,
  of: SourceColumn.optional().describe('Left out: rows are counted'),
  name: Name.describe('Output column'),
});
export type Measure = z.infer<typeof Measure>;

const FilterOperator = z.enum(['=', '<>', '<', '<=', '>', '>=', 'in', 'not_in', 'between', 'is_null', 'is_not_null']);
export type FilterOperator = z.infer<typeof FilterOperator>;
const IntentFilter = z.strictObject({
  of: SourceColumn,
  op: FilterOperator,
  values: z.array(z.string().max(200)).max(100),
});
export type IntentFilter = z.infer<typeof IntentFilter>;

const IntentJoin = z.strictObject({
  source: Name,
  kind: z.enum(['inner', 'left']),
  on: z.array(z.strictObject({ left: SourceColumn, right: SourceColumn })).min(1),
});
export type IntentJoin = z.infer<typeof IntentJoin>;

const IntentSink = z.strictObject({
  type: z.enum(['delta', 'iceberg', 's3']),
  connection: Name.optional(),
  path: Name.optional(),
  table: Name.optional(),
  mode: z.enum(['append', 'overwrite', 'merge']),
  mergeKeys: z.array(Name),
});
export type IntentSink = z.infer<typeof IntentSink>;

const IntentSchedule = z.strictObject({
  cron: Name,
  timezone: Name,
  maxRuntime: z.number().int().min(1).max(1440),
});
export type IntentSchedule = z.infer<typeof IntentSchedule>;

/** A check of quality that was asked for, on columns of the output. */
const IntentQuality = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('not_null'), columns: z.array(Name).min(1) }),
  z.strictObject({ type: z.literal('unique'), columns: z.array(Name).min(1) }),
  z.strictObject({ type: z.literal('row_count'), min: z.number().int().min(0) }),
  z.strictObject({
    type: z.literal('range'),
    columns: z.array(Name).min(1),
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('accepted_values'),
    columns: z.array(Name).min(1),
    values: z.array(z.string()).min(1),
  }),
]);
export type IntentQuality = z.infer<typeof IntentQuality>;

/** What the request leaves open. With `assumed` a draft goes on and says so; without it nothing is drafted before the answer. */
const OpenPoint = z.strictObject({
  rule: z.enum(['INT001', 'MON001']),
  what: Text,
  choices: z.array(Text),
  assumed: Text.optional(),
});
export type OpenPoint = z.infer<typeof OpenPoint>;

export const IntentCard = z.strictObject({
  name: Name.optional(),
  description: Text,
  owner: z.strictObject({ team: Name, contact: Name }).optional(),
  sources: z.array(IntentSource),
  joins: z.array(IntentJoin),
  filters: z.array(IntentFilter),
  /** Empty where rows pass through. */
  grain: z.array(GrainKey),
  measures: z.array(Measure),
  /** What passes through, where nothing is aggregated. */
  columns: z.array(SourceColumn),
  sink: IntentSink.optional(),
  schedule: IntentSchedule,
  quality: z.array(IntentQuality),
  retries: z.number().int().min(0).max(10),
  after: z.array(Name).describe('Pipelines that must have run'),
  open: z.array(OpenPoint),
});
export type IntentCard = z.infer<typeof IntentCard>;

/** Nothing that a draft would have to invent is open. */
export function isDraftable(card: IntentCard): boolean {
  return card.open.every(({ assumed }) => assumed !== undefined);
}
