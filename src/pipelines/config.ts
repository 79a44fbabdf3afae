import { z } from 'zod';

/**
 * `pipelines/v1`: one pipeline as a file. Every key is closed: a misspelt one is an error, never ignored. The names of rules are in
 * rules.ts; the format is published as JSON Schema for editors.
 */

const Text = z.string().min(1).max(500);
const Id = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'a small letter, then small letters, digits and _');
export const PipelineName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{2,62}$/, 'a small letter, then small letters, digits and _, 3 to 63 in all');
const ColumnName = z.string().regex(/^[A-Za-z_]\w{0,127}$/, 'a letter or _, then letters, digits and _');
const Columns = z.array(ColumnName).min(1).max(200);
/** A name under which the platform holds an address and a login; never either of them. */
const Connection = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{1,62}$/, 'the name of a connection: small letters, digits and -');
/** A Spark SQL type as text; the binder reads it. */
const SqlType = z.string().min(3).max(500);
const Duration = z.iso.duration('an ISO 8601 duration, e.g. PT12H');

const Owner = z.strictObject({
  team: z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/, 'small letters, digits and -'),
  contact: Text.describe('Channel or address for questions'),
  steward: Text.optional().describe('Who answers for the data'),
});

/** From open to closed: a sink is never below its sources. */
export const DataLevel = z.enum(['public', 'internal', 'confidential', 'restricted']);
export type DataLevel = z.infer<typeof DataLevel>;

const Classification = z.strictObject({
  level: DataLevel,
  regulated: z.enum(['none', 'gdpr', 'pci', 'sox', 'mifid', 'basel', 'aml']),
  pii: z.array(ColumnName).max(200).optional().describe('Columns that hold personal data'),
  purpose: Text.optional(),
});

const Metadata = z.strictObject({
  name: PipelineName.describe('Unique; also the name of the file'),
  description: z.string().min(10).max(300).describe('One sentence, shown in the plan'),
  owner: Owner,
  classification: Classification,
});

/** Decides what an expression means: ANSI mode turns a bad cast from NULL into an error. */
export const Engine = z.strictObject({
  spark: z.enum(['3.5', '4.0', '4.1', '4.2']).default('4.0'),
  ansi: z.boolean().default(true),
  timezone: z.string().min(1).max(60).default('UTC'),
});
export type Engine = z.infer<typeof Engine>;

const Schedule = z.strictObject({
  cron: z.string().min(1).max(100),
  timezone: z.string().min(1).max(60),
  maxRuntime: z.number().int().min(1).max(1440).describe('Minutes after which a run is taken to have failed'),
  catchup: z.boolean().optional(),
});

const Dependency = z.union([
  PipelineName,
  z.strictObject({ pipeline: PipelineName, within: Duration.optional().describe('How old its last success may be') }),
]);

const SchemaReference = z.strictObject({
  subject: Text.optional().describe('Subject of the registry; the topic or table when left out'),
  version: z.number().int().min(1).optional(),
});

const ChangeCapture = z.strictObject({
  envelope: z.literal('debezium').default('debezium'),
  mode: z.enum(['latest', 'append', 'changelog']).describe('latest: the newest row of each key'),
  keys: Columns.optional(),
  sequenceBy: Columns.optional().describe('What orders the changes of one key'),
  deletes: z.enum(['apply', 'keep', 'ignore']).optional(),
});

const Read = z.strictObject({
  mode: z.enum(['batch', 'incremental']).default('batch'),
  from: Text.optional(),
  lookback: Duration.optional(),
});

const Format = z.enum(['avro', 'json', 'parquet', 'csv', 'delta']);
const common = {
  id: Id.describe('The name under which SQL reads it'),
  connection: Connection,
  schema: SchemaReference.optional(),
  cdc: ChangeCapture.optional(),
  read: Read.optional(),
};
/** Where rows come from. */
export const Source = z.discriminatedUnion('type', [
  z.strictObject({ ...common, type: z.literal('kafka'), topic: Text, format: Format.optional() }),
  z.strictObject({ ...common, type: z.literal('oracle_cdc'), table: Text }),
  z.strictObject({ ...common, type: z.literal('adls'), path: Text, format: Format.optional() }),
  z.strictObject({ ...common, type: z.literal('s3'), path: Text, format: Format.optional() }),
]);
export type Source = z.infer<typeof Source>;

const Column = z.strictObject({
  name: ColumnName,
  type: SqlType,
  nullable: z.boolean(),
  description: Text.optional(),
});
export type Column = z.infer<typeof Column>;

