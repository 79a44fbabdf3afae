import { canonicalType, isWidening } from '../../domain/type-widening.js';
import { type Fact, factsOf, list } from './case-file.js';
import { type Context, inWindow, producersOf, time } from './context.js';
import { entity, type Finding, type Procedure, type Question, quoted, symptom } from './procedure.js';
import type { Family } from './signals.js';

const SHAPE: readonly Family[] = ['missing_column', 'column_type', 'schema_mismatch', 'unknown_value'];

/** The subjects that feed the focus, nearest pipeline first. */
function subjects(context: Context): string[] {
  const { file, focus } = context;
  const feeding = producersOf(file, focus.task?.reads ?? []).map((task) => task.dag);
  return [...new Set([focus.dag, ...feeding])].flatMap(
    (dag) => file.pipelines.find((pipeline) => pipeline.dag === dag)?.sources ?? [],
  );
}

/** Did the source change its contract? Asked first for every error about the shape of data. */
export const contract: Procedure = {
  id: 'contract',
  raisedBy: SHAPE,
  hypothesis: (context) => `The source changed its contract${aboutColumn(context)}.`,
  ask: (context, found) =>
    subjects(context)
      .slice(0, 3)
      .map((source) =>
        found.length > 0
          ? undefined
          : {
              tool: 'schema_registry_diff',
              args: { source, since: sinceGood(context) },
              thought: `${symptomWords(context)} First the registry: did the source change its contract?`,
            },
      ),
  find: (context) =>
    factsOf(context.file, 'schema_registry_diff', 'change')
      .filter((fact) => inWindow(context, fact.fields['at']) || isRecent(fact))
      .filter((fact) => names(context, [fact.fields['field'], fact.fields['from'], fact.fields['to']]))
      .map((fact) => contractFinding(context, fact)),
  ruledOut: (context) =>
    context.file.calls.some((call) => call.tool === 'schema_registry_diff' && call.status === 'ok')
      ? 'The registry shows no change of the source contract that touches the error.'
      : undefined,
};

/** A registry that does not say when is asked about a window only: what it lists lies inside. */
function isRecent(fact: Fact): boolean {
  return fact.fields['at'] === undefined;
}

/** Does the error speak of any of these columns? An error that names none is met by any change of shape. */
function names(context: Context, columns: (string | undefined)[]): boolean {
  const error = context.columns.map((name) => name.toLowerCase());
  const given = columns.flatMap((name) => (name === undefined ? [] : [bareName(name).toLowerCase()]));
  if (error.length > 0) return given.some((name) => error.includes(name));
  return (
    given.some((name) => name.length > 2 && context.errorText.toLowerCase().includes(name)) ||
    context.families.includes('schema_mismatch')
  );
}

/** `amount:string` and `Transaction.amount` are both `amount`. */
function bareName(name: string): string {
  return name.split(':')[0]?.split('.').at(-1) ?? name;
}

function aboutColumn(context: Context): string {
  return context.columns[0] === undefined ? '' : ` of ${context.columns[0]}`;
}

function symptomWords(context: Context): string {
  if (context.families.includes('missing_column')) return 'A missing column.';
  if (context.families.includes('column_type')) return 'A column of another type than expected.';
  return 'The data does not fit the schema.';
}

/** A window that reaches back over the last good run, at least a day. */
export function sinceGood(context: Context): string {
  const { failedAt, lastGoodAt } = context.focus;
  const hours = lastGoodAt === undefined ? 24 : Math.ceil((failedAt - lastGoodAt) / 3_600_000) + 1;
  return hours <= 26 ? '24h' : `${Math.min(30, Math.ceil(hours / 24) + 1)}d`;
}

const CHANGES: Record<string, Finding['cause']['change']> = {
  column_added: 'column_added',
  column_dropped: 'column_dropped',
  column_renamed: 'column_renamed',
  type_changed: 'type_changed',
  enum_extended: 'enum_extended',
  default_changed: 'default_changed',
};

