import { z } from 'zod';

/** Only the fields in use of PROTOCOL.md; commitInfo is free-form, so nothing in it is required. */
const text = z.string().nullish();
/** Parquet's 64-bit integers come as BigInt. */
const whole = z.preprocess((value) => (typeof value === 'bigint' ? Number(value) : value), z.number().int());

export const Metadata = z.looseObject({
  schemaString: z.string(),
  partitionColumns: z
    .array(z.string())
    .nullish()
    .transform((columns) => columns ?? []),
  configuration: z
    .record(z.string(), z.string())
    .nullish()
    .transform((properties) => properties ?? {}),
});
export type Metadata = z.infer<typeof Metadata>;

export const Protocol = z.looseObject({
  minReaderVersion: whole,
  minWriterVersion: whole,
  readerFeatures: z.array(z.string()).nullish(),
  writerFeatures: z.array(z.string()).nullish(),
});
export type Protocol = z.infer<typeof Protocol>;

export const CommitInfo = z.looseObject({
  inCommitTimestamp: whole.nullish(),
  operation: text,
  userName: text,
  userId: text,
  operationParameters: z.record(z.string(), z.unknown()).nullish(),
  operationMetrics: z.record(z.string(), z.unknown()).nullish(),
});
export type CommitInfo = z.infer<typeof CommitInfo>;

const DeletionVector = z.looseObject({ cardinality: whole });
/** Statistics are JSON in a text, and in checkpoints instead, or as well, a structure. */
const Add = z.looseObject({
  path: z.string(),
  stats: text,
  stats_parsed: z.looseObject({ numRecords: whole.nullish() }).nullish(),
  deletionVector: DeletionVector.nullish(),
});
const Remove = z.looseObject({ path: z.string() });
export type Add = z.infer<typeof Add>;

/** One line of a commit: exactly one action; kinds that are not listed here are skipped. */
export const Action = z.looseObject({
  metaData: Metadata.optional(),
  protocol: Protocol.optional(),
  commitInfo: CommitInfo.optional(),
  add: Add.optional(),
  remove: Remove.optional(),
});

const Sidecar = z.looseObject({ path: z.string(), sizeInBytes: whole });
/** One row of a checkpoint. */
export const CheckpointRow = z.looseObject({
  metaData: Metadata.nullish(),
  protocol: Protocol.nullish(),
  add: Add.nullish(),
  sidecar: Sidecar.nullish(),
});

export const LastCheckpoint = z.looseObject({ version: whole.pipe(z.number().min(0)) });
export type LastCheckpoint = z.infer<typeof LastCheckpoint>;

export const Stats = z.looseObject({ numRecords: whole.nullish() });

/** The checksum file beside a commit holds the table's metadata as of that version. */
export const Checksum = z.looseObject({
  numFiles: whole.nullish(),
  metadata: Metadata.nullish(),
  protocol: Protocol.nullish(),
});
export type Checksum = z.infer<typeof Checksum>;

/** A field of `schemaString`; `type` is a name or a nested object. */
const Field = z.looseObject({
  name: z.string(),
  type: z.unknown(),
  nullable: z.boolean().default(true),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
export const Struct = z.looseObject({ type: z.literal('struct'), fields: z.array(Field) });
export const ArrayType = z.looseObject({ type: z.literal('array'), elementType: z.unknown() });
export const MapType = z.looseObject({ type: z.literal('map'), keyType: z.unknown(), valueType: z.unknown() });
