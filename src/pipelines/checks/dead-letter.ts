import { type Finding, finding } from '../finding.js';
import { nearest } from '../nearest.js';
import type { InputTable } from '../sql/bound.js';
import { callOf } from '../sql/calls.js';
import { FUNCTIONS } from '../sql/functions.js';
import type { Tree } from '../sql/tree.js';
import { highestLevel, isLower } from './classification.js';
import { at, type BoundContext, type CheckContext, sameName } from './context.js';
import { readExpression, type WrittenExpression } from './expression.js';
import { isUnder } from './sink.js';

const HERE = ['errorHandling', 'deadLetter'] as const;

/** What rejected rows are chosen from: the input that their transformer reads, when it is one. */
function chosenFrom({ config, tables }: BoundContext): InputTable | undefined {
  const id = config.errorHandling.deadLetter?.input;
  const [only, ...others] = config.transformers.find((transformer) => transformer.id === id)?.inputs ?? [];
  return only === undefined || others.length > 0 ? undefined : tables.get(only);
}

/** DLQ003: a rejected row that lost columns can not be mended and sent again. */
export function lostColumns(context: BoundContext): Finding[] {
  const deadLetter = context.config.errorHandling.deadLetter;
  const given = deadLetter && context.tables.get(deadLetter.input);
  if (deadLetter === undefined || given === undefined) return [];
  const source = chosenFrom(context);
  if (source === undefined || source.name === given.name) return [];
  const missing = source.columns.filter(({ name }) => !given.columns.some((column) => sameName(column.name, name)));
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name);
  const message = `rejected rows lack ${names.slice(0, 12).join(', ')} of '${source.name}'`;
  return [at(context, 'DLQ003', [...HERE, 'input'], message, 'keep every column of the source, and add the reason')];
}

/** DLQ004: a check must give the same answer for valid and rejected rows, and must not stop the job. */
export function unsafeChecks(context: BoundContext): Finding[] {
  const deadLetter = context.config.errorHandling.deadLetter;
  const source = chosenFrom(context);
  return (deadLetter?.checks ?? []).flatMap(({ reason, expect }, index): Finding[] => {
    const path = [...HERE, 'checks', index, 'expect'];
    const { expression, findings } = readExpression(context, expect, path);
    if (expression === undefined) return findings;
    const why = unsafe(expression.tree, context.config.engine.ansi);
    const message = `the check of ${reason} ${why}`;
    const unknown =
      source === undefined
        ? []
        : unknownColumns(
            expression,
            source.columns.map(({ name }) => name),
            path,
          );
    return [...(why === undefined ? [] : [at(context, 'DLQ004', path, message)]), ...unknown];
  });
}

function unknownColumns(
  { columns, placeOf }: WrittenExpression,
  names: readonly string[],
  path: readonly PropertyKey[],
): Finding[] {
  return columns.flatMap(({ name, span }) => {
    if (names.some((each) => sameName(each, name))) return [];
    const near = nearest(name, names);
    const message = `'${name}' is no column of what is checked`;
    const suggestion = near && `did you mean '${near}'?`;
    return [finding('DQ003', { path: path.map(String).join('.'), place: placeOf(span), message, suggestion })];
  });
}

/** Why an expression is no sound check of a row; undefined when it is. */
function unsafe(node: unknown, ansi: boolean): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  if (Array.isArray(node)) return first(node, (part) => unsafe(part, ansi));
  return first(Object.entries(node), ([kind, body]) => {
    if (typeof body !== 'object' || body === null) return undefined;
    return reason(kind, body as Tree, ansi) ?? unsafe(body, ansi);
  });
}

function reason(kind: string, body: Tree, ansi: boolean): string | undefined {
  if (kind === 'subquery' || kind === 'exists' || kind === 'select' || (kind === 'in' && body['query'] != null)) {
    return 'has a subquery';
  }
  if (kind === 'cast' && ansi) return 'has a CAST, which stops the job at a bad value: write TRY_CAST';
  const name = Array.isArray(body) ? undefined : callName(kind, body);
  if (name === undefined) return undefined;
  return FUNCTIONS[name]?.volatile === true || VOLATILE.has(name)
    ? `calls ${name}(), which is not deterministic`
    : undefined;
}

const VOLATILE = new Set(['uuid', 'rand', 'random', 'randn', 'shuffle', 'now', 'monotonically_increasing_id']);

function callName(kind: string, body: Tree): string | undefined {
  try {
    return callOf(kind, body)?.name;
  } catch {
    // A form that the binder does not know is said where the query is bound.
    return undefined;
  }
}

function first<T>(parts: readonly T[], find: (part: T) => string | undefined): string | undefined {
  for (const part of parts) {
    const found = find(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

const trimmed = (place: string | undefined): string => (place ?? '').replace(/\/+$/, '');

/** DLQ005: rejected rows among the good ones. */
export function deadLetterIsSink(context: CheckContext): Finding[] {
  const { sink, errorHandling } = context.config;
  const { deadLetter } = errorHandling;
  if (deadLetter === undefined || deadLetter.connection !== sink.connection) return [];
  const same = (['path', 'table'] as const).find(
    (key) => sink[key] !== undefined && trimmed(sink[key]) === trimmed(deadLetter[key]),
  );
  if (same === undefined) return [];
  return [at(context, 'DLQ005', [...HERE, same], `the dead letter is the sink: '${trimmed(sink[same])}'`)];
}

/** DLQ006: rows shall be put aside, and nothing says where. */
export function missingDeadLetter(context: CheckContext): Finding[] {
  const { onError, deadLetter } = context.config.errorHandling;
  if (onError !== 'deadLetter' || deadLetter !== undefined) return [];
  const suggestion = 'deadLetter: {input, type, connection, path, checks}';
  return [
    at(context, 'DLQ006', ['errorHandling', 'onError'], '`onError: deadLetter` has no deadLetter block', suggestion),
  ];
}

/** DLQ007: rejected rows are whole rows, so they are as confidential as their source. The catalogue knows the level of the place. */
export function openDeadLetter(context: CheckContext): Finding[] {
  const { deadLetter } = context.config.errorHandling;
  const place = deadLetter?.path ?? deadLetter?.table;
  const highest = highestLevel(context);
  if (deadLetter === undefined || place === undefined || highest === undefined) return [];
  const target = context.catalog.datasets
    .filter(({ name, connection }) => connection === deadLetter.connection && isUnder(place, name))
    .sort((a, b) => b.name.length - a.name.length)[0];
  const level = target?.level ?? context.config.metadata.classification.level;
  if (!isLower(level, highest.level)) return [];
  const message = `the dead letter is '${level}', and holds whole rows of '${highest.of}', which is '${highest.level}'`;
  return [at(context, 'DLQ007', [...HERE, deadLetter.path === undefined ? 'table' : 'path'], message)];
}
