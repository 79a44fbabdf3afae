import type { BoundConfig } from '../bind-config.js';
import { type Finding, finding } from '../finding.js';
import { shown } from '../shown.js';
import { placeRead } from '../source-table.js';
import type { ColumnRef, FilterFact } from '../sql/bound.js';
import type { ReadConfig } from '../structure.js';
import { type Compared, isSame, say } from './compared.js';
import type { IntentCard, IntentFilter, IntentQuality, SourceColumn } from './intent.js';
import { requestedOutputs } from './requested-outputs.js';

/**
 * Holds a draft, whoever wrote it, against the card: a requested filter (FLT002), output (INT002) or check (DQ002) that is missing, and
 * what nobody asked for (INT003).
 */
export function checkAgainstCard(read: ReadConfig, bound: BoundConfig, card: IntentCard): Finding[] {
  const compared: Compared = { read, bound, card, origins: originsIn(read, bound, card) };
  const outputs = requestedOutputs(compared);
  return [
    ...requestedFilters(compared),
    ...outputs.findings,
    ...requestedSink(compared),
    ...requestedQuality(compared, outputs.names),
    ...unrequested(compared, outputs.found),
  ];
}

/** Follows a column through earlier transformers to the data set, and names it as the card does. */
function originsIn({ config }: ReadConfig, { transformers }: BoundConfig, card: IntentCard): Compared['origins'] {
  const names = new Map(
    config.sources.flatMap((source) => {
      const asked = card.sources.find(({ dataset }) => dataset === placeRead(source));
      return asked === undefined ? [] : [[source.id, asked.id] as const];
    }),
  );
  const follow = (ref: ColumnRef, depth: number): SourceColumn[] => {
    const source = names.get(ref.input);
    if (source !== undefined) return [{ source, column: ref.column }];
    const column = transformers.get(ref.input)?.bound?.columns.find(({ name }) => name === ref.column);
    return depth > 20 ? [] : (column?.from ?? []).flatMap((inner) => follow(inner, depth + 1));
  };
  return (ref) => follow(ref, 0);
}

const KEEPS = new Set<FilterFact['clause']>(['where', 'on', 'having']);

function filtersOf({ bound, origins }: Compared): { of: SourceColumn; fact: FilterFact }[] {
  return [...bound.transformers.values()].flatMap((transformer) =>
    (transformer.bound?.facts.filters ?? [])
      .filter(({ clause }) => KEEPS.has(clause))
      .flatMap((fact) => origins(fact.column).map((of) => ({ of, fact }))),
  );
}

function requestedFilters(compared: Compared): Finding[] {
  const facts = filtersOf(compared);
  return compared.card.filters.flatMap((asked) => {
    const there = facts.filter(({ of }) => isSame(of, asked.of)).map(({ fact }) => fact);
    if (fulfils(asked, there)) return [];
    const written = `${asked.of.column} ${asked.op.replaceAll('_', ' ')} ${asked.values.join(', ')}`.trim();
    return [say(compared, 'FLT002', ['transformers'], `the requested filter is missing: ${shown(written)}`)];
  });
}

const plain = (value: string): string =>
  value.replace(/[ T]00:00:00(?:\.0+)?(?:Z)?$/, '').replace(/^(-?\d+)\.0+$/, '$1');
const sorted = (values: readonly string[]): string => values.map(plain).sort().join('\u0000');

