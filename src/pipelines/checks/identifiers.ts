import type { Finding } from '../finding.js';
import type { RuleId } from '../rules.js';
import type { CastFact } from '../sql/bound.js';
import { isFloating, isInteger, isNumeric, parseType, printType, type SqlType } from '../sql/type.js';
import { isIdentifier } from './column-meaning.js';
import { at, type BoundContext, columnOf, eachQuery, inQuery, sameName } from './context.js';

const isWhole = (type: SqlType): boolean => isInteger(type) || (type.kind === 'decimal' && type.scale === 0);

/** IDN001, IDN002, IDN004: an identifier under another type is another identifier until somebody maps them. */
function castRule(rule: RuleId, applies: (cast: CastFact) => boolean, say: (cast: CastFact) => string) {
  return eachQuery((context, query) =>
    query.bound.facts.casts.flatMap((cast): Finding[] => {
      const column = cast.over && columnOf(query.inputs, cast.over);
      if (column === undefined || !isIdentifier(column) || !applies(cast)) return [];
      const message = `identifier '${column.name}' ${say(cast)}`;
      return [inQuery(context, query, rule, cast.place, message, 'keep its type, or join a table that maps the two')];
    }),
  );
}

const types = ({ from, to }: CastFact): string => `${printType(from)} cast to ${printType(to)}`;
const toFloat = ({ from, to }: CastFact): boolean => isFloating(to) && !isFloating(from);
const textToNumber = ({ from, to }: CastFact): boolean => from.kind === 'string' && isNumeric(to) && !isFloating(to);

/** IDN001: an identifier cast to another type. */
export const retypedIdentifiers = castRule(
  'IDN001',
  (cast) =>
    cast.from.kind !== cast.to.kind &&
    !textToNumber(cast) &&
    !toFloat(cast) &&
    !(isWhole(cast.from) && isWhole(cast.to)),
  (cast) => `${types(cast)}: it needs a mapping`,
);

/** IDN002: a text identifier turned into a number. */
export const lostZeros = castRule('IDN002', textToNumber, (cast) => `${types(cast)}: leading zeros are lost`);

const floatCasts = castRule('IDN004', toFloat, (cast) => `${types(cast)}: above 2^53 two of them become one`);

/** IDN004: an identifier as floating point, by a cast or in the sink. */
export function floatingIdentifiers(context: BoundContext): Finding[] {
  const given = context.tables.get(context.config.sink.input)?.columns ?? [];
  const declared = context.config.sink.columns.flatMap(({ name, type }, index) => {
    const column = given.find((each) => sameName(each.name, name));
    const target = parseType(type);
    if (column === undefined || target === undefined || !isIdentifier(column) || !isFloating(target)) return [];
    const message = `identifier '${name}' is ${printType(target)} in the sink: above 2^53 two of them become one`;
    return [at(context, 'IDN004', ['sink', 'columns', index, 'type'], message)];
  });
  return [...floatCasts(context), ...declared];
}

/** IDN003: identifiers of different types meet in a join. */
export const mismatchedIdentifiers = eachQuery((context, query) =>
  query.bound.facts.joins.flatMap(({ on, place }) =>
    on.flatMap(({ left, right }): Finding[] => {
      const [a, b] = [columnOf(query.inputs, left), columnOf(query.inputs, right)];
      if (a === undefined || b === undefined || !(isIdentifier(a) || isIdentifier(b))) return [];
      if (a.type.kind === b.type.kind || (isWhole(a.type) && isWhole(b.type))) return [];
      const types = `${left.input}.${a.name} is ${printType(a.type)}, ${right.input}.${b.name} is ${printType(b.type)}`;
      const message = `identifiers of different type are joined: ${types}`;
      return [inQuery(context, query, 'IDN003', place, message, 'join a table that maps the two')];
    }),
  ),
);
