import { bindSql } from '../../src/pipelines/sql/bind.js';
import { inputsOf, readSuite } from '../real/agreement/suite.js';

const ROUNDS = 20;
/** Joins, groups and whole reports: what a pipeline's query is made of. */
const THEMES = /^(groups|joins|queries|mixed)\./;

/** How long the binder takes for a query, parsing and SQL for the sandbox included. */
export async function benchDrafting(): Promise<Record<string, unknown>> {
  const { tables, queries } = readSuite();
  const inputs = inputsOf(tables);
  const chosen = queries.filter(({ id }) => THEMES.test(id));
  const engine = { spark: '4.2', ansi: true, timezone: 'UTC' } as const;
  const bind = (sql: string): number => {
    const began = performance.now();
    bindSql(sql, { path: '', engine, inputs, placeInFile: () => undefined });
    return performance.now() - began;
  };
  const firstMs = bind(chosen[0]?.sql ?? '');
  const times = Array.from({ length: ROUNDS }, () => chosen.map(({ sql }) => bind(sql))).flat();
  times.sort((a, b) => a - b);
  const at = (share: number): number => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(2));
  const report = queries.find(({ id }) => id === 'queries.report')?.sql ?? '';
  const reports = Array.from({ length: 200 }, () => bind(report)).sort((a, b) => a - b);
  return {
    queries: chosen.length,
    binds: times.length,
    firstMs: Number(firstMs.toFixed(1)),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    slowestMs: at(1 - Number.EPSILON),
    reportOfTwoCtesP50Ms: Number((reports[100] ?? 0).toFixed(2)),
  };
}
