import type { SandboxRows, SandboxValue } from '../../domain/sandbox.js';
import { type Finding, finding } from '../finding.js';
import { shown } from '../shown.js';

/** What became of one generated or written test. */
export interface TestResult {
  name: string;
  /** `noted`: it holds for ordinary rows and not for odd ones, which is for people to know. `not_run`: generated rows can not say. */
  state: 'passed' | 'failed' | 'noted' | 'not_run';
  detail: string | undefined;
}

export interface Judged {
  results: readonly TestResult[];
  findings: readonly Finding[];
}

/** A cell that is not what it should be. Rows count from 1; 0 is no row, and no name is no column. */
export interface WrongCell {
  column: string;
  row: number;
  expected: string;
  got: string;
}

export const passed = (name: string): TestResult => ({ name, state: 'passed', detail: undefined });
export const notRun = (name: string, detail: string): TestResult => ({ name, state: 'not_run', detail });
export const noted = (name: string, wrong: WrongCell): TestResult => ({ name, state: 'noted', detail: told(wrong) });

/** A failed test: named to the cell, as "the tables differ" helps nobody. */
export function failed(name: string, path: string, wrong: WrongCell): Judged {
  const detail = told(wrong);
  const message = `test '${shown(name)}': ${detail}`;
  return { results: [{ name, state: 'failed', detail }], findings: [finding('TST003', { path, message })] };
}

function told({ column, row, expected, got }: WrongCell): string {
  const where = [column === '' ? '' : `column ${column}`, row === 0 ? '' : `row ${row}`].filter((each) => each !== '');
  const what = `expected ${expected}, got ${got}`;
  return where.length === 0 ? what : `${where.join(', ')}: ${what}`;
}

/** A value in a message: short, on one line, and never personal data. */
export function shownValue(value: SandboxValue | undefined, personal: boolean): string {
  if (value === null || value === undefined) return 'NULL';
  if (personal) return '*** (personal data)';
  return shown(value);
}

/** The place of a column, whatever the letters. */
export function columnAt({ columns }: SandboxRows, name: string): number {
  return columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
}