const transform = {
  id: Id,
  inputs: z.array(Id).min(1).max(20),
  role: z.enum(['main', 'valid', 'deadLetter']).default('main'),
};
/** What happens on the way: one SELECT over its inputs, or a class of ours in a pinned artifact. */
export const Transformer = z.discriminatedUnion('type', [
  z.strictObject({ ...transform, type: z.literal('sql'), sql: z.string().min(1).max(100_000) }),
  z.strictObject({
    ...transform,
    type: z.literal('scala'),
    class: z.string().regex(/^[A-Za-z_][\w.$]*$/, 'a class with its package'),
    artifact: Text.describe('group:name:version'),
    output: z.array(Column).max(500).optional(),
  }),
]);
export type Transformer = z.infer<typeof Transformer>;

const target = {
  input: Id,
  connection: Connection,
  path: Text.optional(),
  table: Text.optional(),
};
/** Where rows go. The declared columns are the contract with whoever reads them. */
export const Sink = z.strictObject({
  ...target,
  type: z.enum(['delta', 'iceberg', 's3']),
  mode: z.enum(['append', 'overwrite', 'overwrite_partitions', 'merge']),
  mergeKeys: Columns.optional(),
  partitionBy: Columns.optional(),
  schemaEvolution: z.enum(['none', 'add_columns', 'widen']).default('none'),
  columns: z.array(Column).min(1).max(500),
});
export type Sink = z.infer<typeof Sink>;

const OnFail = z.enum(['fail', 'warn', 'deadLetter']);
const check = { id: Id, onFail: OnFail };
/** What must hold of the output of each run. */
export const QualityCheck = z.discriminatedUnion('type', [
  z.strictObject({ ...check, type: z.literal('not_null'), columns: Columns }),
  z.strictObject({ ...check, type: z.literal('unique'), columns: Columns }),
  z.strictObject({
    ...check,
    type: z.literal('row_count'),
    min: z.number().int().min(0).optional(),
    max: z.number().int().min(0).optional(),
  }),
  z.strictObject({
    ...check,
    type: z.literal('accepted_values'),
    columns: Columns,
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  }),
  z.strictObject({
    ...check,
    type: z.literal('range'),
    columns: Columns,
    min: z.number().optional(),
    max: z.number().optional(),
  }),
  z.strictObject({ ...check, type: z.literal('reconcile'), expr: Text }),
  z.strictObject({ ...check, type: z.literal('freshness'), columns: Columns, max: Duration }),
  z.strictObject({ ...check, type: z.literal('custom'), expr: Text }),
]);
export type QualityCheck = z.infer<typeof QualityCheck>;

const Reason = z.string().regex(/^[A-Z][A-Z0-9_]{1,62}$/, 'capital letters, digits and _');
/** What a row must fulfil to be valid: stated as what is expected, so that NULL is rejected and not lost. */
export const RowCheck = z.strictObject({ reason: Reason, expect: Text });
export type RowCheck = z.infer<typeof RowCheck>;

const DeadLetter = z.strictObject({
  ...target,
  type: z.enum(['delta', 'iceberg', 's3']),
  reasonColumn: ColumnName.default('error_reason'),
  maxRate: z.number().min(0).max(1).optional().describe('Share of rejected rows above which the run fails'),
  retention: Duration.optional(),
  checks: z.array(RowCheck).min(1).max(50),
});

const ErrorHandling = z.strictObject({
  onError: z.enum(['fail', 'deadLetter', 'skip']),
  retries: z.number().int().min(0).max(10).default(0),
  deadLetter: DeadLetter.optional(),
});

const Cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const TestCase = z.strictObject({
  name: Text,
  given: z.record(Id, z.array(z.record(ColumnName, Cell)).max(200)),
  expect: z.strictObject({
    rows: z.array(z.record(ColumnName, Cell)).max(200).optional(),
    columns: Columns.optional(),
    rowCount: z.number().int().min(0).optional(),
  }),
});
export type TestCase = z.infer<typeof TestCase>;

export const PipelineConfig = z.strictObject({
  apiVersion: z.literal('pipelines/v1'),
  kind: z.literal('Pipeline'),
  metadata: Metadata,
  engine: Engine.prefault({}),
  schedule: Schedule,
  dependsOn: z.array(Dependency).max(50).default([]),
  sources: z.array(Source).min(1).max(20),
  transformers: z.array(Transformer).min(1).max(20),
  sink: Sink,
  dataQuality: z.array(QualityCheck).max(100).default([]),
  errorHandling: ErrorHandling,
  tests: z.array(TestCase).max(100).default([]),
});
export type PipelineConfig = z.infer<typeof PipelineConfig>;
