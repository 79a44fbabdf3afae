import { type Fact, factsOf, list } from './case-file.js';
import { addMissing, evolve, hasColumn, knownTables, missingColumn, names, SHAPE } from './columns.js';
import { type Context, inWindow, time } from './context.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';

/** Changes of a table's own shape, made past the registry, that touch what the error names. */
export function shapeChanges(context: Context): Finding[] {
  return factsOf(context.file, 'delta_history', 'schema_change')
    .filter((fact) => inWindow(context, fact.fields['at']))
    .flatMap((fact) => shapeFinding(context, fact));
}

/** For a column that misses in reading the tables read, then those written where the former have it; else the ones written first. */
export function shapeTables(context: Context): string[] {
  const { reads = [], writes = [] } = context.focus.task ?? {};
  const missing = missingColumn(context);
  if (missing === undefined) return [...new Set([...writes, ...reads])].slice(0, 2);
  const lacking = knownTables(context).some(({ columns }) => !hasColumn(columns, missing));
  return lacking ? reads.slice(0, 2) : [...new Set([...reads.slice(0, 2), ...writes])].slice(0, 3);
}

function shapeFinding(context: Context, fact: Fact): Finding[] {
  const table = fact.call.parsed.records.find(({ record }) => record === 'table')?.fields['name'];
  if (table === undefined) return [];
  const kinds = (['renamed', 'removed', 'changed', 'added'] as const).filter((key) => (fact.fields[key] ?? '') !== '');
  return kinds.flatMap((kind): Finding[] => {
    const items = splitColumns(fact.fields[kind]);
    const hit = items.find((item) => names(context, item.split(/->|:/).slice(0, kind === 'renamed' ? 2 : 1)));
    if (hit === undefined) return [];
    const partitioned = kind === 'changed' && isPartition(fact, hit);
    const change = {
      renamed: 'column_renamed',
      removed: 'column_dropped',
      changed: 'type_changed',
      added: 'column_added',
    } as const;
    return [
      {
        cause: {
          category: 'schema_drift',
          ...entity('delta', table),
          change: partitioned ? 'partition_type_mismatch' : change[kind],
          claim: `${table} was changed by its owner (${kind}: ${hit}) before the run failed.`,
        },
        strength: 3,
        at: time(fact.fields['at']),
        quotes: [quoted(fact, 'the change of the table'), ...symptom(context, SHAPE)],
        explains: SHAPE,
        repair: partitioned
          ? {
              escalate: `The partition column ${hit} of ${table} has another type by its owner's hand: taking it back would break what is written so already.`,
            }
          : shapeRepair(context, table, kind, hit),
      },
    ];
  });
}

/** A partition's type stands in the paths of its files: it can not be changed back and forth. */
function isPartition(fact: Fact, item: string): boolean {
  const table = fact.call.parsed.records.find(({ record }) => record === 'table');
  return list(table?.fields['partitions']).includes(item.split(':')[0] ?? item);
}

function splitColumns(text: string | undefined): string[] {
  return (text ?? '').includes('(') ? (text ?? '').split(/,(?=[A-Za-z_]\w*(?:->|:))/) : list(text);
}

function shapeRepair(context: Context, table: string, kind: string, item: string): Finding['repair'] {
  const [name = '', rest = ''] = item.split(/:(.*)/s);
  if (kind === 'renamed') {
    const [from = '', to = ''] = item.split('->');
    const wanted = missingColumn(context);
    if (wanted?.toLowerCase() !== from.toLowerCase()) return addMissing(context, wanted ?? to, to, undefined);
    return [
      evolve(
        table,
        'rename',
        { from: to, to: from },
        `Renaming ${to} back to ${from} gives its readers what they ask for.`,
      ),
    ];
  }
  if (kind === 'removed') {
    return [
      evolve(
        table,
        'add_column',
        { name, type: rest || 'string' },
        `Adding ${name} back lets the readers of ${table} pass.`,
      ),
    ];
  }
  if (kind === 'changed') {
    const was = rest.split('->')[0] ?? 'string';
    return [
      evolve(
        table,
        'revert_type',
        { column: name, type: was },
        `Back to ${was}, the type its readers were written for.`,
      ),
    ];
  }
  return {
    escalate: `${table} has a new column ${name} that the pipeline does not know; its code must decide what to do with it.`,
  };
}
