import type { Finding } from '../finding.js';
import { shown } from '../shown.js';
import type { AggregateFact, OutputColumn } from '../sql/bound.js';
import { type Compared, isSame, say } from './compared.js';
import type { GrainKey, Measure, TimeGrain } from './intent.js';

export interface Found {
  findings: Finding[];
  /** Output columns of the draft that were asked for. */
  found: Set<string>;
  /** Names of the card, and what the draft calls them. */
  names: Map<string, string>;
}

/** INT002: outputs of the card by what they mean, whatever the draft calls them. */
export function requestedOutputs(compared: Compared): Found {
  const { card, read, bound } = compared;
  const query = bound.transformers.get(read.config.sink.input)?.bound;
  const columns = query?.columns ?? [];
  const result: Found = { findings: [], found: new Set(), names: new Map() };
  const match = (asked: string, what: string, column: OutputColumn | undefined): void => {
    if (column === undefined) {
      result.findings.push(
        say(compared, 'INT002', ['sink', 'columns'], `the requested output is missing: ${shown(what)}`),
      );
      return;
    }
    result.found.add(column.name);
    result.names.set(asked, column.name);
  };
  const prefer = (name: string, fitting: OutputColumn[]): OutputColumn | undefined =>
    fitting.find((column) => column.name === name) ?? fitting[0];
  for (const key of card.grain)
    match(
      key.name,
      key.every === undefined ? key.of.column : `${key.every} of ${key.of.column}`,
      prefer(
        key.name,
        columns.filter((column) => isKey(compared, key, column)),
      ),
    );
  for (const measure of card.measures)
    match(
      measure.name,
      `${measure.function} of ${measure.of?.column ?? 'rows'}`,
      prefer(
        measure.name,
        columns.filter((column) => isMeasure(compared, measure, column)),
      ),
    );
  for (const of of card.columns)
    match(
      of.column,
      of.column,
      prefer(
        of.column,
        columns.filter(
          (column) => column.plain !== undefined && compared.origins(column.plain).some((origin) => isSame(origin, of)),
        ),
      ),
    );
  return result;
}

const UNITS: Record<TimeGrain, RegExp> = {
  hour: /'(?:hour|hh)'|\bhour\s*\(/i,
  day: /'(?:day|dd)'|\bdate\b/i,
  week: /'week'|\bweekofyear\s*\(/i,
  month: /'(?:month|mon|mm)'|\bmonth\s*\(|'yyyy-MM'/i,
  quarter: /'quarter'|\bquarter\s*\(/i,
  year: /'(?:year|yyyy|yy)'|\byear\s*\(/i,
};

function isKey({ read, bound, origins }: Compared, key: GrainKey, column: OutputColumn): boolean {
  const from = column.from.flatMap(origins);
  if (!from.some((origin) => isSame(origin, key.of))) return false;
  const grain = bound.transformers.get(read.config.sink.input)?.bound?.facts.grain;
  if (grain !== undefined && !grain.includes(column.name)) return false;
  if (key.every === undefined) return column.plain !== undefined || from.length === 1;
  if (key.every === 'day' && column.type.kind === 'date') return true;
  const unit = UNITS[key.every];
  return read.config.transformers.some((transformer) => transformer.type === 'sql' && unit.test(transformer.sql));
}

function isMeasure({ bound, origins }: Compared, measure: Measure, column: OutputColumn): boolean {
  const wanted = measure.function === 'count_distinct' ? 'count' : measure.function;
  const { of } = measure;
  const made = (fact: AggregateFact): boolean => {
    if (fact.name.toLowerCase() !== wanted || fact.distinct !== (measure.function === 'count_distinct')) return false;
    return of === undefined ? fact.over.length === 0 : fact.over.flatMap(origins).some((origin) => isSame(origin, of));
  };
  const there = [...bound.transformers.values()].some((transformer) => transformer.bound?.facts.aggregates.some(made));
  const from = column.from.flatMap(origins);
  const flows =
    of === undefined
      ? column.from.length === 0 && column.type.kind === 'bigint'
      : from.some((origin) => isSame(origin, of));
  return there && flows && column.plain === undefined && !(of !== undefined && isOther(measure, column));
}

/** `max_amount` is no minimum: among several aggregates of one column the name tells them apart. */
function isOther(measure: Measure, { name }: OutputColumn): boolean {
  const words = {
    sum: /sum|total/,
    count: /count|cnt|^n$/,
    count_distinct: /distinct|unique|count/,
    avg: /avg|average|mean/,
    min: /min|lowest|first|earliest/,
    max: /max|highest|last|latest/,
  };
  const said = Object.entries(words)
    .filter(([, pattern]) => pattern.test(name.toLowerCase()))
    .map(([kind]) => kind);
  return said.length > 0 && !said.includes(measure.function);
}
