import { type Typed, tell, unverified } from './binding.js';
import { coerced } from './coerce.js';
import { type FunctionRule, filled, fixed, literalInt, literalText, text, whole } from './function-kinds.js';
import { cast } from './render.js';
import { BOOLEAN, INT, STRING } from './type.js';

/** Look-around and back-references are Java's; the sandbox's engine (RE2) has neither. */
const JAVA_ONLY = /\(\?[=!<]|\\[1-9]|\\k<|[*+?}]\+/;

function regex(
  template: string,
  patternAt: number,
  result: typeof STRING | typeof BOOLEAN,
  least: number,
  most: number,
): FunctionRule {
  return {
    arity: [least, most],
    needs: 'text and a literal pattern',
    bind(args, binding, place) {
      if (!args.slice(0, 2).every(({ type }) => text(type))) return undefined;
      const pattern = literalText(args[patternAt]);
      if (pattern === undefined || JAVA_ONLY.test(pattern)) {
        const what =
          pattern === undefined ? 'a pattern that is not a literal' : `the pattern '${pattern.slice(0, 60)}'`;
        tell(binding, 'SBX003', `${what} can not be translated for the sandbox`, place);
        unverified(binding, 'a regular expression', place, true);
      }
      return { type: result, sql: cast(filled(template, args), result) };
    },
  };
}

const concat: FunctionRule = {
  arity: [1, 100],
  needs: 'text',
  bind: (args, binding) => ({
    type: STRING,
    sql: `(${args.map((arg) => coerced(binding, arg, STRING)).join(' || ')})`,
  }),
};

const concatWs: FunctionRule = {
  arity: [2, 100],
  needs: 'a separator and texts',
  bind: (args, binding) => {
    const [separator, ...rest] = args;
    if (separator === undefined || !text(separator.type) || rest.some(({ type }) => type.kind === 'array'))
      return undefined;
    const parts = rest.map((arg) => coerced(binding, arg, STRING)).join(', ');
    return { type: STRING, sql: `concat_ws(${separator.sql}, ${parts})`, nullable: separator.nullable };
  },
};

const sha2: FunctionRule = {
  arity: [2, 2],
  needs: 'text and the number of bits, 0 or 256',
  bind: (args) => {
    const bits = literalInt(args[1]);
    if (!args[0] || !text(args[0].type) || (bits !== 256 && bits !== 0)) return undefined;
    return { type: STRING, sql: `sha256(${args[0].sql})` };
  },
};

/** A function of three arguments whose last may be left out. */
function orElse(rule: FunctionRule, last: string): FunctionRule {
  const rest: Typed = { type: STRING, nullable: false, sql: last, from: [], loose: [] };
  return {
    ...rule,
    arity: [2, 3],
    bind: (args, binding, place) => rule.bind(args.length === 2 ? [...args, rest] : args, binding, place),
  };
}

/** Text functions of Spark, as DuckDB gives the same values. */
export const TEXT_FUNCTIONS: Record<string, FunctionRule> = {
  // Java writes ß as SS in capitals.
  upper: fixed([text], STRING, "upper(replace($1, 'ß', 'SS'))"),
  ucase: fixed([text], STRING, "upper(replace($1, 'ß', 'SS'))"),
  lower: fixed([text], STRING, 'lower($1)'),
  lcase: fixed([text], STRING, 'lower($1)'),
  trim: fixed([text], STRING, "trim($1, ' ')"),
  btrim: fixed([text], STRING, "trim($1, ' ')"),
  ltrim: fixed([text], STRING, "ltrim($1, ' ')"),
  rtrim: fixed([text], STRING, "rtrim($1, ' ')"),
  length: fixed([text], INT, 'length($1)'),
  substring: {
    arity: [2, 3],
    needs: 'text and whole numbers',
    bind: (args) => {
      const [subject, start, length] = args;
      if (!subject || !text(subject.type) || !start || !whole(start.type) || (length && !whole(length.type)))
        return undefined;
      // Position 0 is the first character in Spark and before it in DuckDB.
      const from = `CASE WHEN ${start.sql} = 0 THEN 1 ELSE ${start.sql} END`;
      const count = length === undefined ? '' : `, greatest(${length.sql}, 0)`;
      return { type: STRING, sql: `substring(${subject.sql}, ${from}${count})` };
    },
  },
  left: fixed([text, whole], STRING, 'left($1, greatest($2, 0))'),
  right: fixed([text, whole], STRING, 'right($1, greatest($2, 0))'),
  replace: orElse(fixed([text, text, text], STRING, 'replace($1, $2, $3)'), "''"),
  lpad: orElse(fixed([text, whole, text], STRING, 'lpad($1, greatest($2, 0), $3)'), "' '"),
  rpad: orElse(fixed([text, whole, text], STRING, 'rpad($1, greatest($2, 0), $3)'), "' '"),
  reverse: fixed([text], STRING, 'reverse($1)'),
  repeat: fixed([text, whole], STRING, 'repeat($1, $2)'),
  instr: fixed([text, text], INT, 'instr($1, $2)'),
  locate: fixed([text, text], INT, 'instr($2, $1)'),
  translate: fixed([text, text, text], STRING, 'translate($1, $2, $3)'),
  contains: fixed([text, text], BOOLEAN, 'contains($1, $2)'),
  startswith: fixed([text, text], BOOLEAN, 'starts_with($1, $2)'),
  endswith: fixed([text, text], BOOLEAN, 'ends_with($1, $2)'),
  ascii: fixed([text], INT, "CASE WHEN $1 = '' THEN 0 ELSE ascii($1) END"),
  md5: fixed([text], STRING, 'md5($1)'),
  sha1: fixed([text], STRING, 'sha1($1)'),
  sha2,
  concat,
  concat_ws: concatWs,
  regexp_like: regex('regexp_matches($1, $2)', 1, BOOLEAN, 2, 2),
  rlike: regex('regexp_matches($1, $2)', 1, BOOLEAN, 2, 2),
  regexp_replace: regex("regexp_replace($1, $2, $3, 'g')", 1, STRING, 3, 3),
  regexp_extract: regex('regexp_extract($1, $2, $3)', 1, STRING, 3, 3),
};
