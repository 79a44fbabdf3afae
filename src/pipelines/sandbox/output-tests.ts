import type { SandboxRows, SandboxValue } from '../../domain/sandbox.js';
import type { QualityCheck } from '../config.js';
import { compareCells } from '../rows/cell.js';
import type { InputColumn } from '../sql/bound.js';
import { duckType } from '../sql/render.js';
import { columnAt, failed, type Judged, noted, notRun, passed, shownValue, type WrongCell } from './test-result.js';

/** Rows with what is known of their columns. */
export interface Output {
  rows: SandboxRows;
  columns: readonly InputColumn[];
}

const columnOf = ({ columns }: Output, name: string): InputColumn | undefined =>
  columns.find((column) => column.name.toLowerCase() === name.toLowerCase());

/** Holds the types that came out against those that were bound: a binder that is wrong is found here. */
export function wrongType({ rows, columns }: Output): WrongCell | undefined {
  for (const [index, column] of columns.entries()) {
    const [expected, got] = [duckType(column.type), rows.columns[index]?.type ?? 'no column'];
    if (expected !== got) return { column: column.name, row: 0, expected, got };
  }
  return undefined;
}

type CellTest = (value: SandboxValue, column: InputColumn | undefined) => string | undefined;

/** The first cell that a test refuses; the test answers with what it expected. */
function firstWrong(output: Output, names: readonly string[], test: CellTest): WrongCell | undefined {
  for (const name of names) {
    const at = columnAt(output.rows, name);
    if (at < 0) continue;
    const column = columnOf(output, name);
    for (const [index, row] of output.rows.rows.entries()) {
      const expected = test(row[at] ?? null, column);
      if (expected !== undefined) {
        return { column: name, row: index + 1, expected, got: shownValue(row[at], column?.pii === true) };
      }
    }
  }
  return undefined;
}

/** The first NULL in columns that have none. */
export function nullIn(output: Output, names: readonly string[]): WrongCell | undefined {
  return firstWrong(output, names, (value) => (value === null ? 'a value' : undefined));
}

/** The first row whose key was there before. */
export function repeatedKey(output: Output, names: readonly string[]): WrongCell | undefined {
  const places = names.map((name) => columnAt(output.rows, name));
  if (places.includes(-1)) return undefined;
  const seen = new Map<string, number>();
  for (const [index, row] of output.rows.rows.entries()) {
    const key = places.map((place) => row[place] ?? null);
    const text = JSON.stringify(key);
    const before = seen.get(text);
    if (before !== undefined) {
      const shown = names.map((name, at) => shownValue(key[at], columnOf(output, name)?.pii === true)).join(', ');
      return {
        column: names.join(', '),
        row: index + 1,
        expected: `a key of its own`,
        got: `${shown} as in row ${before}`,
      };
    }
    seen.set(text, index + 1);
  }
  return undefined;
}

function unaccepted(output: Output, check: Extract<QualityCheck, { type: 'accepted_values' }>): WrongCell | undefined {
  const accepted = check.values.map(String);
  return firstWrong(output, check.columns, (value, column) => {
    if (value === null) return undefined;
    const text = String(value);
    const isIn = accepted.some((each) => each === text || (column && compareCells(column.type, each, text) === 0));
    return isIn ? undefined : `one of ${accepted.join(', ').slice(0, 120)}`;
  });
}

function outOfRange(
  output: Output,
  { columns, min, max }: Extract<QualityCheck, { type: 'range' }>,
): WrongCell | undefined {
  return firstWrong(output, columns, (value, column) => {
    if (value === null || column === undefined) return undefined;
    const beyond = (limit: number | undefined, sign: 1 | -1): boolean =>
      limit !== undefined && compareCells(column.type, String(value), String(limit)) === sign;
    if (beyond(min, -1)) return `at least ${min}`;
    return beyond(max, 1) ? `at most ${max}` : undefined;
  });
}

/** Judges one check of data quality on what came out for all rows and for the ordinary ones. */
export function judgeCheck(check: QualityCheck, path: string, all: Output, ordinary: Output | undefined): Judged {
  const name = check.id;
  if (check.type === 'not_null') return strict(name, path, check.onFail, nullIn(all, check.columns));
  if (check.type === 'unique') return strict(name, path, check.onFail, repeatedKey(all, check.columns));
  if (check.type === 'row_count') return judgeCount(check, path, all);
  const wrong = check.type === 'accepted_values' || check.type === 'range' ? check : undefined;
  if (wrong === undefined || ordinary === undefined) {
    return { results: [notRun(name, `a check of ${check.type} needs real rows`)], findings: [] };
  }
  const test = (output: Output): WrongCell | undefined =>
    wrong.type === 'range' ? outOfRange(output, wrong) : unaccepted(output, wrong);
  const usual = test(ordinary);
  if (usual !== undefined) return strict(name, path, check.onFail, usual);
  const odd = test(all);
  return { results: [odd === undefined ? passed(name) : noted(name, odd)], findings: [] };
}

/** What stops a run is an error here; what only warns, or goes to the dead letter, is told. */
export function strict(
  name: string,
  path: string,
  onFail: QualityCheck['onFail'],
  wrong: WrongCell | undefined,
): Judged {
  if (wrong === undefined) return { results: [passed(name)], findings: [] };
  return onFail === 'fail' ? failed(name, path, wrong) : { results: [noted(name, wrong)], findings: [] };
}

/** Generated rows are few: only that there are any can be judged. */
function judgeCount(check: Extract<QualityCheck, { type: 'row_count' }>, path: string, all: Output): Judged {
  const { min = 0, max } = check;
  const got = all.rows.rowCount;
  if (min > 1 || max !== undefined) {
    return { results: [notRun(check.id, 'how many rows there are is known of real rows only')], findings: [] };
  }
  const wrong = got >= min ? undefined : { column: '', row: 0, expected: `at least ${min} row`, got: String(got) };
  return strict(check.id, path, check.onFail, wrong);
}
