import { getPosition, type Span } from '../sql/span.js';
import { kindOf, list, nameOf, type Tree } from '../sql/tree.js';
import { type ColumnName, type Condition, columnsIn, readCondition } from './conditions.js';

/** One table in FROM. */
export interface ShapeRelation {
  /** The name that the query uses for it, and the table it is; undefined for a subquery. */
  alias: string;
  table: string | undefined;
  join: 'from' | 'inner' | 'left' | 'right' | 'full' | 'cross' | 'semi' | 'anti';
  on: Condition | undefined;
  span: Span | undefined;
}

/** One SELECT, wherever it stands in a query. */
export interface SelectShape {
  relations: readonly ShapeRelation[];
  where: Condition | undefined;
  having: Condition | undefined;
  /** Conditions of CASE WHEN and of FILTER among the outputs. */
  branches: readonly Condition[];
  groupBy: readonly ColumnName[];
  grouped: boolean;
  distinct: boolean;
  /** `*` among the outputs. */
  star: boolean;
}

export interface QueryShape {
  selects: readonly SelectShape[];
  /** The selects whose rows are the rows of the query: more than one behind UNION. */
  outer: readonly SelectShape[];
  /** ORDER BY without LIMIT: nothing keeps the order. */
  orders: readonly { span: Span | undefined }[];
  recursive: boolean;
  calls: readonly { name: string; node: unknown; columns: readonly ColumnName[]; span: Span | undefined }[];
}

/** What the rules read of a query beside the facts: its conditions as logic, and what its parts are. */
export function shapeOf(tree: unknown): QueryShape {
  const selects: SelectShape[] = [];
  const orders: { span: Span | undefined }[] = [];
  const calls: { name: string; node: unknown; columns: readonly ColumnName[]; span: Span | undefined }[] = [];
  const found = new Map<unknown, SelectShape>();
  let recursive = false;
  walk(tree, (kind, body) => {
    if (kind === 'select') {
      const shape = selectShape(body);
      selects.push(shape);
      found.set(body, shape);
    }
    if ((kind === 'select' || SETS.has(kind)) && body['order_by'] != null && body['limit'] == null) {
      orders.push({ span: getPosition(body['order_by']) });
    }
    if (kind === 'with' && body['recursive'] === true) recursive = true;
    const name = callName(kind, body);
    if (name !== undefined) calls.push({ name, node: body, columns: columnsIn(body), span: getPosition(body) });
  });
  const outer = outerSelects(tree).flatMap((body) => found.get(body) ?? []);
  return { selects, outer, orders, recursive, calls };
}

const SETS = new Set(['union', 'intersect', 'except']);
/** Nodes that the parser has for functions which a rule asks for. */
const CALLS = new Set(['ceil', 'floor', 'round', 'sum', 'avg', 'count', 'rand', 'random', 'uuid']);

function callName(kind: string, body: Tree): string | undefined {
  if (kind === 'function' || kind === 'aggregate_function') return String(body['name']).toLowerCase();
  return CALLS.has(kind) ? kind : undefined;
}

function walk(node: unknown, see: (kind: string, body: Tree) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const part of node) walk(part, see);
    return;
  }
  for (const [kind, body] of Object.entries(node)) {
    if (typeof body !== 'object' || body === null) continue;
    if (!Array.isArray(body)) see(kind, body as Tree);
    walk(body, see);
  }
}

function outerSelects(tree: unknown): Tree[] {
  const { kind, body } = kindOf(tree);
  if (kind === 'select') return [body];
  if (kind === 'subquery' || kind === 'paren') return outerSelects(body['this']);
  return SETS.has(kind) ? [...outerSelects(body['left']), ...outerSelects(body['right'])] : [];
}

function selectShape(body: Tree): SelectShape {
  const group = body['group_by'] as Tree | null | undefined;
  const conditionOf = (clause: unknown): Condition | undefined =>
    clause === null || clause === undefined ? undefined : readCondition((clause as Tree)['this']);
  const branches: Condition[] = [];
  walk(body['expressions'], (kind, inner) => {
    if (kind === 'case' && inner['operand'] == null) {
      for (const pair of list(inner['whens'])) branches.push(readCondition(list(pair)[0]));
    }
    if (inner['filter'] != null && typeof inner['filter'] === 'object') branches.push(filterOf(inner['filter']));
  });
  return {
    relations: relationsOf(body),
    where: conditionOf(body['where_clause']),
    having: conditionOf(body['having']),
    branches,
    groupBy: columnsIn(group),
    grouped: group != null,
    distinct: body['distinct'] === true,
    star: list(body['expressions']).some((item) => kindOf(item).kind === 'star'),
  };
}

function filterOf(node: unknown): Condition {
  const inner = (node as Tree)['this'];
  return readCondition(inner !== undefined && Object.keys(node as Tree).length === 1 ? inner : node);
}

const JOINS: Record<string, ShapeRelation['join']> = {
  Inner: 'inner',
  Left: 'left',
  Right: 'right',
  Full: 'full',
  Cross: 'cross',
  LeftSemi: 'semi',
  LeftAnti: 'anti',
};

function relationsOf(body: Tree): ShapeRelation[] {
  const from = list((body['from'] as Tree | null | undefined)?.['expressions']);
  const joins = list(body['joins']) as Tree[];
  return [
    ...from.map((node) => relationOf(node, 'from', undefined)),
    ...joins.map((join) => {
      const on = join['on'] == null ? undefined : readCondition(join['on']);
      return relationOf(join['this'], JOINS[String(join['kind'])] ?? 'inner', on);
    }),
  ];
}

function relationOf(node: unknown, join: ShapeRelation['join'], on: Condition | undefined): ShapeRelation {
  const { kind, body } = kindOf(node);
  const table = kind === 'table' ? nameOf(body['name'])?.toLowerCase() : undefined;
  const alias = (nameOf(body['alias']) ?? table ?? '').toLowerCase();
  return { alias, table, join, on, span: getPosition(node) };
}
