import { isMap, isScalar, isSeq, Scalar, type YAMLMap } from 'yaml';
import type { RowCheck } from '../config.js';
import { parseQuery } from '../sql/parse.js';
import { kindOf, nameOf, type Tree } from '../sql/tree.js';
import type { ReadConfig } from '../structure.js';
import { deadLetterPair } from './pair.js';

export interface AddOptions {
  /** The source whose rows are checked, and its columns. */
  source: string;
  columns: readonly string[];
  checks: readonly RowCheck[];
  /** Where the rejected rows go. */
  sink: { type: 'delta' | 'iceberg' | 's3'; connection: string; path: string };
  maxRate?: number;
  retention?: string;
}

const REASON_COLUMN = 'error_reason';

/**
 * Puts a dead-letter pair behind a source: valid and rejected rows, the sink of the rejected ones, and whoever read the source reads
 * the valid rows. Comments, order and the SQL of everything else stay as they were. The text is checked again as any other draft.
 */
export function addDeadLetter({ config, source: file }: ReadConfig, options: AddOptions): string {
  const document = file.document.clone();
  const { source, columns, checks } = options;
  const taken = new Set([...config.sources, ...config.transformers].map(({ id }) => id));
  const [valid, rejected] = [freeId(taken, `${source}_valid`), freeId(taken, `${source}_rejected`)];
  const transformers = document.get('transformers');
  if (!isSeq(transformers)) return file.text;
  for (const node of transformers.items) if (isMap(node)) readValid(node, source, valid);
  const pair = deadLetterPair({ source, columns, checks, reasonColumn: REASON_COLUMN });
  const added = [
    { id: valid, type: 'sql', inputs: [source], role: 'valid', sql: pair.valid },
    { id: rejected, type: 'sql', inputs: [source], role: 'deadLetter', sql: pair.rejected },
  ].map((transformer) => {
    const node = document.createNode(transformer) as YAMLMap;
    const inputs: unknown = node.get('inputs', true);
    if (isSeq(inputs)) inputs.flow = true;
    const sql = new Scalar(transformer.sql);
    sql.type = Scalar.BLOCK_LITERAL;
    node.set('sql', sql);
    return node;
  });
  transformers.items.unshift(...added);
  if (config.sink.input === source) document.setIn(['sink', 'input'], valid);
  document.setIn(['errorHandling', 'onError'], 'deadLetter');
  document.setIn(
    ['errorHandling', 'deadLetter'],
    blockNode(options, rejected, (value) => document.createNode(value)),
  );
  const handling: unknown = document.get('errorHandling');
  if (isMap(handling)) handling.flow = false;
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function blockNode(options: AddOptions, rejected: string, node: (value: unknown) => unknown): unknown {
  const { sink, checks, maxRate, retention } = options;
  const block = node({
    ...{ input: rejected, ...sink, reasonColumn: REASON_COLUMN },
    ...(maxRate === undefined ? {} : { maxRate }),
    ...(retention === undefined ? {} : { retention }),
    checks,
  });
  const list: unknown = isMap(block) ? block.get('checks', true) : undefined;
  if (isSeq(list)) {
    for (const item of list.items) {
      if (!isMap(item)) continue;
      item.flow = true;
      const expect: unknown = item.get('expect', true);
      if (isScalar(expect)) expect.type = Scalar.QUOTE_DOUBLE;
    }
  }
  return block;
}

function freeId(taken: Set<string>, wanted: string): string {
  let id = wanted;
  for (let number = 2; taken.has(id); number += 1) id = `${wanted}_${number}`;
  taken.add(id);
  return id;
}

/** A transformer that reads the source reads the valid rows, by the name that its SQL uses. */
function readValid(node: YAMLMap, source: string, valid: string): void {
  const inputs: unknown = node.get('inputs', true);
  if (!isSeq(inputs)) return;
  let reads = false;
  for (const item of inputs.items) {
    if (!isScalar(item) || item.value !== source) continue;
    item.value = valid;
    reads = true;
  }
  const sql: unknown = node.get('sql', true);
  if (reads && isScalar(sql) && typeof sql.value === 'string') sql.value = renamedTable(sql.value, source, valid);
}

/** The query with a table read under its old name from its new place: `FROM txn` becomes `FROM txn_valid AS txn`. */
export function renamedTable(sql: string, from: string, to: string): string {
  const { query } = parseQuery(sql, '', (start, end) => ({ line: 0, column: start, endLine: 0, endColumn: end }));
  if (query === undefined) return sql;
  const places = tablesIn(query.tree, from).flatMap(({ name, hasAlias }) => {
    const place = query.placeOf((name as { span?: { start: number; end: number } }).span);
    return place === undefined ? [] : [{ start: place.column, end: place.endColumn, hasAlias }];
  });
  places.sort((a, b) => b.start - a.start);
  return places.reduce(
    (text, { start, end, hasAlias }) =>
      `${text.slice(0, start)}${hasAlias ? to : `${to} AS ${from}`}${text.slice(end)}`,
    sql,
  );
}

function tablesIn(node: unknown, wanted: string): { name: Tree; hasAlias: boolean }[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((item) => tablesIn(item, wanted));
  return Object.entries(node).flatMap(([kind, body]) => {
    const { body: table } = kind === 'table' ? kindOf({ table: body }) : { body: {} as Tree };
    const isWanted = nameOf(table['name'])?.toLowerCase() === wanted.toLowerCase();
    if (isWanted) return [{ name: table['name'] as Tree, hasAlias: nameOf(table['alias']) !== undefined }];
    return tablesIn(body, wanted);
  });
}
