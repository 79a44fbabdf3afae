import { describe, expect, it } from 'vitest';
import { lineageOf } from './lineage.js';
import { applyForm, formFor, type ModifyContext } from './modify.js';
import { Inventory } from './pipeline.js';
import { Policy } from './policy.js';
import { Expectation, Proposal, proposalDigest } from './proposal.js';

const inventory = Inventory.parse({
  pipelines: [
    {
      dag: 'etl',
      owner: 'a',
      tasks: [
        { id: 'ingest', writes: ['bronze.x'], mode: 'append' },
        { id: 'load', after: ['ingest'], reads: ['bronze.x'], writes: ['silver.x'], mode: 'overwrite' },
        { id: 'notify', after: ['load'] },
      ],
    },
  ],
  configTargets: [{ path: 'etl.memory', component: 'spark', managed: 'live', file: 'f', key: 'memory', unit: 'g' }],
});
const policy = Policy.parse({ version: 1, caps: { 'etl.memory': 16 }, expiryMinutes: 30 });
const context: ModifyContext = {
  inventory,
  policy,
  by: 'ada@example.com',
  now: new Date('2026-03-11T03:00:00Z'),
  lineage: lineageOf(inventory),
};
const fact = (name: string, target: string, value: string): Expectation =>
  Expectation.parse({ fact: name, target, op: 'equals', value, text: `${target} is ${value}` });
const step = (action: object, more: object = {}): object => ({
  action,
  title: 't',
  before: 'b',
  after: 'memory: 6g\n(place)',
  effects: ['e'],
  idempotency: 'idempotent',
  restorePoint: 'r',
  touches: ['silver.x'],
  preconditions: [],
  verification: [],
  ...more,
});
const proposal = (...steps: object[]): Proposal =>
  Proposal.parse({
    v: 1,
    incident: 'INC-1',
    revision: 1,
    proposedBy: 'agent',
    steps,
    why: 'w',
    risk: { level: 'trivial', reasons: ['r'] },
    blastRadius: { datasets: [], pipelines: [] },
    expiresAt: '2026-03-11T02:30:00.000Z',
  });

const retry = proposal(
  step({ do: 'retry', dag: 'etl', run: 'r1', tasks: ['load', 'notify'], mark_success: ['ingest'] }),
);
const column = proposal(
  step(
    { do: 'schema_evolution', table: 'silver.x', op: 'add_column', arg: { name: 'qty', type: 'integer' } },
    { verification: [fact('delta.column_type', 'silver.x/qty', 'integer')] },
  ),
);
const alternatives = [
  { to: 'beef'.repeat(10), value: '8', text: '8 (beefbeef, 38d ago)' },
  { to: 'face'.repeat(10), value: '6', text: '6 (faceface, 90d ago)' },
];
const rollback = proposal(
  step(
    { do: 'config_rollback', target: 'etl.memory', to: 'prev' },
    { alternatives, verification: [fact('config.value', 'etl.memory', '8')] },
  ),
);
const raise = proposal(
  step(
    { do: 'resource_increase', target: 'etl.memory', value: 6 },
    {
      preconditions: [fact('config.value', 'etl.memory', '4096m')],
      verification: [fact('config.value', 'etl.memory', '6144m')],
    },
  ),
);

function edited(from: Proposal, values: Record<string, string>): Proposal {
  const result = applyForm(from, values, context);
  if ('fields' in result) throw new Error(JSON.stringify(result.fields));
  return result.proposal;
}
function faults(from: Proposal, values: Record<string, string>): Record<string, string> {
  const result = applyForm(from, values, context);
  return 'fields' in result ? result.fields : {};
}

describe('the form', () => {
  it('holds what may be changed about each step, with its bounds', () => {
    const plan = proposal(...[retry, column, rollback, raise].flatMap(({ steps }) => steps));
    expect(formFor(plan, policy).fields).toMatchInlineSnapshot(`
      [
        {
          "hint": "Names, separated by commas; of: load, notify, ingest",
          "kind": "text",
          "label": "Step 1: Tasks to run again",
          "maxLength": 4000,
          "multiline": false,
          "name": "steps.0.tasks",
          "required": true,
          "value": "load, notify",
        },
        {
          "hint": "Names, separated by commas; of: load, notify, ingest",
          "kind": "text",
          "label": "Step 1: Tasks to take as done",
          "maxLength": 4000,
          "multiline": false,
          "name": "steps.0.mark_success",
          "required": false,
          "value": "ingest",
        },
        {
          "kind": "number",
          "label": "Step 1: Wait after approval",
          "maximum": 1440,
          "minimum": 0,
          "name": "steps.0.not_before_minutes",
          "required": true,
          "unit": "min",
          "value": "0",
        },
        {
          "kind": "choice",
          "label": "Step 2: Type of qty",
          "name": "steps.1.type",
          "options": [
            {
              "label": "integer",
              "value": "integer",
            },
            {
              "label": "long",
              "value": "long",
            },
            {
              "label": "double",
              "value": "double",
            },
          ],
          "required": true,
          "value": "integer",
        },
        {
          "kind": "choice",
          "label": "Step 3: Value of etl.memory",
          "name": "steps.2.to",
          "options": [
            {
              "label": "8 (beefbeef, 38d ago)",
              "value": "beefbeefbeefbeefbeefbeefbeefbeefbeefbeef",
            },
            {
              "label": "6 (faceface, 90d ago)",
              "value": "facefacefacefacefacefacefacefacefaceface",
            },
          ],
          "required": true,
          "value": "beefbeefbeefbeefbeefbeefbeefbeefbeefbeef",
        },
        {
          "hint": "Now 4096m; the policy allows up to 16",
          "kind": "number",
          "label": "Step 4: etl.memory",
          "maximum": 16,
          "name": "steps.3.value",
          "required": true,
          "value": "6",
        },
      ]
    `);
  });

  it('is empty when nothing may be changed', () => {
    const fixed = proposal(
      step({ do: 'schema_evolution', table: 'silver.x', op: 'set_property', arg: { key: 'a.b', value: 'c' } }),
    );
    expect(formFor(fixed).fields).toEqual([]);
  });
});

