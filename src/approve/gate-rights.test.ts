import { beforeEach, describe, expect, it } from 'vitest';
import { ben, cleo, createGateCase, type GateCase, stranger } from '../../test/support/gate-case.js';
import { INCREASE, testClick, testPolicy, testStep } from '../../test/support/incidents.js';
import { lineageOf } from '../domain/lineage.js';
import { Inventory } from '../domain/pipeline.js';
import { Sighting } from '../domain/sighting.js';

let c: GateCase;
beforeEach(() => {
  c = createGateCase();
});

describe('who may', () => {
  it('lets nobody approve when the list is not set', async () => {
    c.policy = testPolicy({ approvers: {} });
    const { card } = await c.opened();
    const answer = await c.gate.decide(testClick(card));
    expect(answer.outcome).toBe('not_allowed');
    expect(answer.text).toContain('approvers.risk.medium is not set');
  });

  it('lets nobody approve through a group that does not exist', async () => {
    c.policy = testPolicy({ approvers: { risk: { medium: ['@ghosts'] } } });
    const { card } = await c.opened();
    expect((await c.gate.decide(testClick(card))).outcome).toBe('not_allowed');
  });

  it('refuses a stranger, also to modify and to reject, and records each attempt once', async () => {
    const { card } = await c.opened();
    for (const verdict of ['approve', 'modify', 'reject'] as const) {
      for (let again = 0; again < 3; again++) {
        const answer = await c.gate.decide(testClick({ ...card, by: stranger, verdict, words: 'let me in please' }));
        expect(answer).toMatchObject({
          outcome: 'not_allowed',
          text: expect.stringContaining('zed@example.com is not on the list'),
        });
      }
    }
    expect((await c.events('INC-1', 'click.refused')).map((refused) => refused.verdict)).toEqual([
      'approve',
      'modify',
      'reject',
    ]);
  });

  it('takes the same person for the same however the address is written', async () => {
    const { card } = await c.opened();
    const answer = await c.gate.decide(testClick({ ...card, by: { id: 'Ana@Example.COM', via: 'teams' } }));
    expect(answer.outcome).toBe('decided');
  });

  it.each([
    'Ana <ana@example.com>',
    ' ana@example.com',
    'ana@example.com\n',
    '\uFF41na@example.com',
    '@oncall',
    'oncall',
  ])('does not take %j for a person on the list', async (id) => {
    const { card } = await c.opened();
    expect((await c.gate.decide(testClick({ ...card, by: { id, via: 'web' } }))).outcome).toBe('not_allowed');
  });

  it('wants the approver on the list of every kind in the plan that has one', async () => {
    c.policy = testPolicy({
      approvers: {
        risk: { medium: ['@oncall', 'cleo@example.com'] },
        kind: { retry: ['ana@example.com', 'ben@example.com'], resource_increase: ['ben@example.com'] },
      },
    });
    const retry = testStep({
      do: 'retry',
      dag: 'd',
      run: 'r',
      tasks: 'failed',
      mark_success: [],
      not_before_minutes: 0,
    });
    const { card } = await c.opened({ steps: [testStep(INCREASE), retry] });
    expect((await c.gate.decide(testClick(card))).text).toContain('of the kind resource_increase');
    expect((await c.gate.decide(testClick({ ...card, by: cleo }))).outcome).toBe('not_allowed');
    expect((await c.gate.decide(testClick({ ...card, by: ben }))).outcome).toBe('decided');
  });

  it.each([
    ['opened the incident', { openedBy: 'ANA@example.com' }],
    ['proposed the repair', { more: { proposedBy: 'ana@example.com' } }],
    ['wrote the change under repair', { more: { authorsOfCause: ['Ana <ana@example.com>'] } }],
  ])('refuses the approval of somebody who %s, but not their rejection', async (_, more) => {
    const { card } = await c.opened(more);
    expect((await c.gate.decide(testClick(card))).outcome).toBe('not_allowed');
    expect((await c.gate.decide(testClick({ ...card, by: ben, verdict: 'modify', values: {} }))).outcome).toBe(
      'invalid',
    );
    expect(await c.events('INC-1', 'click.refused')).toHaveLength(1);
    expect((await c.gate.decide(testClick({ ...card, verdict: 'reject' }))).outcome).toBe('decided');
  });
});

describe('what the policy does not allow anybody', () => {
  it.each([
    ['a target without a cap', { caps: {} }, 'no cap'],
    ['a value over the cap', { caps: { 'feature_export.memory_gi': 12 } }, '12 at most'],
    ['a protected target', { protectedTargets: ['feature_*'] }, 'protected'],
    [
      'a change freeze',
      { freezes: [{ from: '2026-03-11T00:00:00Z', to: '2026-03-12T00:00:00Z', reason: 'quarter end' }] },
      'quarter end',
    ],
  ])('%s', async (_, more, says) => {
    c.policy = testPolicy(more);
    const { card } = await c.opened();
    const answer = await c.gate.decide(testClick(card));
    expect(answer.outcome).toBe('not_allowed');
    expect(answer.text).toContain(says);
    expect((await c.gate.decide(testClick({ ...card, verdict: 'reject' }))).outcome).toBe('decided');
  });

  it('a card from before a run was seen that carries what it touches into sensitive data', async () => {
    const inventory = Inventory.parse({ pipelines: [], tables: [{ name: 'ml.churn', classes: ['pii'] }] });
    const at = '2026-01-01T00:00:00.000Z';
    const seen = (does: string, name: string): Sighting =>
      Sighting.parse({ job: { namespace: 'x', name: 'churn' }, does, dataset: { namespace: 's3://lake', name }, at });
    let sightings: Sighting[] = [];
    const c = createGateCase({ lineage: () => lineageOf(inventory, { sightings, now: new Date(at) }) });
    const { card } = await c.opened();
    sightings = [seen('reads', 'gold/features'), seen('writes', 'ml/churn')];
    const answer = await c.gate.decide(testClick(card));
    expect(answer).toMatchObject({ outcome: 'not_allowed' });
    expect(answer.text).toContain('the card says medium risk, and by the rules of now it is high');
  });

  it('a card that says less risk than the rules find, though one click would do for what it says', async () => {
    const { card } = await c.opened({ level: 'trivial' });
    const answer = await c.gate.decide(testClick({ ...card, words: '' }));
    expect(answer.outcome).toBe('not_allowed');
    expect(answer.text).toContain('the card says trivial risk, and by the rules of now it is medium');
  });

  it('lets a freeze end at its last instant', async () => {
    c.policy = testPolicy({ freezes: [{ from: '2026-03-11T00:00:00Z', to: '2026-03-11T02:14:00Z', reason: 'x' }] });
    const { card } = await c.opened();
    expect((await c.gate.decide(testClick(card))).outcome).toBe('decided');
  });
});