/** The same condition, in whichever form it is written. */
function fulfils(asked: IntentFilter, facts: readonly FilterFact[]): boolean {
  const has = (ops: readonly FilterFact['op'][], values: readonly string[]): boolean =>
    facts.some(({ op, values: there }) => ops.includes(op) && sorted(there) === sorted(values));
  switch (asked.op) {
    case '=':
    case 'in':
      return has(asked.values.length === 1 ? ['=', 'in'] : ['in'], asked.values);
    case '<>':
    case 'not_in': {
      const apart = asked.values.every((value) => has(['<>', 'not_in'], [value]));
      return apart || has(['not_in'], asked.values);
    }
    case 'between': {
      const [low = '', high = ''] = asked.values;
      return has(['between'], asked.values) || (has(['>='], [low]) && has(['<='], [high]));
    }
    case 'is_not_null':
      return facts.some(({ op }) => op !== 'is_null');
    case 'is_null':
      return has(['is_null'], []);
    default:
      return (
        has([asked.op], asked.values) ||
        ((asked.op === '>=' || asked.op === '<=') &&
          facts.some(
            ({ op, values }) =>
              op === 'between' && plain(values[asked.op === '>=' ? 0 : 1] ?? '') === plain(asked.values[0] ?? ''),
          ))
      );
  }
}

function requestedSink(compared: Compared): Finding[] {
  const { sink } = compared.read.config;
  const asked = compared.card.sink;
  const wanted = asked?.path ?? asked?.table;
  if (asked === undefined || wanted === undefined) return [];
  const there = sink.path ?? sink.table ?? '';
  const other = there.replace(/\/+$/, '') !== wanted.replace(/\/+$/, '') || sink.type !== asked.type;
  return other
    ? [
        say(
          compared,
          'INT002',
          ['sink'],
          `${asked.type} at ${shown(wanted)} was asked for, and ${sink.type} at ${shown(there)} is written`,
        ),
      ]
    : [];
}

function requestedQuality(compared: Compared, names: ReadonlyMap<string, string>): Finding[] {
  const { dataQuality } = compared.read.config;
  return compared.card.quality.flatMap((asked) => {
    const columns = 'columns' in asked ? asked.columns.map((column) => names.get(column) ?? column) : [];
    if (dataQuality.some((check) => check.type === asked.type && covers(check, asked, columns))) return [];
    return [
      say(
        compared,
        'DQ002',
        ['dataQuality'],
        `the requested check is missing: ${asked.type}${columns.length > 0 ? ` of ${shown(columns.join(', '))}` : ''}`,
      ),
    ];
  });
}

function covers(
  check: ReadConfig['config']['dataQuality'][number],
  asked: IntentQuality,
  columns: readonly string[],
): boolean {
  const there = 'columns' in check ? check.columns : [];
  const within = columns.every((column) => there.includes(column));
  switch (asked.type) {
    case 'unique':
      return within && there.length === columns.length;
    case 'row_count':
      return check.type === 'row_count' && (check.min ?? 0) >= asked.min;
    case 'range':
      return check.type === 'range' && within && check.min === asked.min && check.max === asked.max;
    case 'accepted_values':
      return (
        check.type === 'accepted_values' &&
        within &&
        check.values.every((value) => asked.values.includes(String(value)))
      );
    default:
      return within;
  }
}

/** What the draft does and the card does not say: not wrong, but nobody asked. */
function unrequested(compared: Compared, found: ReadonlySet<string>): Finding[] {
  const { card, read, bound } = compared;
  const outputs = (bound.transformers.get(read.config.sink.input)?.bound?.columns ?? []).filter(
    ({ name }) => !found.has(name),
  );
  const filters = filtersOf(compared).filter(
    ({ of, fact }) => fact.clause !== 'on' && !card.filters.some((asked) => isSame(asked.of, of)),
  );
  const sources = read.config.sources.flatMap((source, index) =>
    card.sources.some(({ dataset }) => dataset === placeRead(source)) ? [] : [{ source, index }],
  );
  return [
    ...outputs.map(({ name, place }) =>
      finding('INT003', { path: 'sink.columns', place, message: `nobody asked for the output '${shown(name)}'` }),
    ),
    ...filters.map(({ of, fact }) =>
      finding('INT003', {
        path: 'transformers',
        place: fact.place,
        message: `nobody asked for a filter on '${shown(of.column)}'`,
      }),
    ),
    ...sources.map(({ source, index }) =>
      say(compared, 'INT003', ['sources', index], `nobody asked to read '${shown(placeRead(source))}'`),
    ),
  ];
}
