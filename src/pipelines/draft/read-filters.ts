import { columnOf, findColumn, typeOf } from './columns.js';
import { declaredValues } from './declared-values.js';
import type { FilterOperator, IntentFilter, SourceColumn } from './intent.js';
import { phrase } from './phrases.js';
import { literalOf, type Reading, timeColumn } from './reading.js';
import { valid } from './valid-filter.js';

const LEAD =
  '(?:(?:and|where|with|whose|having|if|when|only|rows?|records?|filter(?:ed|s|ing)?|keep(?:s|ing)?|to|on|by|for|which|the|those|restricted|limited|an?)_+)*';
const DATE = '\\d{4}-\\d{2}-\\d{2}';

const COMPARISONS: readonly (readonly [pattern: string, op: FilterOperator])[] = [
  [
    '(?:is_+)?(?:>=|at_+least|greater_+than_+or_+equal_+to|no_+less_+than|not_+less_+than|on_+or_+after|since|from)',
    '>=',
  ],
  [
    '(?:is_+)?(?:<=|at_+most|up_+to|less_+than_+or_+equal_+to|no_+more_+than|not_+more_+than|on_+or_+before|until)',
    '<=',
  ],
  ['(?:is_+)?(?:<>|!=|not_+equal_+to|is_+not|not|other_+than|differs_+from)', '<>'],
  ['(?:is_+)?(?:>|greater_+than|more_+than|larger_+than|bigger_+than|over|above|exceed(?:s|ing)?|after)', '>'],
  ['(?:is_+)?(?:<|less_+than|smaller_+than|below|under|before)', '<'],
  ['(?:==?|is_+equal_+to|equal_+to|equals?|is|are|:)', '='],
];

/** The rows that are kept. */
export function readFilters(reading: Reading): IntentFilter[] {
  return [
    ...nulls(reading),
    ...betweens(reading),
    ...memberships(reading),
    ...comparisons(reading),
    ...periods(reading),
    ...declaredValues(reading),
  ];
}

const column = (reading: Reading, word: string | undefined): SourceColumn | undefined =>
  findColumn(reading.sources, word ?? '');

function nulls(reading: Reading): IntentFilter[] {
  const knows = (at: number) => (match: RegExpExecArray) => column(reading, match[at]) !== undefined;
  const kept = [
    ...reading.phrases.takeAll(
      phrase(`${LEAD}(ITEM)_+(?:is|are)_+(?:not_+(?:null|empty|missing)|present|filled|known)`),
      knows(1),
    ),
    ...reading.phrases.takeAll(phrase(`${LEAD}(?:non[- ]?null|not_+null|non[- ]empty)_+(ITEM)(?:_+only)?`), knows(1)),
    ...reading.phrases.takeAll(
      phrase(
        `(?:and_+)?(?:drop\\w*|without|exclud\\w+|ignor\\w+|skip\\w*|remov\\w+)_+(?:all_+)?(?:(?:rows|records)_+)?(?:with(?:out)?_+)?(?:an?_+)?(?:(?:null|empty|missing)_+)(ITEM)`,
      ),
      knows(1),
    ),
    ...reading.phrases.takeAll(
      phrase(
        `(?:and_+)?(?:drop\\w*|exclud\\w+|ignor\\w+|skip\\w*|remov\\w+)_+(?:all_+)?(?:rows|records)_+without_+(?:an?_+)?(ITEM)`,
      ),
      knows(1),
    ),
    ...reading.phrases.takeAll(
      phrase(
        `(?:and_+)?(?:drop\\w*|exclud\\w+|ignor\\w+|skip\\w*|remov\\w+)_+(?:all_+)?(?:rows|records)_+where_+(ITEM)_+(?:is|are)_+(?:null|empty|missing)`,
      ),
      knows(1),
    ),
  ];
  const missing = reading.phrases.takeAll(phrase(`${LEAD}(ITEM)_+(?:is|are)_+(?:null|empty|missing)`), knows(1));
  const of = (match: RegExpExecArray, op: FilterOperator): IntentFilter[] => {
    const ref = column(reading, match[1]);
    return ref === undefined ? [] : [{ of: ref, op, values: [] }];
  };
  return [...kept.flatMap((match) => of(match, 'is_not_null')), ...missing.flatMap((match) => of(match, 'is_null'))];
}

function betweens(reading: Reading): IntentFilter[] {
  const found = reading.phrases.takeAll(
    phrase(`${LEAD}(ITEM)_+(?:is_+)?(?:between|from)_+(${DATE}|VALUE)_+(?:and|to)_+(${DATE}|VALUE)`),
    (match) => column(reading, match[1]) !== undefined,
  );
  return found.flatMap((match) => {
    const of = column(reading, match[1]);
    if (of === undefined) return [];
    const values = [match[2] ?? '', match[3] ?? ''].map((value) => literalOf(reading, value));
    return range(reading, of, values[0] ?? '', values[1] ?? '');
  });
}

/** Both ends are kept; of timestamps the whole last day is, which BETWEEN would drop. */
function range(reading: Reading, of: SourceColumn, from: string, to: string): IntentFilter[] {
  const kind = typeOf(reading.sources, of)?.kind;
  if (kind !== 'timestamp' && kind !== 'timestamp_ntz')
    return valid(reading, { of, op: 'between', values: [from, to] });
  return [
    ...valid(reading, { of, op: '>=', values: [from] }),
    ...valid(reading, { of, op: '<', values: [dayAfter(to)] }),
  ];
}

