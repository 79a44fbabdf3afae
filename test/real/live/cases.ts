import type { LiveCase } from './case.js';
import { concurrentAppend, configRegression, executorKilled, lostTask, trinoMemory } from './engine-cases.js';
import { lateData } from './late-case.js';
import { incompatibleSchema, schemaMismatch, trinoMissingColumn, unresolvedColumn } from './schema-cases.js';

/** The failures that are made live, in the order in which they are. */
export const CASES: readonly LiveCase[] = [
  unresolvedColumn,
  schemaMismatch,
  executorKilled,
  concurrentAppend,
  trinoMemory,
  trinoMissingColumn,
  incompatibleSchema,
  configRegression,
  lateData,
  lostTask,
];
