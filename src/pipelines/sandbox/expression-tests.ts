import type { SandboxAnswer } from '../../domain/sandbox.js';
import type { PipelineConfig, QualityCheck } from '../config.js';
import { shown } from '../shown.js';
import { bindSql } from '../sql/bind.js';
import type { InputTable } from '../sql/bound.js';
import type { ExtraQuery } from './extra-query.js';
import { strict } from './output-tests.js';
import { ALL_ROWS, ORDINARY_ROWS } from './sandbox-plan.js';
import { type Judged, noted, notRun, passed, shownValue, type WrongCell } from './test-result.js';

type ExpressionCheck = Extract<QualityCheck, { type: 'custom' | 'reconcile' }>;

/** A check that is an expression, bound as any query of the config is. */
export interface ExpressionTest {
  check: ExpressionCheck;
  path: string;
  /** Undefined when the expression could not be bound, or not be verified. */
  query: ExtraQuery | undefined;
  /** It is about the whole of the rows: whether two sums of them meet is known of real rows only. */
  isOfAll: boolean;
}

/** The checks of data quality that are expressions, as queries for the sandbox. */
export function expressionTests(
  { dataQuality, engine, sink }: PipelineConfig,
  tables: ReadonlyMap<string, InputTable>,
): ExpressionTest[] {
  return dataQuality.flatMap((check, index) => {
    if (check.type !== 'custom' && check.type !== 'reconcile') return [];
    const path = `dataQuality.${index}.expr`;
    const text =
      check.type === 'custom'
        ? `SELECT (${check.expr}) AS ok FROM ${sink.input}`
        : reconciling(check.expr, sink.input, tables);
    const inputs = [...tables.values()];
    const bound =
      text === undefined ? undefined : bindSql(text, { path, engine, inputs, placeInFile: () => undefined }).bound;
    const sql = bound?.columns[0]?.type.kind === 'boolean' ? bound.duckdb : undefined;
    const sets = [ALL_ROWS, ORDINARY_ROWS];
    const isOfAll = check.type === 'custom' && (bound?.facts.aggregates.length ?? 0) > 0;
    return [{ check, path, isOfAll, query: sql === undefined ? undefined : { id: `check ${index}`, sql, sets } }];
  });
}

/** `sum(total) = sum(txn.amount)`: each side is asked of the table that it names, else of the output. */
function reconciling(expr: string, output: string, tables: ReadonlyMap<string, InputTable>): string | undefined {
  const [, left, op, right] = /^([^<>=!]+?)\s*(<=|>=|=|<|>)\s*([^<>=!]+)$/s.exec(expr.trim()) ?? [];
  if (left === undefined || op === undefined || right === undefined) return undefined;
  const side = (text: string): string => {
    const named = [...tables.keys()].find((name) => new RegExp(`\\b${name}\\s*\\.`).test(text));
    return `(SELECT ${text} AS side FROM ${named ?? output})`;
  };
  return `SELECT (${side(left)} ${op} ${side(right)}) AS ok`;
}

/** Judges the checks that are expressions: for ordinary rows none may be false; that odd rows break them, or that it is not known, is told. */
export function judgeExpressions(tests: readonly ExpressionTest[], answers: readonly SandboxAnswer[]): Judged[] {
  return tests.map(({ check, path, query, isOfAll }) => {
    if (query === undefined)
      return { results: [notRun(check.id, 'the expression is not verified in the sandbox')], findings: [] };
    const wrongIn = (set: string, nullFails = false): WrongCell | undefined | 'unknown' => {
      const answer = answers.find((each) => each.set === set && each.statement === query.id);
      if (answer?.result === undefined) return 'unknown';
      const row = answer.result.rows.findIndex(([ok]) => ok === false || (nullFails && ok === null));
      if (row < 0) return undefined;
      const got = shownValue(answer.result.rows[row]?.[0], false);
      return { column: shown(check.expr), row: row + 1, expected: 'true', got };
    };
    const [usual, odd] = [wrongIn(ORDINARY_ROWS), wrongIn(ALL_ROWS, true)];
    if (usual === 'unknown') return { results: [notRun(check.id, 'the expression could not be run')], findings: [] };
    if (usual !== undefined && isOfAll) return { results: [noted(check.id, usual)], findings: [] };
    if (usual !== undefined) return strict(check.id, path, check.onFail, usual);
    const result = odd === undefined || odd === 'unknown' ? passed(check.id) : noted(check.id, odd);
    return { results: [result], findings: [] };
  });
}
