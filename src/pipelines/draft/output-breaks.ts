import type { BoundConfig } from '../bind-config.js';
import { type Finding, finding, isSound } from '../finding.js';
import { shown } from '../shown.js';
import type { ColumnRef } from '../sql/bound.js';
import { printType } from '../sql/type.js';
import type { ReadConfig } from '../structure.js';
import type { Renames } from './rename-edits.js';

/** What would be different for those who read the sink. Empty: the same columns, grain and facts, by binding both. */
export function outputBreaks(
  before: BoundConfig,
  { bound: after, read }: { bound: BoundConfig; read: ReadConfig },
  sources: readonly string[],
  renames: Renames,
): Finding[] {
  if (!isSound(after.findings)) return after.findings.filter(({ severity }) => severity === 'error');
  const outputs = [read.config.sink.input, read.config.errorHandling.deadLetter?.input].filter(
    (id) => id !== undefined,
  );
  const breaks = outputs.flatMap((id) => {
    const [old, now] = [before.transformers.get(id), after.transformers.get(id)];
    const path = `${now?.path ?? 'transformers'}.sql`;
    const differ = differences(old?.table.columns ?? [], now?.table.columns ?? []);
    const grain = (facts: BoundConfig['transformers']) =>
      JSON.stringify([facts.get(id)?.bound?.facts.grain, facts.get(id)?.bound?.facts.hiddenGrain]);
    if (grain(before.transformers) !== grain(after.transformers)) differ.push('the grain');
    if (differ.length === 0) return [];
    const message = `the output changes: ${differ.join('; ')}`;
    return [
      finding('SCH006', {
        path,
        place: read.source.placeOf(path.split('.')),
        message,
        suggestion: 'change the sink and tell those who read it, or keep the old output by hand',
      }),
    ];
  });
  if (breaks.length > 0) return [...breaks, ...nullBreaks(before, after, read)];
  const meant = [...before.transformers.keys()].every(
    (id) => factsOf(before, id, sources, renames) === factsOf(after, id, sources, new Map()),
  );
  return meant
    ? []
    : [
        finding('SCH006', {
          path: 'transformers',
          message: 'after the rename the query reads other columns than before: a person edits it',
        }),
      ];
}

type Columns =
  BoundConfig['transformers'] extends ReadonlyMap<string, infer T>
    ? T extends { table: { columns: infer C } }
      ? C
      : never
    : never;

function differences(before: Columns, after: Columns): string[] {
  const told = before.flatMap((old) => {
    const now = after.find(({ name }) => name === old.name);
    if (now === undefined) return [`'${shown(old.name)}' is gone`];
    const [was, is] = [printType(old.type), printType(now.type)];
    if (was !== is) return [`'${shown(old.name)}' was ${was} and is ${is}`];
    return old.nullable === now.nullable
      ? []
      : [`'${shown(old.name)}' ${now.nullable ? 'may now be NULL' : 'is never NULL any more'}`];
  });
  return [
    ...told,
    ...after
      .filter(({ name }) => !before.some((old) => old.name === name))
      .map(({ name }) => `'${shown(name)}' is new`),
  ];
}

/** Columns that the sink declares as never NULL, and merge keys, that may now be. */
function nullBreaks(before: BoundConfig, after: BoundConfig, { config, source }: ReadConfig): Finding[] {
  const columns = (bound: BoundConfig): Columns => bound.transformers.get(config.sink.input)?.table.columns ?? [];
  return config.sink.columns.flatMap(({ name, nullable }, index) => {
    const was = columns(before).find((column) => column.name === name);
    const is = columns(after).find((column) => column.name === name);
    if (was?.nullable !== false || is?.nullable !== true) return [];
    const path = ['sink', 'columns', index];
    const at = { path: path.join('.'), place: source.placeOf(path) };
    const key = config.sink.mergeKeys?.includes(name)
      ? [finding('SNK005', { ...at, message: `merge key '${shown(name)}' may now be NULL` })]
      : [];
    return [
      ...(nullable
        ? []
        : [finding('TYP007', { ...at, message: `'${shown(name)}' is declared as never NULL, and may now be` })]),
      ...key,
    ];
  });
}

/** What a query does, without places, in the names of after the rename. */
function factsOf(bound: BoundConfig, id: string, sources: readonly string[], renames: Renames): string {
  const facts = bound.transformers.get(id)?.bound?.facts;
  if (facts === undefined) return '';
  const { reads, aggregates, casts, filters, joins } = facts;
  const said = ({ input, column }: ColumnRef): string =>
    `${input}.${(sources.includes(input) ? renames.get(column.toLowerCase()) : undefined) ?? column}`;
  const named = [...reads].map(said).sort();
  return JSON.stringify({ named, aggregates, casts, filters, joins }, (key, value: unknown) => {
    if (key === 'place') return undefined;
    return isRef(value) ? said(value) : value;
  });
}

const isRef = (value: unknown): value is ColumnRef =>
  typeof value === 'object' &&
  value !== null &&
  Object.keys(value).length === 2 &&
  'input' in value &&
  'column' in value;
