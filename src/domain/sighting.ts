import { z } from 'zod';
import { sha256Hex } from './canonical.js';

/** A dataset as OpenLineage names it, e.g. `s3://lake` and `silver/orders`, or `trino://host:8080` and `delta.silver.orders`. */
export const DatasetName = z.strictObject({ namespace: z.string().max(300), name: z.string().max(600) });
export type DatasetName = z.infer<typeof DatasetName>;

/** At most this many columns of one sighting are kept: a table of a thousand columns must not fill the store. */
export const MOST_COLUMNS = 150;

const Column = z.string().max(120);

/**
 * That a run was seen to read or write a dataset: what is kept of OpenLineage events. A cache, not evidence: it is replaced by the
 * next run, forgotten when it is old, and can only add to what the inventory says.
 */
export const Sighting = z.strictObject({
  job: z.strictObject({ namespace: z.string().max(300), name: z.string().max(600) }),
  /** The jobs that started this one, nearest first, e.g. the Spark application of a statement and the Airflow task above it. */
  parents: z.array(z.string().max(600)).max(2).default([]),
  does: z.enum(['reads', 'writes']),
  dataset: DatasetName,
  /** Other names of the same dataset (symlinks), e.g. the catalogue's name of a path. */
  aliases: z.array(DatasetName).max(4).default([]),
  /** When the run last said so. */
  at: z.iso.datetime(),
  jobOwner: z.string().max(250).optional(),
  datasetOwner: z.string().max(250).optional(),
  /** For `writes`: which columns are made from which, where the run said so. */
  columns: z
    .array(z.strictObject({ from: DatasetName, pairs: z.array(z.tuple([Column, Column])).max(MOST_COLUMNS) }))
    .max(30)
    .optional(),
});
export type Sighting = z.infer<typeof Sighting>;

/** One of a job, a direction and a dataset: a later sighting of the same replaces the earlier. */
export function sightingKey({ job, does, dataset }: Pick<Sighting, 'job' | 'does' | 'dataset'>): string {
  return sha256Hex(JSON.stringify([job.namespace, job.name, does, dataset.namespace, dataset.name])).slice(0, 32);
}
