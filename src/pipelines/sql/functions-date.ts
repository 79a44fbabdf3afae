import { type Typed, tell, unverified } from './binding.js';
import { type FunctionRule, fixed, instant, literalText, text, textOrInstant, whole } from './function-kinds.js';
import { cast, textLiteral } from './render.js';
import { BIGINT, DATE, DOUBLE, INT, type SqlType, STRING, TIMESTAMP } from './type.js';

/** Units of `date_trunc`; any other gives NULL in Spark, silently. */
const UNITS: Record<string, string> = {
  YEAR: 'year',
  YYYY: 'year',
  YY: 'year',
  QUARTER: 'quarter',
  MONTH: 'month',
  MON: 'month',
  MM: 'month',
  WEEK: 'week',
  DAY: 'day',
  DD: 'day',
  HOUR: 'hour',
  MINUTE: 'minute',
  SECOND: 'second',
};
const DATE_UNITS = new Set(['year', 'quarter', 'month', 'week']);

/** Java's pattern letters that mean the same everywhere, as strftime writes them. */
const LETTERS: Record<string, string> = {
  yyyy: '%Y',
  yy: '%y',
  MM: '%m',
  MMM: '%b',
  MMMM: '%B',
  dd: '%d',
  HH: '%H',
  mm: '%M',
  ss: '%S',
  E: '%a',
  EEEE: '%A',
};

function truncation(
  unitAt: number,
  subjectAt: number,
  result: SqlType,
  accepted: (unit: string) => boolean,
): FunctionRule {
  return {
    arity: [2, 2],
    needs: 'a literal unit and a date or timestamp',
    bind(args, binding, place) {
      const [unit, subject] = [args[unitAt], args[subjectAt]];
      if (!unit || !subject || !textOrInstant(subject.type)) return undefined;
      const written = literalText(unit);
      const known = written === undefined ? undefined : UNITS[written.toUpperCase()];
      if (written === undefined) unverified(binding, 'a unit that is not a literal', place);
      else if (known === undefined || !accepted(known)) {
        tell(binding, 'FLT003', `the unit '${written.slice(0, 40)}' makes the result NULL in Spark`, place);
      }
      if (known === undefined || !accepted(known)) return { type: result, sql: cast('NULL', result), nullable: true };
      const sql = `date_trunc(${textLiteral(known)}, ${cast(subject.sql, TIMESTAMP)})`;
      return { type: result, sql: cast(sql, result), nullable: subject.nullable };
    },
  };
}

/** A Java pattern as strftime's; undefined when a letter is not on the verified list. */
function strftimeOf(pattern: string): string | undefined {
  let out = '';
  for (const [run] of pattern.matchAll(/'[^']*'|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    if (run.startsWith("'")) out += run.slice(1, -1).replaceAll('%', '%%');
    else if (/^[A-Za-z]/.test(run)) {
      const letter = LETTERS[run];
      if (letter === undefined) return undefined;
      out += letter;
    } else out += run.replaceAll('%', '%%');
  }
  return out;
}

/** What is done with a pattern that only Spark can read. */
function patterned(
  render: (subject: Typed, format: string) => string,
  result: SqlType,
  accepts: (type: SqlType) => boolean,
): FunctionRule {
  return {
    arity: [2, 2],
    needs: 'a literal pattern such as yyyy-MM-dd',
    bind(args, binding, place) {
      const [subject, pattern] = args;
      if (!subject || !accepts(subject.type) || !pattern || !text(pattern.type)) return undefined;
      const written = literalText(pattern);
      const format = written === undefined ? undefined : strftimeOf(written);
      if (format === undefined) {
        tell(
          binding,
          'SBX003',
          `the pattern '${(written ?? 'not a literal').slice(0, 40)}' can not be translated`,
          place,
        );
        unverified(binding, 'a pattern', place, true);
      }
      return { type: result, sql: cast(render(subject, textLiteral(format ?? '')), result) };
    },
  };
}

const parsed = (result: SqlType): FunctionRule => {
  const plain = fixed([textOrInstant], result, '$1');
  const withPattern = patterned((subject, format) => `strptime(${subject.sql}, ${format})`, result, text);
  return {
    arity: [1, 2],
    needs: 'text, and a literal pattern',
    bind: (args, binding, place) => (args.length === 1 ? plain : withPattern).bind(args, binding, place),
  };
};

const part = (field: string): FunctionRule => fixed([textOrInstant], INT, `${field}(CAST($1 AS TIMESTAMP))`);
const volatile = (result: SqlType, sql: string): FunctionRule => ({
  arity: [0, 0],
  needs: 'no arguments',
  volatile: true,
  bind: () => ({ type: result, sql: cast(sql, result), nullable: false }),
});

/** Date and time functions of Spark under a session in UTC. */
export const DATE_FUNCTIONS: Record<string, FunctionRule> = {
  date_trunc: truncation(0, 1, TIMESTAMP, () => true),
  trunc: truncation(1, 0, DATE, (unit) => DATE_UNITS.has(unit)),
  to_date: parsed(DATE),
  to_timestamp: parsed(TIMESTAMP),
  date_format: patterned(
    (subject, format) => `strftime(CAST(${subject.sql} AS TIMESTAMP), ${format})`,
    STRING,
    textOrInstant,
  ),
  year: part('year'),
  quarter: part('quarter'),
  month: part('month'),
  day: part('day'),
  hour: part('hour'),
  minute: part('minute'),
  second: part('second'),
  dayofyear: part('dayofyear'),
  weekofyear: part('weekofyear'),
  // Sunday is 1 in Spark and 0 in DuckDB.
  dayofweek: fixed([textOrInstant], INT, 'dayofweek(CAST($1 AS TIMESTAMP)) + 1'),
  // Monday is 0.
  weekday: fixed([textOrInstant], INT, 'isodow(CAST($1 AS TIMESTAMP)) - 1'),
  date_add: fixed([textOrInstant, whole], DATE, 'CAST($1 AS DATE) + CAST($2 AS INTEGER)'),
  date_sub: fixed([textOrInstant, whole], DATE, 'CAST($1 AS DATE) - CAST($2 AS INTEGER)'),
  datediff: fixed([textOrInstant, textOrInstant], INT, 'CAST($1 AS DATE) - CAST($2 AS DATE)'),
  add_months: fixed([textOrInstant, whole], DATE, 'CAST($1 AS DATE) + to_months(CAST($2 AS INTEGER))'),
  last_day: fixed([textOrInstant], DATE, 'last_day(CAST($1 AS DATE))'),
  make_date: fixed([whole, whole, whole], DATE, 'make_date($1, $2, $3)'),
  unix_timestamp: fixed([instant], BIGINT, 'floor(epoch_us(CAST($1 AS TIMESTAMP)) / 1000000)'),
  months_between: fixed(
    [textOrInstant, textOrInstant],
    DOUBLE,
    'spk_months_between(CAST($1 AS TIMESTAMP), CAST($2 AS TIMESTAMP))',
  ),
  current_date: volatile(DATE, 'current_date'),
  current_timestamp: volatile(TIMESTAMP, 'current_timestamp'),
};
