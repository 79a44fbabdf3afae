import { nearest } from '../nearest.js';
import { shown } from '../shown.js';
import { bindSql } from '../sql/bind.js';
import type { InputColumn, InputTable } from '../sql/bound.js';
import { textLiteral } from '../sql/render.js';
import { isNumeric } from '../sql/type.js';

/** One reason of a report, turned round. */
export interface FaultReading {
  reason?: string;
  /** What is expected instead. */
  expect?: string;
  question?: string;
  suggestion?: string | undefined;
}

const NOT: Record<string, string> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '=': '<>',
  '==': '<>',
  '!=': '=',
  '<>': '=',
};
const KIND: Record<string, string> = { '<': 'TOO_SMALL', '<=': 'TOO_SMALL', '>': 'TOO_LARGE', '>=': 'TOO_LARGE' };

const reasonOf = (column: InputColumn, kind: string): string =>
  `${column.name}_${kind}`
    .toUpperCase()
    .replaceAll(/[^A-Z0-9_]/g, '_')
    .replace(/^[^A-Z]+/, '')
    .slice(0, 60);

type Form = [pattern: RegExp, read: (column: InputColumn, found: RegExpExecArray) => FaultReading];

const missing = (column: InputColumn): FaultReading => ({
  reason: reasonOf(column, 'NULL'),
  expect: `${column.name} IS NOT NULL`,
});
const atLeastZero = (column: InputColumn): FaultReading => ({
  reason: reasonOf(column, 'NEGATIVE'),
  expect: `${column.name} >= 0`,
});

/** What may stand behind the name of a column. */
const BEHIND: readonly Form[] = [
  [/^(?:(?:is|are|was|were|=)\s+)?(?:null|missing|not (?:set|given|present|filled)|absent)$/i, missing],
  [/^(?:must|should|may|can) ?not be null$/i, missing],
  [/^(?:is\s+)?not null$/i, (column) => ({ reason: reasonOf(column, 'NOT_NULL'), expect: `${column.name} IS NULL` })],
  [/^(?:is\s+|are\s+)?(?:empty|blank)$/i, (column) => empty(column)],
  [/^(?:is\s+|are\s+)?(?:negative|below (?:zero|0))$/i, atLeastZero],
  [
    /^(?:is\s+|are\s+)?(?:not positive|zero or (?:negative|less))$/i,
    (column) => ({ reason: reasonOf(column, 'NOT_POSITIVE'), expect: `${column.name} > 0` }),
  ],
  [/^(?:is\s+)?zero$/i, (column) => ({ reason: reasonOf(column, 'ZERO'), expect: `${column.name} <> 0` })],
  [/^(<=|>=|<>|!=|==|=|<|>)\s*(.+)$/s, (column, found) => compared(column, found[1] ?? '=', found[2] ?? '')],
  [/^(not\s+)?in\s*(\(.*\))$/is, (column, found) => listed(column, found[1] !== undefined, found[2] ?? '()')],
  [
    /^(?:is\s+)?(?:not one of|none of)\s+(.+)$/is,
    (column, found) => listed(column, true, `(${(found[1] ?? '').replace(/^\(|\)$/g, '')})`),
  ],
  [
    /^(not\s+)?between\s+(\S+)\s+and\s+(\S+)$/i,
    (column, found) => ({
      reason: reasonOf(column, 'RANGE'),
      expect: `${column.name} ${found[1] === undefined ? 'NOT ' : ''}BETWEEN ${found[2]} AND ${found[3]}`,
    }),
  ],
  [
    /^(?:is\s+|are\s+)?(?:invalid|unknown|not valid|wrong|not allowed)(?:\s+values?)?$/i,
    (column) => unknownValue(column),
  ],
];

/** What may stand before it: "missing customer_id", "negative amount". */
const BEFORE: readonly Form[] = [
  [/^(?:missing|null|no|without|absent)$/i, missing],
  [/^negative$/i, atLeastZero],
  [/^(?:empty|blank)$/i, (column) => empty(column)],
  [/^(?:invalid|unknown|wrong|bad)$/i, (column) => unknownValue(column)],
];

function empty(column: InputColumn): FaultReading {
  if (column.type.kind !== 'string') return missing(column);
  return { reason: reasonOf(column, 'EMPTY'), expect: `TRIM(${column.name}) <> ''` };
}

function compared(column: InputColumn, op: string, written: string): FaultReading {
  const value = written.trim().replace(/^"(.*)"$/s, "'$1'");
  if (/^null$/i.test(value)) return op === '=' || op === '==' ? missing(column) : {};
  if (isNumeric(column.type) && /^0(?:\.0+)?$/.test(value) && op === '<') return atLeastZero(column);
  const isLiteral = /^-?\d+(?:\.\d+)?$/.test(value) || /^'(?:[^']|'')*'$/.test(value);
  const literal = isLiteral ? value : textLiteral(value);
  const isColumnOrCall = !isLiteral && !/^[\w-]+$/.test(value);
  if (isColumnOrCall) return {};
  return { reason: reasonOf(column, KIND[op] ?? 'VALUE'), expect: `${column.name} ${NOT[op]} ${literal}` };
}

