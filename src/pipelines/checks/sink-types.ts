import type { Finding } from '../finding.js';
import { shown } from '../shown.js';
import { asDecimal, isFloating, isInteger, parseType, printType, type SqlType, sameType } from '../sql/type.js';
import { at, type BoundContext, sameName } from './context.js';

/** Each column of the sink beside the column of the query that fills it. */
function pairs(context: BoundContext) {
  const given = context.tables.get(context.config.sink.input)?.columns ?? [];
  return context.config.sink.columns.flatMap((column, index) => {
    const query = given.find(({ name }) => sameName(name, column.name));
    return query === undefined
      ? []
      : [{ column, query, type: parseType(column.type), path: ['sink', 'columns', index] }];
  });
}

/** TYP004 of the sink: a declared type that is none of Spark's. */
export function unknownSinkTypes(context: BoundContext): Finding[] {
  return context.config.sink.columns.flatMap(({ type }, index) =>
    parseType(type) === undefined
      ? [at(context, 'TYP004', ['sink', 'columns', index, 'type'], `'${shown(type)}' is no type of Spark`)]
      : [],
  );
}

/** TYP006: the sink declares another type than the query gives. A wider one of the same kind holds every value. */
export function sinkTypes(context: BoundContext): Finding[] {
  return pairs(context).flatMap(({ column, query, type, path }) => {
    if (type === undefined || query.type.kind === 'null' || fits(query.type, type) || isNarrower(query.type, type)) {
      return [];
    }
    const message = `sink column '${column.name}' is ${printType(type)}, the query gives ${printType(query.type)}`;
    return [at(context, 'TYP006', [...path, 'type'], message, `type: "${printType(query.type)}"`)];
  });
}

/** DEC002: the sink holds fewer digits than the query gives. */
export function narrowSinks(context: BoundContext): Finding[] {
  return pairs(context).flatMap(({ column, query, type, path }) => {
    if (type === undefined || !isNarrower(query.type, type)) return [];
    const message = `sink column '${column.name}' is ${printType(type)}, narrower than the query's ${printType(query.type)}`;
    return [at(context, 'DEC002', [...path, 'type'], message, `type: "${printType(query.type)}"`)];
  });
}

const WHOLE = ['tinyint', 'smallint', 'int', 'bigint'];

function fits(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  if (isInteger(from) && isInteger(to)) return WHOLE.indexOf(from.kind) <= WHOLE.indexOf(to.kind);
  if (to.kind === 'decimal') return asDecimal(from) !== undefined && !isNarrower(from, to);
  return from.kind === 'float' && to.kind === 'double';
}

/** Both are exact numbers, and the second has fewer digits before or behind the point. */
function isNarrower(from: SqlType, to: SqlType): boolean {
  const [a, b] = [asDecimal(from), to.kind === 'decimal' ? to : undefined];
  if (a === undefined || b === undefined || isFloating(from)) return false;
  return a.scale > b.scale || a.precision - a.scale > b.precision - b.scale;
}

/** TYP007: the sink promises a value, and the query may give none. */
export function sinkNulls(context: BoundContext): Finding[] {
  return pairs(context).flatMap(({ column, query, path }) => {
    if (column.nullable || !query.nullable || query.type.kind === 'null') return [];
    const message = `sink column '${column.name}' may not be NULL, and the query may give NULL`;
    const suggestion = `filter on ${column.name} IS NOT NULL, give a default by COALESCE, or declare nullable: true`;
    return [at(context, 'TYP007', [...path, 'nullable'], message, suggestion)];
  });
}
