import { AppError } from '../../src/domain/errors.js';
import type { Log } from './log-names.js';

/** Which commits are shown, as far as the listing tells. */
export interface HistoryPlan {
  /** Newest version of the table. */
  latest: number;
  /** First commit that is shown; above `latest` when no commit is left. */
  first: number;
  /** False when earlier commits may exist that the listing did not reach and the limit asks for. */
  reached: boolean;
}

/**
 * @param base version of the checkpoint that the table's state is taken from.
 * @throws AppError `unexpected_answer` when commits after the base are missing: the log is damaged.
 */
export function planHistory(log: Log, table: string, base: number | undefined, limit: number): HistoryPlan {
  const versions = log.commits.map(({ version }) => version);
  const present = new Set(versions);
  const latest = Math.max(versions.at(-1) ?? -1, base ?? -1);
  let expected = base === undefined ? (versions[0] ?? 0) : base + 1;
  for (const version of versions.filter((each) => each >= expected)) {
    if (version !== expected) throw gap(table, expected - 1, version);
    expected += 1;
  }
  let first = latest + 1;
  while (present.has(first - 1) && latest - first + 1 < limit) first -= 1;
  return { latest, first, reached: log.from === 0 || first > log.from };
}

/** True when every version from `from` up to and without `to` has its commit. */
export function isWhole(log: Log, from: number, to: number): boolean {
  return log.commits.filter(({ version }) => version >= from && version < to).length === Math.max(0, to - from);
}

function gap(table: string, from: number, to: number): AppError {
  return new AppError('unexpected_answer', {
    safeText: `The Delta log of ${table} is damaged: no commit between versions ${from} and ${to}.`,
  });
}
