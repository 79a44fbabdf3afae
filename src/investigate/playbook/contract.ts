import { canonicalType, isWidening } from '../../domain/type-widening.js';
import { type Fact, factsOf, list } from './case-file.js';
import {
  addLacking,
  addMissing,
  bareName,
  hasColumn,
  knownTables,
  missingColumn,
  names,
  SHAPE,
  TABLE_TYPE,
} from './columns.js';
import { type Context, inWindow, producersOf, time } from './context.js';
import { entity, type Finding, type Question, quoted, symptom } from './procedure.js';

/** The subjects that feed the focus, nearest pipeline first. */
export function subjectsOf(context: Context): string[] {
  const { file, focus } = context;
  const feeding = producersOf(file, focus.task?.reads ?? []).map((task) => task.dag);
  return [...new Set([focus.dag, ...feeding])].flatMap(
    (dag) => file.pipelines.find((pipeline) => pipeline.dag === dag)?.sources ?? [],
  );
}

/** Changes of a source's contract that touch what the error names. */
export function contractChanges(context: Context): Finding[] {
  return factsOf(context.file, 'schema_registry_diff', 'change')
    .filter((fact) => inWindow(context, fact.fields['at']) || isRecent(fact))
    .filter((fact) => names(context, [fact.fields['field'], ...list(fact.fields['from']), ...list(fact.fields['to'])]))
    .map((fact) => contractFinding(context, fact));
}

/** A registry that does not say when is asked about a window only: what it lists lies inside. */
function isRecent(fact: Fact): boolean {
  return fact.fields['at'] === undefined;
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
  const extra = addLacking(context);
  if (extra !== undefined) return extra;
  if (kind === 'column_renamed' || kind === 'column_dropped' || kind === 'column_added') {
    const wanted = missingColumn(context) ?? bareName(kind === 'column_renamed' ? to : field);
    return addMissing(context, wanted, bareName(kind === 'column_renamed' ? from : field), columnType(fact));
  }
  if (kind === 'type_changed') return widening(context, bareName(field), from, to);
  return {
    escalate: `The source now delivers what the pipeline was not written for (${kind.replace('_', ' ')}); its code must decide what it means.`,
  };
}

/** The registry's type of the column, as a table knows it. A rename carries no type: then the old column's is taken. */
function columnType(fact: Fact): string | undefined {
  const { kind, from, to } = fact.fields;
  const type = (kind === 'column_added' ? to : kind === 'column_dropped' ? from : undefined)
    ?.replace(/\?$/, '')
    .toLowerCase();
  return type === undefined ? undefined : (TABLE_TYPE[type] ?? type);
}

/** `name:type?` and `type?` are both `type`. */
function bareType(text: string): string {
  return (text.split(':').at(-1) ?? text).replace(/\?$/, '');
}

/** Delta widens a column only where the table allows it. */
function allowWidening(table: string, fact: Fact): Question[] {
  const allowed = fact.call.parsed.records.some(
    ({ record, fields }) =>
      record === 'property' && /enableTypeWidening$/.test(fields['key'] ?? '') && fields['value'] === 'true',
  );
  if (allowed) return [];
  return [
    {
      tool: 'propose_schema_evolution',
      args: { table, op: 'set_property', arg: { key: 'delta.enableTypeWidening', value: true } },
      thought: `${table} does not allow its columns to be widened yet.`,
    },
  ];
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
    ...allowWidening(table.name, table.fact),
    {
      tool: 'propose_schema_evolution',
      args: { table: table.name, op: 'set_type', arg: { column, type: TABLE_TYPE[is] ?? is } },
      thought: `${is} holds every ${was}, so the column of ${table.name} can be widened.`,
    },
  ];
}