function contractFinding(context: Context, fact: Fact): Finding {
  const { kind = '', field = '', from = '', to = '' } = fact.fields;
  const subject = subjectOf(fact);
  const age = fact.fields['age'] === undefined ? 'lately' : `${fact.fields['age']} ago`;
  return {
    cause: {
      category: 'schema_drift',
      ...entity('registry', subject),
      change: CHANGES[kind] ?? 'type_changed',
      claim: `The source contract ${subject} ${changeWords(kind, field, from, to)}, ${age}.`,
    },
    strength: 3,
    at: time(fact.fields['at']),
    quotes: [quoted(fact, 'the change of the contract'), ...symptom(context, SHAPE)],
    explains: SHAPE,
    repair: contractRepair(context, fact),
  };
}

function changeWords(kind: string, field: string, from: string, to: string): string {
  if (kind === 'column_renamed') return `renamed ${from || field} to ${to}`;
  if (kind === 'column_added') return `gained the column ${field}`;
  if (kind === 'column_dropped') return `lost the column ${field}`;
  return `changed ${field} from ${from} to ${to}`;
}

function subjectOf(fact: Fact): string {
  const asked = String(fact.call.args['source'] ?? '');
  return asked || (fact.call.parsed.records.find(({ record }) => record === 'subject')?.fields['name'] ?? 'unknown');
}

function contractRepair(context: Context, fact: Fact): Finding['repair'] {
  const { kind = '', field = '', from = '', to = '' } = fact.fields;
  if (kind === 'column_renamed' || kind === 'column_dropped' || kind === 'column_added') {
    const wanted = missingColumn(context) ?? bareName(kind === 'column_renamed' ? to : field);
    return addMissing(context, wanted, bareName(kind === 'column_renamed' ? from : field), columnType(fact));
  }
  if (kind === 'type_changed') return widening(context, bareName(field), from, to);
  return {
    escalate: `The source now delivers what the pipeline was not written for (${kind.replace('_', ' ')}); its code must decide what it means.`,
  };
}

/** The column the error misses. */
function missingColumn(context: Context): string | undefined {
  return context.families.includes('missing_column') ? context.columns[0] : undefined;
}

const TABLE_TYPE: Record<string, string> = { long: 'bigint', bytes: 'binary', integer: 'int' };

/** The registry's type of the column, as a table knows it. A rename carries no type: then the old column's is taken. */
function columnType(fact: Fact): string | undefined {
  const { kind, from, to } = fact.fields;
  const type = (kind === 'column_added' ? to : kind === 'column_dropped' ? from : undefined)
    ?.replace(/\?$/, '')
    .toLowerCase();
  return type === undefined ? undefined : (TABLE_TYPE[type] ?? type);
}

/** Tables of the focus of which the columns are known: read ones when a column misses in reading, else written ones. */
export function knownTables(context: Context): { name: string; columns: Map<string, string>; fact: Fact }[] {
  const { task } = context.focus;
  const reading = context.families.includes('missing_column');
  const wanted = reading
    ? [...(task?.reads ?? []), ...(task?.writes ?? [])]
    : [...(task?.writes ?? []), ...(task?.reads ?? [])];
  return wanted.flatMap((name) => {
    const fact = factsOf(context.file, 'delta_history', 'table').findLast((each) => each.fields['name'] === name);
    if (fact === undefined) return [];
    return [{ name, columns: columnsOf(fact.fields['columns']), fact }];
  });
}

/** `a:string,b:decimal(18,2)` by name; commas inside a type do not separate. */
export function columnsOf(text: string | undefined): Map<string, string> {
  const parts = (text ?? '').split(/,(?=[^(),<>]+:)/);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)]));
}

