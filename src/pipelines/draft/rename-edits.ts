import { isMap, isScalar, isSeq } from 'yaml';
import type { BoundConfig } from '../bind-config.js';
import type { Finding, Place } from '../finding.js';
import { parseQuery } from '../sql/parse.js';
import { getPosition } from '../sql/span.js';
import { kindOf } from '../sql/tree.js';
import type { ReadConfig } from '../structure.js';
import { placeInText } from '../text-place.js';
import { offsetsOfPlace, type Splice } from './splice.js';

/** Old names and what they are called now. */
export type Renames = ReadonlyMap<string, string>;

const LAST_NAME = /(?:`([^`]+)`|(\w+))$/;

/**
 * Edits for the references that no longer resolve. The binder has said which they are, so a column of the same name of another table,
 * or of a query in WITH, is left alone. What a select gives keeps its old name.
 */
export function referenceEdits(read: ReadConfig, bound: BoundConfig, renames: Renames): Splice[] {
  const { text } = read.source;
  const projections = new Set(bareProjections(read).map(placeKey));
  const broken = bound.findings.filter(({ rule, place }) => rule === 'SQL001' && place !== undefined);
  return broken.flatMap(({ place }: Finding) => {
    if (place === undefined) return [];
    const { start, end } = offsetsOfPlace(text, place);
    const written = LAST_NAME.exec(text.slice(start, end));
    const old = written?.[1] ?? written?.[2];
    const now = old === undefined ? undefined : renames.get(old.toLowerCase());
    if (written === null || old === undefined || now === undefined) return [];
    const name = /^\w+$/.test(now) ? now : `\`${now}\``;
    const as = projections.has(placeKey(place)) ? ` AS ${written[0]}` : '';
    return [{ start: start + written.index, end, text: `${name}${as}` }];
  });
}

const placeKey = ({ line, column, endLine, endColumn }: Place): string => `${line}:${column}:${endLine}:${endColumn}`;

/** Columns that stand alone in a select: their name is the name of the output. */
function bareProjections(read: ReadConfig): Place[] {
  return read.config.transformers.flatMap((transformer, index) => {
    if (transformer.type !== 'sql') return [];
    const path = ['transformers', index, 'sql'];
    const { query } = parseQuery(transformer.sql, path.join('.'), placeInText(read.source, path));
    if (query === undefined) return [];
    const places: Place[] = [];
    walk(query.tree, (kind, body) => {
      const items = kind === 'select' ? body['expressions'] : undefined;
      for (const item of Array.isArray(items) ? items : []) {
        const place = kindOf(item).kind === 'column' ? query.placeOf(getPosition(kindOf(item).body)) : undefined;
        if (place !== undefined) places.push(place);
      }
    });
    return places;
  });
}

function walk(node: unknown, visit: (kind: string, body: Record<string, unknown>) => void, depth = 0): void {
  if (typeof node !== 'object' || node === null || depth > 400) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) visit(key, value as Record<string, unknown>);
    walk(value, visit, depth + 1);
  }
}

/** Edits of a source beside its SQL: the version that it pins, keys and order of its changes, rows of its tests. */
export function sourceEdits(read: ReadConfig, index: number, version: number, renames: Renames): Splice[] {
  const { document } = read.source;
  const edits: Splice[] = [];
  const put = (node: unknown, text: string): void => {
    if (isScalar(node) && node.range) edits.push({ start: node.range[0], end: node.range[1], text });
  };
  put(document.getIn(['sources', index, 'schema', 'version'], true), String(version));
  const renameAll = (path: (string | number)[]): void => {
    const list = document.getIn(path, true);
    for (const item of isSeq(list) ? list.items : []) {
      const now = isScalar(item) ? renames.get(String(item.value).toLowerCase()) : undefined;
      if (now !== undefined) put(item, now);
    }
  };
  renameAll(['sources', index, 'cdc', 'keys']);
  renameAll(['sources', index, 'cdc', 'sequenceBy']);
  const id = read.config.sources[index]?.id ?? '';
  for (let at = 0; at < read.config.tests.length; at += 1) {
    const rows = document.getIn(['tests', at, 'given', id], true);
    for (const row of isSeq(rows) ? rows.items : []) {
      for (const pair of isMap(row) ? row.items : []) {
        const now = isScalar(pair.key) ? renames.get(String(pair.key.value).toLowerCase()) : undefined;
        if (now !== undefined) put(pair.key, now);
      }
    }
  }
  return edits;
}

/** Conditions beside the queries (quality, dead letter) that name a renamed column: nobody edits them unseen. */
export function namedElsewhere(
  { config }: ReadConfig,
  renames: Renames,
): { path: (string | number)[]; name: string }[] {
  const texts = [
    ...config.dataQuality.flatMap((check, at) =>
      'expr' in check ? [{ path: ['dataQuality', at, 'expr'], text: check.expr }] : [],
    ),
    ...(config.errorHandling.deadLetter?.checks ?? []).map(({ expect }, at) => ({
      path: ['errorHandling', 'deadLetter', 'checks', at, 'expect'],
      text: expect,
    })),
  ];
  return texts.flatMap(({ path, text }) => {
    const name = text.match(/\w+/g)?.find((word) => renames.has(word.toLowerCase()));
    return name === undefined ? [] : [{ path, name }];
  });
}
