import { type Fact, factsOf, list } from './case-file.js';
import { type Context, inWindow, time } from './context.js';
import { entity, type Finding, type Question, quoted, symptom } from './procedure.js';

/** Upgrades of a table to a protocol or feature that our reader does not know. */
export function protocolUpgrades(context: Context): Finding[] {
  return factsOf(context.file, 'delta_history', 'feature_change')
    .filter((fact) => (fact.fields['added'] ?? '') !== '' && inWindow(context, fact.fields['at']))
    .filter((fact) => fits(context, list(fact.fields['added'])))
    .flatMap((fact) => protocolFinding(context, fact));
}

/** Tables that the error names first, then what the task reads and writes. */
export function tablesInQuestion(context: Context): string[] {
  const used = [...(context.focus.task?.reads ?? []), ...(context.focus.task?.writes ?? [])];
  const named = used.filter((table) => context.errorText.includes(table));
  return [...new Set([...named, ...used])];
}

function fits(context: Context, added: readonly string[]): boolean {
  const text = folded(context.errorText);
  const known = added.some((feature) => text.includes(folded(feature)));
  return known || !/features? required|unsupported.*:/i.test(context.errorText);
}

/** Of what an upgrade brought, what the reader says it does not know; all of it where the error names nothing of it. */
function unknownOf(context: Context, added: readonly string[]): readonly string[] {
  const text = folded(context.errorText);
  const named = added.filter((feature) => text.includes(folded(feature)));
  return named.length > 0 ? named : added;
}

function folded(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function protocolFinding(context: Context, fact: Fact): Finding[] {
  const table = fact.call.parsed.records.find(({ record }) => record === 'table')?.fields['name'];
  if (table === undefined) return [];
  const features = unknownOf(context, list(fact.fields['added']));
  const property = enablingProperty(fact, features);
  return [
    {
      cause: {
        category: 'schema_drift',
        ...entity('delta', table),
        change: 'protocol_upgraded',
        claim: `${table} gained the table feature ${features.join(', ')}, which the job's reader does not know.`,
      },
      strength: 3,
      at: time(fact.fields['at']),
      quotes: [
        quoted(fact, 'the upgrade of the table'),
        ...(property === undefined ? [] : [quoted(property, 'the setting that brings the feature back')]),
        ...symptom(context, ['protocol']),
      ],
      explains: ['protocol'],
      repair: [...switchOff(table, property), ...features.map((feature) => drop(table, feature))],
    },
  ];
}

/** The table property that turns one of the features on: while it is set, the next writer adds the feature again. */
function enablingProperty(fact: Fact, features: readonly string[]): Fact | undefined {
  const changes = fact.call.parsed.records.filter(
    ({ record }) => record === 'property_change' || record === 'property',
  );
  const on = changes.find(({ record, fields }) => {
    const key = folded(fields['key'] ?? '');
    const value = record === 'property' ? fields['value'] : fields['to'];
    return value === 'true' && features.some((feature) => key.includes(folded(feature)));
  });
  return on === undefined ? undefined : { ...on, call: fact.call };
}

function switchOff(table: string, property: Fact | undefined): Question[] {
  const key = property?.fields['key'];
  if (key === undefined) return [];
  return [
    {
      tool: 'propose_schema_evolution',
      args: { table, op: 'set_property', arg: { key, value: false } },
      thought: `While ${key} is on, the next writer of ${table} adds the feature again. So it goes off first.`,
    },
  ];
}

function drop(table: string, feature: string): Question {
  return {
    tool: 'propose_schema_evolution',
    args: { table, op: 'drop_feature', arg: { feature } },
    thought: `Then the feature ${feature} itself, so that the reader can open ${table} again.`,
  };
}
