import type { SandboxRows } from '../../domain/sandbox.js';
import type { TestCase } from '../config.js';
import { type Finding, finding } from '../finding.js';
import { nearest } from '../nearest.js';
import { compareCells } from '../rows/cell.js';
import { shown } from '../shown.js';
import type { InputColumn, InputTable } from '../sql/bound.js';
import type { Output } from './output-tests.js';
import { columnAt, failed, type Judged, passed, shownValue, type WrongCell } from './test-result.js';

/** Judges a test that stands in the config. */
export function judgeWritten(test: TestCase, path: string, output: Output): Judged {
  const wrong = wrongColumns(test, output.rows) ?? wrongCount(test, output.rows) ?? wrongRow(test, output);
  return wrong === undefined ? { results: [passed(test.name)], findings: [] } : failed(test.name, path, wrong);
}

/** Sources and columns that a test gives rows to and that do not exist. */
export function unknownGiven(test: TestCase, path: string, tables: readonly InputTable[]): Finding[] {
  const said = (what: string, name: string, known: readonly string[]): Finding => {
    const near = nearest(name, known);
    return finding('TST003', {
      path: `${path}.given`,
      message: `test '${shown(test.name)}': ${what} '${shown(name)}' does not exist`,
      suggestion: near === undefined ? `there are ${known.slice(0, 12).join(', ')}` : `did you mean '${near}'?`,
    });
  };
  return Object.entries(test.given).flatMap(([source, rows]) => {
    const table = tables.find(({ name }) => name === source);
    if (table === undefined)
      return [
        said(
          'source',
          source,
          tables.map(({ name }) => name),
        ),
      ];
    const known = table.columns.map(({ name }) => name);
    const written = new Set(rows.flatMap((row) => Object.keys(row)));
    return [...written].filter((name) => !known.includes(name)).map((name) => said(`column of ${source}`, name, known));
  });
}

function wrongColumns({ expect }: TestCase, rows: SandboxRows): WrongCell | undefined {
  const missing = (expect.columns ?? []).find((name) => columnAt(rows, name) < 0);
  if (missing === undefined) return undefined;
  return {
    column: missing,
    row: 0,
    expected: 'a column of this name',
    got: rows.columns.map(({ name }) => name).join(', '),
  };
}

function wrongCount({ expect }: TestCase, rows: SandboxRows): WrongCell | undefined {
  const count = expect.rowCount ?? expect.rows?.length;
  if (count === undefined || count === rows.rowCount) return undefined;
  return { column: '', row: 0, expected: `${count} rows`, got: `${rows.rowCount} rows` };
}

type Row = NonNullable<TestCase['expect']['rows']>[number];

/** Each expected row takes one row that is equal in the columns it names; the order of rows says nothing. */
function wrongRow({ expect }: TestCase, output: Output): WrongCell | undefined {
  const left = output.rows.rows.map((_, index) => index);
  for (const [index, row] of (expect.rows ?? []).entries()) {
    const unknown = Object.keys(row).find((name) => columnAt(output.rows, name) < 0);
    if (unknown !== undefined) {
      const got = output.rows.columns.map(({ name }) => name).join(', ');
      return { column: unknown, row: index + 1, expected: 'a column of this name', got };
    }
    const found = left.findIndex((at) => differences(row, at, output).length === 0);
    if (found >= 0) {
      left.splice(found, 1);
      continue;
    }
    return nearestDifference(row, index, left, output);
  }
  return undefined;
}

function differences(row: Row, at: number, output: Output): string[] {
  return Object.entries(row)
    .filter(([name, expected]) => {
      const value = output.rows.rows[at]?.[columnAt(output.rows, name)] ?? null;
      if (expected === null || value === null) return expected !== value;
      const column = columnOf(output, name);
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return text !== String(expected) && !(column && compareCells(column.type, text, String(expected)) === 0);
    })
    .map(([name]) => name);
}

const columnOf = ({ columns }: Output, name: string): InputColumn | undefined =>
  columns.find((column) => column.name.toLowerCase() === name.toLowerCase());

/** Of the rows that are left, the one that is most like what was expected, and where it differs. */
function nearestDifference(row: Row, index: number, left: readonly number[], output: Output): WrongCell {
  const ranked = left
    .map((at) => ({ at, names: differences(row, at, output) }))
    .sort((a, b) => a.names.length - b.names.length);
  const [best] = ranked;
  const name = best?.names[0];
  if (best === undefined || name === undefined) {
    return { column: '', row: index + 1, expected: 'a row of its own', got: 'none left' };
  }
  const personal = columnOf(output, name)?.pii === true;
  const got = output.rows.rows[best.at]?.[columnAt(output.rows, name)];
  return { column: name, row: index + 1, expected: shownValue(row[name], personal), got: shownValue(got, personal) };
}
