import type { QualityCheck } from '../config.js';
import type { Finding } from '../finding.js';
import { finding } from '../finding.js';
import { nearest } from '../nearest.js';
import type { Condition } from './conditions.js';
import { at, type BoundContext, type CheckContext, sameName } from './context.js';
import { readExpression } from './expression.js';

/** DQ001: nobody would notice wrong rows. */
export function noChecks(context: CheckContext): Finding[] {
  if (context.config.dataQuality.length > 0) return [];
  const suggestion = 'not_null and unique over the grain, and row_count with min: 1';
  return [at(context, 'DQ001', ['dataQuality'], 'no rule of data quality', suggestion)];
}

const hasExpression = (check: QualityCheck): check is Extract<QualityCheck, { expr: string }> => 'expr' in check;

/** DQ003: a check of a column that is not there checks nothing. */
export function unknownCheckColumns(context: BoundContext): Finding[] {
  const names = context.config.sink.columns.map(({ name }) => name);
  const plain = context.config.dataQuality.flatMap((check, index) => {
    if (!('columns' in check)) return [];
    return check.columns.flatMap((column, position) => {
      if (names.some((name) => sameName(name, column))) return [];
      const near = nearest(column, names);
      const suggestion = near === undefined ? `there are ${names.slice(0, 12).join(', ')}` : `did you mean '${near}'?`;
      const path = ['dataQuality', index, 'columns', position];
      return [
        at(context, 'DQ003', path, `check '${check.id}' names '${column}', which is no column of the sink`, suggestion),
      ];
    });
  });
  return [...plain, ...context.config.dataQuality.flatMap((check, index) => expressionColumns(context, check, index))];
}

function expressionColumns(context: BoundContext, check: QualityCheck, index: number): Finding[] {
  if (!hasExpression(check)) return [];
  const path = ['dataQuality', index, 'expr'];
  const { expression, findings } = readExpression(context, check.expr, path);
  if (expression === undefined) return findings;
  const own = context.config.sink.columns.map(({ name }) => name);
  return expression.columns.flatMap(({ name, table, span }) => {
    const of = table === undefined ? own : context.tables.get(table)?.columns.map((column) => column.name);
    if (of?.some((each) => sameName(each, name))) return [];
    // A table that could not be bound is another finding already.
    if (of === undefined && table !== undefined && isDeclared(context, table)) return [];
    const near = nearest(name, of ?? []);
    const message = `check '${check.id}' names '${table === undefined ? name : `${table}.${name}`}', which does not exist`;
    const suggestion = near && `did you mean '${near}'?`;
    return [finding('DQ003', { path: path.join('.'), place: expression.placeOf(span), message, suggestion })];
  });
}

const isDeclared = ({ config }: CheckContext, id: string): boolean =>
  [...config.sources, ...config.transformers].some((each) => each.id === id);

/** DQ004: a check that is green whatever comes. */
export function idleChecks(context: CheckContext): Finding[] {
  return context.config.dataQuality.flatMap((check, index) => {
    const why = idleness(context, check, index);
    return why === undefined
      ? []
      : [at(context, 'DQ004', ['dataQuality', index], `check '${check.id}' can never fail: ${why}`)];
  });
}

function idleness(context: CheckContext, check: QualityCheck, index: number): string | undefined {
  if (check.type === 'row_count' && (check.min ?? 0) === 0 && check.max === undefined) {
    return 'every number of rows is at least 0';
  }
  if (check.type === 'range' && check.min === undefined && check.max === undefined) return 'it has neither min nor max';
  if (check.type === 'accepted_values' && [true, false].every((value) => check.values.includes(value))) {
    return 'true and false are all there is';
  }
  if (!hasExpression(check)) return undefined;
  const { expression } = readExpression(context, check.expr, ['dataQuality', index, 'expr']);
  return expression !== undefined && alwaysTrue(expression.condition) ? 'its expression is always true' : undefined;
}

function alwaysTrue(condition: Condition): boolean {
  if (condition.kind === 'constant') return condition.value;
  if (condition.kind === 'all') return condition.parts.every(alwaysTrue);
  return condition.kind === 'any' && condition.parts.some(alwaysTrue);
}
