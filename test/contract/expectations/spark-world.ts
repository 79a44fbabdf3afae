import { expect } from 'vitest';
import type { SparkApp, SparkFailure } from '../../../src/domain/platform-ports.js';
import type { SparkGiven, SparkKind } from './spark.js';

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
