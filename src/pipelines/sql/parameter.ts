import { type Finding, finding } from '../finding.js';
import { nearest } from '../nearest.js';
import type { PlaceInFile } from './bound.js';
import { canCast, parseType, printType, STRING } from './type.js';

/** A value that takes the place of `${name}` in a query: its Spark type, and the value as text; `null` is NULL. */
export interface Parameter {
  type: string;
  value: string | null;
}

/** What replaced `${name}`, by where: so that places in the new text are places in the old one. */
interface Replacement {
  start: number;
  end: number;
  length: number;
}

/** A query without `${name}`, and how its places lead back to the query as written. */
export interface FilledQuery {
  sql: string;
  placeInFile: PlaceInFile;
  findings: readonly Finding[];
}

/**
 * Puts typed literals where `${name}` stands, before anything is parsed: a value can never become SQL. A name that nobody gave a value
 * stays, and is a finding.
 */
export function fillParameters(
  sql: string,
  parameters: Readonly<Record<string, Parameter>>,
  where: { path: string; placeInFile: PlaceInFile },
): FilledQuery {
  const findings: Finding[] = [];
  const replacements: Replacement[] = [];
  const filled = sql.replaceAll(/\$\{([^{}\n]{0,100})\}/g, (whole, name: string, start: number) => {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    const literal = parameter && literalOf(parameter);
    if (literal === undefined) {
      findings.push(unfilled(name, parameter, Object.keys(parameters), where, [start, start + whole.length]));
    }
    const text = literal ?? 'NULL';
    replacements.push({ start, end: start + whole.length, length: text.length });
    return text;
  });
  const back = (offset: number, isEnd: boolean): number => originalOf(replacements, offset, isEnd);
  return {
    sql: filled,
    placeInFile: (start, end) => where.placeInFile(back(start, false), back(end, true)),
    findings,
  };
}

function literalOf({ type: written, value }: Parameter): string | undefined {
  const type = parseType(written);
  if (type === undefined || !canCast(STRING, type)) return undefined;
  if (value === null) return `CAST(NULL AS ${printType(type)})`;
  // Spark reads a backslash as an escape within quotes.
  const text = `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return type.kind === 'string' ? text : `CAST(${text} AS ${printType(type)})`;
}

function unfilled(
  name: string,
  parameter: Parameter | undefined,
  known: readonly string[],
  { path, placeInFile }: { path: string; placeInFile: PlaceInFile },
  [start, end]: readonly [number, number],
): Finding {
  const place = placeInFile(start, end);
  if (parameter !== undefined) {
    return finding('TYP004', {
      path,
      place,
      message: `parameter '${name}' has the unknown type ${parameter.type.slice(0, 60)}`,
    });
  }
  const near = nearest(name, known);
  const suggestion = near && `did you mean '${near}'?`;
  return finding('SQL001', { path, place, message: `parameter '${name}' has no value`, suggestion });
}

/** Offset in the query as written; inside of a value it is the parameter itself. */
function originalOf(replacements: readonly Replacement[], offset: number, isEnd: boolean): number {
  let shift = 0;
  for (const { start, end, length } of replacements) {
    const from = start + shift;
    if (offset < from || (isEnd && offset === from)) break;
    if (offset < from + length || (isEnd && offset === from + length)) return isEnd ? end : start;
    shift += length - (end - start);
  }
  return offset - shift;
}