function addMissing(context: Context, column: string, like: string, type: string | undefined): Finding['repair'] {
  const table = knownTables(context).find(({ columns }) => !hasColumn(columns, column));
  if (table === undefined)
    return { escalate: `No table of ours lacks the column ${column}; its code must follow the contract.` };
  const sameType = table.columns.get(like) ?? type ?? 'string';
  return [
    {
      tool: 'propose_schema_evolution',
      args: { table: table.name, op: 'add_column', arg: { name: column, type: sameType } },
      thought: `Adding ${column} to ${table.name} lets the run pass and takes nothing away from its readers.`,
    },
  ];
}

function hasColumn(columns: Map<string, string>, name: string): boolean {
  return [...columns.keys()].some((column) => column.toLowerCase() === name.toLowerCase());
}

/** `name:type?` and `type?` are both `type`. */
function bareType(text: string): string {
  return (text.split(':').at(-1) ?? text).replace(/\?$/, '');
}

/** Only a type that holds every old value may be set; anything else is a person's decision. */
function widening(context: Context, column: string, from: string, to: string): Finding['repair'] {
  const table = knownTables(context).find(({ columns }) => hasColumn(columns, column));
  const [was, is] = [canonicalType(bareType(from)), canonicalType(bareType(to))];
  if (table === undefined || !isWidening(was, is)) {
    return {
      escalate: `The type of ${column} changed from ${from} to ${to}: no change of a table holds both without loss.`,
    };
  }
  return [
    {
      tool: 'propose_schema_evolution',
      args: { table: table.name, op: 'set_type', arg: { column, type: TABLE_TYPE[is] ?? is } },
      thought: `${is} holds every ${was}, so the column of ${table.name} can be widened.`,
    },
  ];
}

/** The tables' own shape: asked for the type of a column to add, and for changes made past the registry. */
export const tableShape: Procedure = {
  id: 'table_shape',
  raisedBy: SHAPE,
  hypothesis: () => 'A table that the task uses changed its shape.',
  ask: (context) => {
    const { task } = context.focus;
    const names = context.families.includes('missing_column')
      ? (task?.reads ?? [])
      : [...(task?.writes ?? []), ...(task?.reads ?? [])];
    return names.slice(0, 2).map(
      (table): Question => ({
        tool: 'delta_history',
        args: { table },
        thought: `Now ${table} itself: which columns does it have, and who changed them?`,
      }),
    );
  },
  find: (context) =>
    factsOf(context.file, 'delta_history', 'schema_change')
      .filter((fact) => inWindow(context, fact.fields['at']))
      .flatMap((fact) => shapeFinding(context, fact)),
  ruledOut: (context) =>
    factsOf(context.file, 'delta_history', 'table').length > 0
      ? 'The tables kept their shape since the last good run.'
      : undefined,
};

function shapeFinding(context: Context, fact: Fact): Finding[] {
  const table = fact.call.parsed.records.find(({ record }) => record === 'table')?.fields['name'];
  if (table === undefined) return [];
  const kinds = (['renamed', 'removed', 'changed', 'added'] as const).filter((key) => (fact.fields[key] ?? '') !== '');
  return kinds.flatMap((kind): Finding[] => {
    const items = splitColumns(fact.fields[kind]);
    const hit = items.find((item) => names(context, item.split(/->|:/).slice(0, kind === 'renamed' ? 2 : 1)));
    if (hit === undefined) return [];
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
          change: change[kind],
          claim: `${table} was changed by its owner (${kind}: ${hit}) before the run failed.`,
        },
        strength: 3,
        at: time(fact.fields['at']),
        quotes: [quoted(fact, 'the change of the table'), ...symptom(context, SHAPE)],
        explains: SHAPE,
        repair: shapeRepair(context, table, kind, hit),
      },
    ];
  });
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

function evolve(table: string, op: string, arg: Record<string, string>, thought: string): Question {
  return { tool: 'propose_schema_evolution', args: { table, op, arg }, thought };
}