function dayAfter(date: string): string {
  const time = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(time) ? date : new Date(time + 86_400_000).toISOString().slice(0, 10);
}

function memberships(reading: Reading): IntentFilter[] {
  const found = reading.phrases.takeAll(
    phrase(
      `${LEAD}(ITEM)_+(?:(?:is|are)_+)?(not_+)?(?:in|one_+of|any_+of|among)_*\\(?\\s*(VALUES)\\s*\\)?`.replaceAll(
        '_*',
        '\\s*',
      ),
    ),
    (match) => column(reading, match[1]) !== undefined && grabbed(reading, column(reading, match[1]), match, 3),
  );
  return found.flatMap((match) => {
    const of = column(reading, match[1]);
    const values = valuesOf(reading, of, match[3] ?? '');
    return of === undefined ? [] : valid(reading, { of, op: match[2] === undefined ? 'in' : 'not_in', values });
  });
}

function comparisons(reading: Reading): IntentFilter[] {
  return COMPARISONS.flatMap(([operator, op]) => {
    const found = reading.phrases.takeAll(
      phrase(`${LEAD}(ITEM)\\s*(?:${operator})\\s*(${DATE}|VALUES)`),
      (match) => column(reading, match[1]) !== undefined && grabbed(reading, column(reading, match[1]), match, 2),
    );
    return found.flatMap((match) => {
      const of = column(reading, match[1]);
      const values = /^\d{4}-/.test(match[2] ?? '') ? [match[2] ?? ''] : valuesOf(reading, of, match[2] ?? '');
      if (of === undefined) return [];
      const several = values.length > 1 && (op === '=' || op === '<>');
      return valid(reading, {
        of,
        op: several ? (op === '=' ? 'in' : 'not_in') : op,
        values: several ? values : values.slice(0, 1),
      });
    });
  });
}

/** How much of the values behind an operator belongs to them: a word that no value can be ends them. */
function grabbed(
  reading: Reading,
  of: SourceColumn | undefined,
  match: RegExpExecArray,
  group: number,
): number | boolean {
  const list = match[group] ?? '';
  if (/^\d{4}-/.test(list)) return true;
  const count = valuesOf(reading, of, list).length;
  if (count === 0) return false;
  let end = 0;
  [...list.matchAll(/[^\s,]+/g)]
    .filter((word) => !/^(?:and|or)$/i.test(word[0]))
    .slice(0, count)
    .forEach((word) => {
      end = word.index + word[0].length;
    });
  return match[0].lastIndexOf(list) + end;
}

function valuesOf(reading: Reading, of: SourceColumn | undefined, list: string): string[] {
  const declared = of === undefined ? undefined : columnOf(reading.sources, of)?.values;
  const values: string[] = [];
  for (const [word] of list.matchAll(/[^\s,]+/g)) {
    if (/^(?:and|or)$/i.test(word)) continue;
    const literal = literalOf(reading, word);
    const quoted = word.startsWith('@q');
    const known = declared?.find((value) => value.toLowerCase() === literal.toLowerCase());
    // A bare word is a value when it is declared, a number, or stands in capitals as codes do.
    if (
      !quoted &&
      known === undefined &&
      !/^-?\d/.test(literal) &&
      !/^[A-Z][A-Z0-9_]+$/.test(literal) &&
      !/^(?:true|false)$/i.test(literal)
    )
      break;
    values.push(known ?? literal);
  }
  return values;
}

/** Periods without a column: since, before, between, in a year. They are about the column of time. */
function periods(reading: Reading): IntentFilter[] {
  const { phrases } = reading;
  const between = phrases.take(phrase(`${LEAD}(?:between|from)_+(${DATE})_+(?:and|to|until)_+(${DATE})`));
  const since = between ?? phrases.take(phrase(`${LEAD}(?:since|from|after|starting|on_+or_+after)_+(${DATE})`));
  const until = phrases.take(phrase(`${LEAD}(?:before|until|up_+to)_+(${DATE})`));
  const year = phrases.take(phrase(`${LEAD}(?:in|during|of|from)_+(?:the_+year_+)?(20\\d{2})\\b(?!-)`));
  if (since === undefined && until === undefined && year === undefined) return [];
  const of = timeColumn(reading);
  if (of === undefined) return [];
  if (between !== undefined) return range(reading, of, between[1] ?? '', between[2] ?? '');
  const number = Number(year?.[1]);
  return [
    ...(since === undefined
      ? []
      : valid(reading, {
          of,
          op: /after/i.test(since[0]) && !/or\s+after/i.test(since[0]) ? '>' : '>=',
          values: [since[1] ?? ''],
        })),
    ...(until === undefined ? [] : valid(reading, { of, op: '<', values: [until[1] ?? ''] })),
    ...(year === undefined
      ? []
      : [
          { of, op: '>=' as const, values: [`${number}-01-01`] },
          { of, op: '<' as const, values: [`${number + 1}-01-01`] },
        ]),
  ];
}