describe('an edit', () => {
  it('is a new version by the person who made it, with a new hash, score and expiry', () => {
    const next = edited(retry, { 'steps.0.not_before_minutes': '45' });
    expect(Proposal.parse(next)).toEqual(next);
    expect(next).toMatchObject({ revision: 2, proposedBy: 'ada@example.com', expiresAt: '2026-03-11T03:30:00.000Z' });
    expect(proposalDigest(next)).not.toBe(proposalDigest(retry));
    expect(next.steps[0]?.after).toContain('45 min after approval');
    expect(next.steps[0]?.verification[0]).toMatchObject({
      fact: 'airflow.run_state',
      value: 'success',
      withinSeconds: (45 + 90) * 60,
    });
  });

  it('leaves steps alone that nobody touched, and their texts', () => {
    const plan = proposal(...[column, raise].flatMap(({ steps }) => steps));
    const next = edited(plan, { 'steps.1.value': '8' });
    expect(next.steps[0]).toEqual(plan.steps[0]);
  });

  it('that runs fewer tasks touches less', () => {
    expect(edited(retry, { 'steps.0.tasks': 'notify' }).steps[0]).toMatchObject({
      action: { tasks: ['notify'] },
      touches: [],
    });
  });

  it('that skips a task which is not proven done is high risk, and says so', () => {
    const next = edited(retry, { 'steps.0.tasks': 'notify', 'steps.0.mark_success': 'ingest, load' });
    expect(next.risk.level).toBe('high');
    expect(next.steps[0]).toMatchObject({ idempotency: 'not_idempotent', touches: ['silver.x'] });
    expect(next.steps[0]?.effects[0]).toBe(
      'load is set to success although it did not finish: its work is not done by this run.',
    );
  });

  it('of a type carries through to the promise', () => {
    const next = edited(column, { 'steps.0.type': 'long' });
    expect(next.steps[0]).toMatchObject({
      action: { arg: { name: 'qty', type: 'long' } },
      after: 'qty: long (may be empty)',
      verification: [{ value: 'long', text: 'silver.x/qty is long' }],
    });
  });

  it('of a rollback chooses among the values that were read', () => {
    const next = edited(rollback, { 'steps.0.to': 'face'.repeat(10) });
    expect(next.steps[0]).toMatchObject({
      action: { to: 'face'.repeat(10) },
      after: 'memory: 6\n(place)',
      verification: [{ fact: 'config.value', value: '6' }],
    });
  });

  it('of a value is written in the notation of the setting', () => {
    const next = edited(raise, { 'steps.0.value': '12' });
    expect(next.steps[0]).toMatchObject({
      action: { value: 12 },
      after: 'memory: 12288m\n(place)',
      verification: [{ value: '12288m' }],
    });
    expect(next.risk.level).toBe('high');
  });
});

describe('a wrong value is refused by name', () => {
  it.each<[string, Proposal, Record<string, string>, string]>([
    ['a task of another run', retry, { tasks: 'load, drop_everything' }, 'tasks'],
    ['no task at all', retry, { tasks: ' , ' }, 'tasks'],
    ['a task that has already written', retry, { tasks: 'ingest, load', mark_success: '' }, 'tasks'],
    ['a task both run and skipped', retry, { mark_success: 'ingest, load' }, 'mark_success'],
    ['a wait of days', retry, { not_before_minutes: '1441' }, 'not_before_minutes'],
    ['a wait that is no number', retry, { not_before_minutes: 'soon' }, 'not_before_minutes'],
    ['half a minute', retry, { not_before_minutes: '0.5' }, 'not_before_minutes'],
    ['a type that is no widening', column, { type: 'string' }, 'type'],
    ['a type that is SQL', column, { type: 'integer); drop table x' }, 'type'],
    ['a commit that was not offered', rollback, { to: 'abcdef0' }, 'to'],
    ['more than the cap', raise, { value: '17' }, 'value'],
    ['no increase', raise, { value: '4' }, 'value'],
    ['text for a number', raise, { value: '8; rm' }, 'value'],
    ['nothing', raise, { value: '' }, 'value'],
    ['infinity', raise, { value: 'Infinity' }, 'value'],
  ])('%s', (_, from, values, field) => {
    const named = Object.fromEntries(Object.entries(values).map(([name, value]) => [`steps.0.${name}`, value]));
    expect(Object.keys(faults(from, named))).toEqual([`steps.0.${field}`]);
  });

  it('a field that the form does not have', () => {
    expect(faults(column, { 'steps.0.name': 'other', 'steps.0.type': 'long' })).toEqual({
      'steps.0.name': 'can not be changed',
    });
    expect(faults(raise, { 'steps.1.value': '8' })).toEqual({ 'steps.1.value': 'can not be changed' });
  });

  it('an increase whose cap was taken away in the meantime', () => {
    const result = applyForm(raise, { 'steps.0.value': '8' }, { ...context, policy: Policy.parse({ version: 1 }) });
    expect(result).toHaveProperty('fields');
  });
});
