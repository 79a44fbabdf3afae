import type { Finding, Place } from '../finding.js';
import type { ColumnRef, InputTable } from '../sql/bound.js';
import { isAmount, isCurrency, isRate, isTime, namesCurrency } from './column-meaning.js';
import { decidingColumns, mentioned } from './conditions.js';
import { type CheckedQuery, columnOf, eachQuery, inQuery, sameName } from './context.js';
import { relationOf, tableOf } from './joins.js';

/** MON001: amounts of several currencies in one sum. A question: the asker may know that there is only one. */
export const mixedCurrencies = eachQuery((context, query) => {
  const { facts } = query.bound;
  const asked = new Set<string>();
  return facts.aggregates.flatMap(({ name, over, place }): Finding[] => {
    if ((name !== 'sum' && name !== 'avg') || isConverted(query, over)) return [];
    const deciding = decidingOf(query, name, place);
    return over.flatMap((ref) => {
      if (deciding.has(ref.column.toLowerCase())) return [];
      const table = query.inputs.find((input) => input.name === ref.input);
      const amount = columnOf(query.inputs, ref);
      const currency = table?.columns.find(isCurrency);
      if (table === undefined || amount === undefined || currency === undefined) return [];
      const isOne = namesCurrency(amount) || isFixed(query, table, currency.name);
      if (!isAmount(amount) || isOne || asked.has(`${ref.input}.${ref.column}`)) return [];
      asked.add(`${ref.input}.${ref.column}`);
      const message = `${name}(${ref.column}) mixes currencies: '${currency.name}' is neither grouped, filtered nor converted`;
      const suggestion = `group by ${currency.name}, filter on one, or convert by a rate of the day`;
      return [inQuery(context, query, 'MON001', place, message, suggestion)];
    });
  });
});

/** Columns that an aggregate only asks about, and does not add up. Its place is its name; the tree begins inside the brackets. */
function decidingOf(query: CheckedQuery, name: string, place: Place | undefined): ReadonlySet<string> {
  const inside = query.shape.calls.find((each) => {
    const at = each.name === name ? query.placeOf(each.span) : undefined;
    return at !== undefined && place !== undefined && !isBefore(at, place);
  });
  return inside === undefined ? new Set() : decidingColumns(inside.node);
}

const isBefore = (one: Place, other: Place): boolean =>
  one.line < other.line || (one.line === other.line && one.column < other.column);

const isConverted = (query: CheckedQuery, over: readonly ColumnRef[]): boolean =>
  over.some((ref) => {
    const column = columnOf(query.inputs, ref);
    return column !== undefined && isRate(column);
  });

/** The currency is part of the grain, or a filter leaves one. */
function isFixed(query: CheckedQuery, table: InputTable, currency: string): boolean {
  const filtered = query.bound.facts.filters.some(
    ({ column, op, values }) =>
      column.input === table.name &&
      sameName(column.column, currency) &&
      (op === '=' || op === 'in') &&
      values.length === 1,
  );
  const grouped = query.shape.selects.some(({ groupBy }) => groupBy.some(({ name }) => sameName(name, currency)));
  const named = query.bound.facts.grain?.some((output) =>
    query.bound.columns.some(
      ({ name, from }) =>
        name === output && from.some((ref) => ref.input === table.name && sameName(ref.column, currency)),
    ),
  );
  return filtered || grouped || named === true;
}

/** MON002: a rate without its day is any rate there ever was. */
export const undatedRates = eachQuery((context, query) =>
  query.shape.selects.flatMap((select) =>
    select.relations.flatMap((relation): Finding[] => {
      const table = tableOf(query.inputs, relation);
      const rate = table?.columns.find(isRate);
      const days = table?.columns.filter(isTime) ?? [];
      if (table === undefined || rate === undefined || days.length === 0 || select.relations.length < 2) return [];
      const isReference = table.columns.some((column) => isCurrency(column)) && !table.columns.some(isAmount);
      const dated = [select.where, ...select.relations.map(({ on }) => on)]
        .flatMap((condition) => (condition === undefined ? [] : mentioned(condition)))
        .some(
          (column) =>
            days.some(({ name }) => sameName(name, column.name)) &&
            (relationOf(query, select, column) ?? relation) === relation,
        );
      if (!isReference || dated) return [];
      const message = `'${rate.name}' of '${table.name}' is joined without its date (${days.map(({ name }) => name).join(', ')})`;
      const place = query.placeOf(relation.span);
      return [inQuery(context, query, 'MON002', place, message, `join on ${days[0]?.name} as well`)];
    }),
  ),
);

const ROUNDING = new Set(['round', 'bround', 'ceil', 'ceiling', 'floor']);
const POLICY = /\b(?:round|half[- ]?(?:up|even|down)|rundung|kaufm[aä]nnisch|arrondi|redondeo|arrotond)/i;

/** DEC005: how money is rounded is somebody's decision; it is looked for in the descriptions of the config. */
export const unstatedRounding = eachQuery((context, query) => {
  const { metadata, sink } = context.config;
  const stated = [
    metadata.description,
    metadata.classification.purpose,
    ...sink.columns.map(({ description }) => description),
  ];
  if (stated.some((text) => text !== undefined && POLICY.test(text))) return [];
  return query.shape.calls
    .filter(({ name }) => ROUNDING.has(name))
    .flatMap(({ name, columns, span }): Finding[] => {
      const money = columns.find((column) =>
        query.inputs.some((table) => table.columns.some((each) => sameName(each.name, column.name) && isAmount(each))),
      );
      if (money === undefined) return [];
      const message = `${name}() rounds '${money.name}', and no policy is stated`;
      const suggestion = "say it in the description of the sink's column: half up or half even, and to how many digits";
      return [inQuery(context, query, 'DEC005', query.placeOf(span), message, suggestion)];
    });
});
