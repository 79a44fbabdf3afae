import { describe, expect, it } from 'vitest';
import { lineageOf } from './lineage.js';
import { Inventory } from './pipeline.js';
import { Policy } from './policy.js';
import type { Expectation, ProposalStep, RepairAction } from './proposal.js';
import { scoreRisk } from './risk.js';

const task = (id: string, reads: string[], writes: string[]) => ({ id, reads, writes, mode: 'overwrite' });
const inventory = (severity: 'medium' | 'critical') =>
  Inventory.parse({
    pipelines: [
      { dag: 'etl', owner: 'a', tasks: [task('load', ['raw.x'], ['silver.x'])] },
      { dag: 'report', owner: 'b', severity, tasks: [task('build', ['silver.x'], ['gold.x'])] },
    ],
  });
const lineage = (severity: 'medium' | 'critical') => lineageOf(inventory(severity));
const policy = Policy.parse({ version: 1, caps: { 'app.memory': 32 } });

function step(action: RepairAction, more: Partial<ProposalStep> = {}): ProposalStep {
  return {
    action,
    title: 't',
    before: 'b',
    after: 'a',
    effects: [],
    idempotency: 'idempotent',
    restorePoint: 'r',
    touches: ['gold.x'],
    preconditions: [],
    verification: [],
    ...more,
  };
}
const retry = (more: Partial<ProposalStep> = {}, done: string[] = []): ProposalStep =>
  step({ do: 'retry', dag: 'etl', run: 'r', tasks: ['load'], mark_success: done, not_before_minutes: 0 }, more);
const shape = (
  op: 'add_column' | 'rename' | 'set_type' | 'revert_type' | 'set_property' | 'drop_feature' | 'set_reader_schema',
  touches = ['gold.x'],
): ProposalStep => step({ do: 'schema_evolution', table: 'silver.x', op, arg: {} }, { touches });
const raise = (value: number, state = 'FAILED', target = 'app.memory'): ProposalStep => {
  const running: Expectation = {
    fact: 'k8s.spark_state',
    target: 'ns/app',
    op: 'equals',
    value: state,
    text: '',
    withinSeconds: 0,
  };
  return step({ do: 'resource_increase', target, value }, { preconditions: [running] });
};

describe('the risk of one step', () => {
  it.each<[string, ProposalStep, string]>([
    ['a retry that writes the same again', retry(), 'trivial'],
    ['a retry of an append that has not written', retry({ idempotency: 'guarded' }), 'low'],
    ['a retry behind a task that is proven done', retry({}, ['ingest']), 'low'],
    ['a retry that may double or lose rows', retry({ idempotency: 'not_idempotent' }), 'high'],
    ['a column that may be empty', shape('add_column', ['silver.x']), 'low'],
    ['a rename that nobody reads', shape('rename'), 'medium'],
    ['a rename that others read', shape('rename', ['silver.x']), 'high'],
    ['a wider type', shape('set_type'), 'medium'],
    ['an earlier type', shape('revert_type'), 'high'],
    ['a property', shape('set_property'), 'medium'],
    ['a feature', shape('drop_feature'), 'medium'],
    ['an earlier schema of a source', shape('set_reader_schema'), 'medium'],
    ['a rollback of a setting', step({ do: 'config_rollback', target: 'app.image', to: 'prev' }), 'medium'],
    ['an increase up to half the cap', raise(16), 'medium'],
    ['an increase above half the cap', raise(17), 'high'],
    ['an increase that restarts what runs', raise(8, 'RUNNING'), 'high'],
    ['an increase without a cap', raise(8, 'FAILED', 'other.memory'), 'high'],
  ])('%s', (_, one, level) => {
    const risk = scoreRisk([one], lineage('medium'), policy);
    expect(risk.level).toBe(level);
    expect(risk.reasons).toHaveLength(1);
  });
});

describe('the risk of a plan', () => {
  it('is that of its worst step, with a reason for each', () => {
    const risk = scoreRisk([shape('add_column', ['raw.x']), retry()], lineage('medium'), policy);
    expect(risk).toMatchInlineSnapshot(`
      {
        "level": "low",
        "reasons": [
          "Adds a column to silver.x that may be empty: readers that do not know it are not affected.",
          "Runs failed tasks of etl again; they write the same result each time.",
        ],
      }
    `);
  });

  it('is one level more when critical pipelines read what it touches, and never above high', () => {
    const risk = scoreRisk([shape('add_column', ['raw.x'])], lineage('critical'), policy);
    expect(risk.level).toBe('medium');
    expect(risk.reasons.at(-1)).toBe('Critical pipelines read what this touches: report; that counts one level more.');
    expect(scoreRisk([shape('revert_type', ['silver.x'])], lineage('critical'), policy).level).toBe('high');
  });

  it('does not count critical pipelines that read nothing of it', () => {
    expect(scoreRisk([retry()], lineage('critical'), policy).level).toBe('trivial');
  });
});
