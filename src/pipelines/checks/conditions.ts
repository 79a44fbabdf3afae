import type { FilterFact } from '../sql/bound.js';
import { getPosition, type Span } from '../sql/span.js';
import { kindOf, list, nameOf, type Tree } from '../sql/tree.js';

/** A column as it is written. */
export interface ColumnName {
  name: string;
  /** Table or alias before the point. */
  table: string | undefined;
  span: Span | undefined;
}

export type LiteralValue = string | number | boolean | null;

/** A column compared with literals. */
export interface ColumnTest {
  kind: 'test';
  column: ColumnName;
  op: FilterFact['op'];
  values: readonly LiteralValue[];
}

/** A condition as logic: what must hold together, what may hold instead, and what is decided already. */
export type Condition =
  | { kind: 'all' | 'any'; parts: readonly Condition[] }
  | { kind: 'not'; part: Condition }
  | ColumnTest
  | { kind: 'constant'; value: boolean; written: string; span: Span | undefined }
  | { kind: 'other'; columns: readonly ColumnName[] };

const OPS: Record<string, FilterFact['op']> = { eq: '=', neq: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' };
const MIRROR: Partial<Record<FilterFact['op'], FilterFact['op']>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Reads a condition of the parser's tree. */
export function readCondition(node: unknown): Condition {
  const { kind, body } = kindOf(node);
  switch (kind) {
    case 'paren':
      return readCondition(body['this']);
    case 'and':
    case 'or': {
      const wanted = kind === 'and' ? 'all' : 'any';
      const parts = [readCondition(body['left']), readCondition(body['right'])];
      return { kind: wanted, parts: parts.flatMap((part) => (part.kind === wanted ? part.parts : [part])) };
    }
    case 'not':
      return { kind: 'not', part: readCondition(body['this']) };
    case 'boolean':
      return { kind: 'constant', value: body['value'] === true, written: String(body['value']), span: undefined };
    default:
      return comparison(kind, body) ?? listed(kind, body) ?? { kind: 'other', columns: columnsIn(node) };
  }
}

function comparison(kind: string, body: Tree): Condition | undefined {
  const op = Object.hasOwn(OPS, kind) ? OPS[kind] : undefined;
  if (op === undefined) return undefined;
  const [left, right] = [body['left'], body['right']];
  const [a, b] = [literalIn(left), literalIn(right)];
  const [x, y] = [columnOf(left), columnOf(right)];
  if (a !== undefined && b !== undefined) return decided(a, op, b, body);
  if (x !== undefined && b !== undefined) return { kind: 'test', column: x, op, values: [b] };
  if (y !== undefined && a !== undefined) return { kind: 'test', column: y, op: MIRROR[op] ?? op, values: [a] };
  if (x !== undefined && y !== undefined && x.name === y.name && x.table === y.table) {
    const written = `${x.name} ${op} ${y.name}`;
    return { kind: 'constant', value: op === '=' || op === '<=' || op === '>=', written, span: x.span };
  }
  return undefined;
}

function decided(a: LiteralValue, op: FilterFact['op'], b: LiteralValue, body: Tree): Condition | undefined {
  if (a === null || b === null) return undefined;
  const order = compareValues(a, b);
  const value =
    op === '='
      ? order === 0
      : op === '<>'
        ? order !== 0
        : op.startsWith('<')
          ? order < 0 || (op === '<=' && order === 0)
          : order > 0 || (op === '>=' && order === 0);
  return { kind: 'constant', value, written: `${a} ${op} ${b}`, span: getPosition(body) };
}

function listed(kind: string, body: Tree): Condition | undefined {
  const column = columnOf(kind === 'like' ? body['left'] : body['this']);
  if (column === undefined) return undefined;
  const test = (op: FilterFact['op'], nodes: readonly unknown[]): Condition | undefined => {
    const values = nodes.map(literalIn);
    return values.some((value) => value === undefined)
      ? undefined
      : { kind: 'test', column, op, values: values as LiteralValue[] };
  };
  if (kind === 'in' && body['query'] == null) {
    return test(body['not'] === true ? 'not_in' : 'in', list(body['expressions']));
  }
  if (kind === 'between' && body['not'] !== true) return test('between', [body['low'], body['high']]);
  if (kind === 'is_null') return test(body['not'] === true ? 'is_not_null' : 'is_null', []);
  return kind === 'like' ? test('like', [body['right']]) : undefined;
}

/** Numbers by size, all else as text, as which dates in ISO form sort rightly. */
export function compareValues(a: LiteralValue, b: LiteralValue): number {
  const [x, y] = [numeric(a), numeric(b)];
  if (x !== undefined && y !== undefined) return x - y;
  const [s, t] = [String(a), String(b)];
  return s < t ? -1 : s > t ? 1 : 0;
}

function numeric(value: LiteralValue): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : undefined;
}

/** The value of a literal, also behind a sign or in a cast; undefined for anything else. */
export function literalIn(node: unknown): LiteralValue | undefined {
  if (node === null || node === undefined) return undefined;
  const { kind, body } = kindOf(node);
  if (kind === 'paren' || kind === 'cast') return literalIn(body['this']);
  if (kind === 'null') return null;
  if (kind === 'boolean') return body['value'] === true;
  if (kind === 'neg') {
    const value = literalIn(body['this']);
    return typeof value === 'number' ? -value : undefined;
  }
  if (kind !== 'literal') return undefined;
  const text = String(body['value']);
  if (body['literal_type'] !== 'number') return text;
  return Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** The column that a node is, alone. */
export function columnOf(node: unknown): ColumnName | undefined {
  if (node === null || node === undefined) return undefined;
  const { kind, body } = kindOf(node);
  if (kind === 'paren') return columnOf(body['this']);
  if (kind !== 'column') return undefined;
  const table = nameOf(body['table'])?.toLowerCase();
  return { name: (nameOf(body['name']) ?? '').toLowerCase(), table, span: getPosition(body) };
}

/** Every column that stands anywhere under a node. */
export function columnsIn(node: unknown): ColumnName[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(columnsIn);
  return Object.entries(node).flatMap(([key, part]) => {
    const column = key === 'column' && typeof part === 'object' ? columnOf({ column: part }) : undefined;
    return column === undefined || column.name === '' ? columnsIn(part) : [column];
  });
}

/** Every column of a condition. */
export function mentioned(condition: Condition): readonly ColumnName[] {
  if (condition.kind === 'test') return [condition.column];
  if (condition.kind === 'other') return condition.columns;
  if (condition.kind === 'not') return mentioned(condition.part);
  return condition.kind === 'constant' ? [] : condition.parts.flatMap(mentioned);
}

/** What must hold, each by itself. */
export function conjuncts(condition: Condition): readonly Condition[] {
  return condition.kind === 'all' ? condition.parts : [condition];
}
