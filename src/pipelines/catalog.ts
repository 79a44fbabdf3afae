import { z } from 'zod';
import { DataLevel } from './config.js';

/** What the company knows beside the configs themselves: who may do what where, which topics have which schema. Read from files and the registry by a role; the checks only look. */

const Name = z.string().min(1).max(250);

const CatalogColumn = z.strictObject({
  name: Name,
  /** Spark SQL type. */
  type: z.string().min(1),
  nullable: z.boolean(),
  values: z.array(z.string()).optional(),
  pii: z.boolean().optional(),
  identifier: z.boolean().optional(),
  money: z.enum(['currency', 'amount']).optional(),
  /** Name it had before, as an Avro alias says. */
  aliases: z.array(Name).optional(),
  /** A logical type's unit or a declared default, where a change of it matters. */
  defaultText: z.string().optional(),
  description: z.string().max(1000).optional(),
});
export type CatalogColumn = z.infer<typeof CatalogColumn>;

/** One version of the shape of a topic, a table or a path. */
export const DatasetVersion = z.strictObject({
  version: z.number().int().min(1),
  columns: z.array(CatalogColumn).min(1),
});
export type DatasetVersion = z.infer<typeof DatasetVersion>;

export const CatalogDataset = z.strictObject({
  /** Topic, table or path, as a source names it. */
  name: Name,
  /** Other names people use for it: `CUSTOMER_TRANSACTIONS` for `oracle.CORE.CUSTOMER_TRANSACTIONS`. */
  aliases: z.array(Name).default([]),
  connection: Name,
  versions: z.array(DatasetVersion).min(1),
  keys: z.array(Name).default([]),
  /** What orders the changes of one key, where it is a change stream. */
  sequenceBy: z.array(Name).default([]),
  changeStream: z.boolean().default(false),
  retentionHours: z.number().min(0).optional(),
  partitions: z.array(Name).default([]),
  level: DataLevel.default('internal'),
  regulated: z.string().default('none'),
});
export type CatalogDataset = z.infer<typeof CatalogDataset>;

const Rights = z.array(z.string().min(1));
export const CatalogConnection = z.strictObject({
  name: Name,
  type: z.enum(['kafka', 'oracle_cdc', 'adls', 's3']),
  /** Teams that may read and write by it; `*` is every team. */
  read: Rights.default([]),
  write: Rights.default([]),
  /** Beginnings of paths or tables that may be written by it, by team. */
  paths: z.record(z.string(), Rights).default({}),
});
export type CatalogConnection = z.infer<typeof CatalogConnection>;

export const PipelineCatalog = z.strictObject({
  connections: z.array(CatalogConnection),
  datasets: z.array(CatalogDataset),
  /** Teams whose people may draft for regulated data. */
  riskAndCompliance: z.array(z.string()).default([]),
});
export type PipelineCatalog = z.infer<typeof PipelineCatalog>;