function listed(column: InputColumn, wasNot: boolean, list: string): FaultReading {
  const values = list
    .slice(1, -1)
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => (/^'.*'$|^-?\d+(?:\.\d+)?$/s.test(each) ? each : textLiteral(each.replace(/^"(.*)"$/s, '$1'))));
  return {
    reason: reasonOf(column, 'INVALID'),
    expect: `${column.name} ${wasNot ? '' : 'NOT '}IN (${values.join(', ')})`,
  };
}

function unknownValue(column: InputColumn): FaultReading {
  const { name, values } = column;
  if (values === undefined || values.length === 0) {
    return { question: `which values of '${name}' are valid? The report only says that some are not` };
  }
  const list = values.map(textLiteral).join(', ');
  return {
    reason: reasonOf(column, 'INVALID'),
    expect: `${name} IN (${list})`,
    question: `'${name}' is taken to be valid when it is one of the ${values.length} declared values: is that meant?`,
  };
}

/** Words that no check of a single row can answer. */
const NOT_OF_A_ROW: readonly [RegExp, string][] = [
  [
    /\b(?:duplicates?|duplicated|not unique|repeated)\b/i,
    'a duplicate is seen over rows, not in one: deduplicate, or reject which of them?',
  ],
  [
    /\b(?:future|stale|too old|late|yesterday|today|outdated)\b/i,
    'it depends on the day of the run: compared with which column or date?',
  ],
  [
    /\b(?:orphan|no match|not found in|unknown reference|does not exist in)\b/i,
    'it needs another table: which, and joined by what?',
  ],
];

/** Reads one reason: the column, what is wrong with it, and so what is expected. */
export function readFault(text: string, table: InputTable): FaultReading {
  const fault = shown(text.replaceAll(/\s+/g, ' ').trim());
  const whole = NOT_OF_A_ROW.find(([words]) => words.test(fault));
  if (whole !== undefined) return { question: `"${fault}": ${whole[1]}` };
  for (const column of [...table.columns].sort((a, b) => b.name.length - a.name.length)) {
    const written = column.name
      .split('_')
      .map((word) => word.replaceAll(/[^\w]/g, ''))
      .join('[ _]');
    const found = new RegExp(`^(.*?)\\b(?:${written})\\b\\s*(.*)$`, 'is').exec(text.trim());
    if (found === null) continue;
    const [before = '', behind = ''] = [found[1]?.trim(), found[2]?.trim()];
    const reading =
      before === '' ? read(BEHIND, column, behind) : behind === '' ? read(BEFORE, column, before) : undefined;
    if (reading?.expect !== undefined || reading?.question !== undefined) return reading;
    return (
      negated(text.trim(), column, table) ?? { question: `"${fault}": what is expected of '${column.name}' instead?` }
    );
  }
  const [word = fault] = /[A-Za-z_]\w*/.exec(fault) ?? [];
  const near = nearest(
    word,
    table.columns.map(({ name }) => name),
  );
  const suggestion = near === undefined ? undefined : `did you mean '${near}'?`;
  return { question: `"${fault}" names no column of ${table.name}`, suggestion };
}

function read(forms: readonly Form[], column: InputColumn, rest: string): FaultReading | undefined {
  for (const [pattern, make] of forms) {
    const found = pattern.exec(rest);
    if (found !== null) return make(column, found);
  }
  return undefined;
}

/** Any other condition that the table can answer is turned round as a whole. */
function negated(condition: string, column: InputColumn, table: InputTable): FaultReading | undefined {
  // A comment or a second statement would end the condition before its end.
  if (/--|\/\*|;/.test(condition)) return undefined;
  const engine = { spark: '4.0', ansi: true, timezone: 'UTC' } as const;
  const { bound, findings } = bindSql(`SELECT (${condition}) AS fault FROM ${table.name}`, {
    ...{ path: '', engine, inputs: [table] },
    placeInFile: () => undefined,
  });
  const [only, ...others] = bound?.columns ?? [];
  const isSafe =
    only?.type.kind === 'boolean' &&
    only.name === 'fault' &&
    others.length === 0 &&
    findings.length === 0 &&
    bound?.duckdb !== undefined;
  return isSafe
    ? { reason: reasonOf(column, 'CHECK'), expect: `NOT (${condition.replaceAll(/\s+/g, ' ')})` }
    : undefined;
}
