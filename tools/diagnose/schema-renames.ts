import type { SchemaField } from './schema-field.js';

/** A field that went and one that came, which are the same one by what is told. */
export interface Rename {
  from: SchemaField;
  to: SchemaField;
  /** `certain`: the language or an alias says so; `likely`: taken for one; `possible`: told as dropped and added, and worth a look. */
  confidence: 'certain' | 'likely' | 'possible';
  because: string[];
}

const SETTLED = 100;
const LIKELY = 2;

/** Above this many pairs only those are looked at that share a number, an alias or a place. */
const MOST_PAIRS = 100_000;

/** Each dropped field with the added one it most likely became. */
export function renamesBetween(dropped: readonly SchemaField[], added: readonly SchemaField[]): Rename[] {
  const step: Step = { dropped: countByParent(dropped), added: countByParent(added) };
  const candidates = dropped.length * added.length > MOST_PAIRS ? nearest(added) : () => added;
  const scored = dropped
    .flatMap((from) => candidates(from).map((to) => ({ from, to, ...likeness(from, to, step) })))
    .filter(({ because }) => because.length > 0)
    .sort((a, b) => b.score - a.score);
  const taken = new Set<SchemaField>();
  const renames: Rename[] = [];
  for (const { from, to, score, because } of scored) {
    if (taken.has(from) || taken.has(to)) continue;
    taken.add(from).add(to);
    renames.push({ from, to, because, confidence: confidenceOf(score) });
  }
  return renames;
}

/** Finds those of the same number, alias or place without going through all. */
function nearest(added: readonly SchemaField[]): (from: SchemaField) => SchemaField[] {
  const found = new Map<string, SchemaField[]>();
  const note = (key: string, field: SchemaField): void => void found.set(key, [...(found.get(key) ?? []), field]);
  for (const field of added) {
    note(`place ${parentOf(field.path)} ${field.position}`, field);
    if (field.identity !== undefined) note(`number ${field.identity}`, field);
    for (const alias of field.aliases) note(`alias ${parentOf(field.path)}${alias}`, field);
  }
  return ({ path, position, identity }) => [
    ...new Set(
      [`place ${parentOf(path)} ${position}`, `number ${identity}`, `alias ${path}`].flatMap(
        (key) => found.get(key) ?? [],
      ),
    ),
  ];
}

function confidenceOf(score: number): Rename['confidence'] {
  return score >= SETTLED ? 'certain' : score >= LIKELY ? 'likely' : 'possible';
}

function countByParent(fields: readonly SchemaField[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of fields) counts.set(parentOf(path), (counts.get(parentOf(path)) ?? 0) + 1);
  return counts;
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('.') + 1);
export const leafOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** How many fields went and came, by the record they are in. */
interface Step {
  dropped: Map<string, number>;
  added: Map<string, number>;
}

function settles(from: SchemaField, to: SchemaField): string[] {
  return [
    ...(from.identity !== undefined && from.identity === to.identity ? ['same number'] : []),
    ...(to.aliases.includes(leafOf(from.path)) ? ['declared as an alias'] : []),
  ];
}

/** No reason at all when the one can not have become the other. A score of two and more needs the type and something beside. */
function likeness(from: SchemaField, to: SchemaField, step: Step): { score: number; because: string[] } {
  const parent = parentOf(from.path);
  if (parent !== parentOf(to.path)) return { score: 0, because: [] };
  const settled = settles(from, to);
  const sameType = from.type.replace('?', '') === to.type.replace('?', '');
  const alikeNames = alike(leafOf(from.path), leafOf(to.path));
  const hints: [boolean, number, string][] = [
    [sameType, 0, 'same type'],
    [from.position === to.position, 3, 'same place'],
    [from.doc !== undefined && from.doc === to.doc, 3, 'same documentation'],
    [from.default !== undefined && from.default !== 'null' && from.default === to.default, 1, 'same default'],
    [alikeNames, 2, 'similar name'],
    [
      step.dropped.get(parent) === 1 && step.added.get(parent) === 1,
      0,
      'the only field dropped and the only one added',
    ],
  ];
  const holding = hints.filter(([holds]) => holds);
  const because = [...settled, ...holding.map(([, , reason]) => reason)];
  if (settled.length > 0) return { score: SETTLED, because };
  const score = sameType ? holding.reduce((sum, [, points]) => sum + points, 0) : 0;
  const telling = score >= LIKELY || ((sameType || alikeNames) && because.length >= 2);
  return { score, because: telling ? because : [] };
}

/** Names that share most of their letters in order at either end (`merchant_subcategory`, `merchant_subcategory_v2`). */
function alike(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a.includes(b) || b.includes(a)) return true;
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  return head >= 4 && head / Math.max(a.length, b.length) >= 0.5;
}
