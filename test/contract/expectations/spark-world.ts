import { expect } from 'vitest';
import type { HttpClient, SparkApp, SparkFailure, SparkReader } from '../../../src/domain/platform-ports.js';

/** How each application of the world ended. Its name is `<prefix>-<kind>`. */
export const SPARK_KINDS = [
  /** Ended well. Submitted with `spark.hadoop.fs.s3a.secret.key` and `spark.executor.memory`. */
  'succeeds',
  /** Failed because executor with SIGKILL, exit code 137, was lost. */
  'executor-lost',
  /** One task of a shuffle had most of the rows and failed. */
  'skewed',
  /** A query over a column `total_price` that is not there; no stage failed. */
  'refused',
  /** An append with a column `currency` that its Delta table has not; no stage failed. */
  'mismatch',
  /** A task failed by `is not a Parquet file`, the cause of another error. */
  'caused',
  /** A task failed with `is no number` in the middle of a stack of many KB. */
  'deep',
  /** More was collected than `spark.driver.maxResultSize` allows. */
  'too-large',
  /** Still runs. */
  'runs',
  /** Its driver was killed with SIGKILL. */
  'driver-killed',
  /** Submitted in a way that gives it an attempt id, and ended. */
  'attempted',
] as const;
export type SparkKind = (typeof SPARK_KINDS)[number];

export interface SparkGiven {
  /** With the driver logs that the platform collects. */
  reader: SparkReader;
  /** To the same server with the same rights. */
  http: HttpClient;
  prefix: string;
  /** What was submitted as `spark.hadoop.fs.s3a.secret.key` of `succeeds`. */
  secret: string;
  /** What was submitted as `spark.executor.memory` of `succeeds`. */
  executorMemory: string;
}

/** The application of one kind. */
export async function appOf({ reader, prefix }: SparkGiven, kind: SparkKind): Promise<SparkApp> {
  const found = await reader.applications(`${prefix}-${kind}`, 1);
  expect(found, `an application ${prefix}-${kind}`).toHaveLength(1);
  return found[0] as SparkApp;
}

export async function failureOf(given: SparkGiven, kind: SparkKind): Promise<SparkFailure> {
  return given.reader.failure(await appOf(given, kind));
}

/** Everything that stages and tasks say of a failure. */
export function reasonsOf({ stages, taskErrors }: SparkFailure): string[] {
  return [...stages.map(({ reason }) => reason), ...taskErrors.map(({ message }) => message)];
}
