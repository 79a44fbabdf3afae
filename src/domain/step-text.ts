import { clipped } from './clipped.js';
import type { ConfigRollback, Expectation, ResourceIncrease, Retry, SchemaEvolution } from './proposal.js';

/** What a step changes, in words that follow from its action alone: the drafting tools and a person's edit must say the same. */

/** The run with its tasks after a retry, one a line. */
export function retryAfter(action: Retry): string {
  const tasks = action.tasks === 'failed' ? ['all failed tasks'] : action.tasks;
  return [
    `run ${action.run}: runs again${action.not_before_minutes > 0 ? `, ${action.not_before_minutes} min after approval at the earliest` : ''}`,
    ...tasks.map((task) => `task ${task}: cleared, runs again`),
    ...action.mark_success.map((task) => `task ${task}: set to success, does not run again`),
  ].join('\n');
}

export function retryTitle(action: Retry): string {
  const tasks = action.tasks === 'failed' ? 'failed tasks' : shortList(action.tasks);
  const skipped = action.mark_success.length > 0 ? `, taking ${shortList(action.mark_success)} as done` : '';
  return clip(`Retry ${action.dag} (${action.run}): ${tasks}${skipped}`);
}

/** Verification of a retry: the run ends well in time. */
export function retryVerification(action: Retry, verificationMinutes: number): Expectation[] {
  const withinSeconds = Math.min(86_400, (action.not_before_minutes + verificationMinutes) * 60);
  return [
    {
      fact: 'airflow.run_state',
      target: `${action.dag}/${action.run}`,
      op: 'equals',
      value: 'success',
      text: `Run ${clip(action.run)} of ${clip(action.dag)} ends in success`.slice(0, 300),
      withinSeconds,
    },
  ];
}

/** The line of the table's shape that a change leaves behind. */
export function schemaAfter({ op, arg }: SchemaEvolution): string {
  switch (op) {
    case 'add_column':
      return `${arg['name']}: ${arg['type']} (may be empty)`;
    case 'rename':
      return `${arg['to']}: same type and data as ${arg['from']} has now`;
    case 'set_type':
    case 'revert_type':
      return `${arg['column']}: ${arg['type']}`;
    case 'set_property':
      return `${arg['key']} = ${String(arg['value'])}`;
    case 'add_feature':
      return `table feature ${arg['feature']}: supported`;
    case 'drop_feature':
      return `table feature ${arg['feature']}: gone`;
    case 'set_reader_schema':
      return `newest schema: the one of version ${arg['version']}`;
  }
}

export function schemaTitle({ table, op, arg }: SchemaEvolution): string {
  const what = {
    add_column: `add column ${arg['name']} ${arg['type']}`,
    rename: `rename column ${arg['from']} to ${arg['to']}`,
    set_type: `widen column ${arg['column']} to ${arg['type']}`,
    revert_type: `take column ${arg['column']} back to ${arg['type']}`,
    set_property: `set ${arg['key']} = ${String(arg['value'])}`,
    add_feature: `add table feature ${arg['feature']}`,
    drop_feature: `drop table feature ${arg['feature']}`,
    set_reader_schema: `make the schema of version ${arg['version']} the newest`,
  }[op];
  return clip(`${table}: ${what}`);
}

export function rollbackTitle(action: ConfigRollback, value: string): string {
  return clip(`Put ${action.target} back to ${value}`);
}

export function increaseTitle(action: ResourceIncrease, value: string): string {
  return clip(`Raise ${action.target} to ${value}`);
}

/** Verification of a changed setting: it holds the value, soon. */
export function configVerification(target: string, value: string, withinSeconds: number): Expectation {
  return {
    fact: 'config.value',
    target,
    op: 'equals',
    value,
    text: `${target} is ${value}`.slice(0, 300),
    withinSeconds,
  };
}

function shortList(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}

function clip(text: string): string {
  return clipped(text, 200);
}
