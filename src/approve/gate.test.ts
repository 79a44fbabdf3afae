import { beforeEach, describe, expect, it } from 'vitest';
import {
  INCREASE,
  openWithProposal,
  TEST_KEY,
  testClick,
  testPolicy,
  testRedactor,
  testStep,
} from '../../test/support/incidents.js';
import { createManualClock, createMemoryLog, createMemoryOnce, type MemoryLog } from '../../test/support/memory-log.js';
import type { Click, ClickAnswer, Person } from '../domain/decision.js';
import type { EventOf, EventType } from '../domain/events.js';
import { foldIncident } from '../domain/incident.js';
import type { Policy } from '../domain/policy.js';
import type { RepairAction } from '../domain/proposal.js';
import { createGate, type Gate } from './gate.js';
import { createSigner, createVerifier } from './seal.js';

const RETRY: RepairAction = {
  do: 'retry',
  dag: 'd',
  run: 'r',
  tasks: 'failed',
  mark_success: [],
  not_before_minutes: 0,
};

/** A step that the form can change: it knows the value of now. */
const EDITABLE = testStep(INCREASE, {
  preconditions: [
    {
      fact: 'config.value',
      target: 'feature_export.memory_gi',
      op: 'equals',
      value: '8',
      text: 'It is 8 now',
      withinSeconds: 0,
    },
  ],
});

const ana: Person = { id: 'ana@example.com', via: 'web' };
const ben: Person = { id: 'ben@example.com', via: 'slack' };
const cleo: Person = { id: 'cleo@example.com', via: 'web' };
const stranger: Person = { id: 'zed@example.com', via: 'web' };

let clock: ReturnType<typeof createManualClock>;
let log: MemoryLog;
let policy: Policy;
let gate: Gate;

const newGate = (): Gate =>
  createGate({
    log,
    once: createMemoryOnce(),
    policy: () => ({ policy, digest: 'p'.repeat(64) }),
    signer: createSigner(TEST_KEY.privateKeyPem),
    redactor: testRedactor,
    clock,
    inventory: { pipelines: [], configTargets: [], metrics: [] },
  });

beforeEach(() => {
  clock = createManualClock();
  log = createMemoryLog(clock);
  policy = testPolicy();
  gate = newGate();
});

async function events<T extends EventType>(incident: string, type: T): Promise<EventOf<T>['data'][]> {
  const stored = await log.read(incident);
  return stored.flatMap(({ entry }) => (entry.type === type ? [entry.data as EventOf<T>['data']] : []));
}

async function opened(
  more: Partial<Parameters<typeof openWithProposal>[1]> = {},
): Promise<{ card: Pick<Click, 'incident' | 'shownDigest'> }> {
  const { incident, digest } = await openWithProposal(log, { incident: 'INC-1', steps: [EDITABLE], ...more });
  return { card: { incident, shownDigest: digest } };
}

describe('approving', () => {
  it('writes one signed decision and the repair job in the same append, and says who and when', async () => {
    const { card } = await opened();
    const answer = await gate.decide(testClick(card));
    expect(answer.outcome).toBe('decided');
    expect(answer.text).toContain('ana@example.com approved this on 2026-03-11 at 02:14:00 UTC');
    const [decision] = await events('INC-1', 'decision.recorded');
    expect(decision?.statement).toMatchObject({
      proposalDigest: card.shownDigest,
      verdict: 'approve',
      policyDigest: 'p'.repeat(64),
      votes: [{ by: ana, check: 'heap graph shows 7.9 GiB' }],
    });
    if (decision === undefined) throw new Error('no decision');
    const verifier = createVerifier({ any: TEST_KEY.publicKeyPem });
    expect(verifier.verify(decision.statement, decision.seal)).toBe(true);
    expect(verifier.verify({ ...decision.statement, incident: 'INC-2' }, decision.seal)).toBe(false);
    const id = decision.statement.decisionId;
    expect(id).toMatch(/^dec-[0-9a-f]{20}$/);
    expect(log.jobs).toEqual([{ queue: 'repair', id, incident: 'INC-1', decisionId: id }]);
  });

  it('takes one click without words for trivial risk', async () => {
    const { card } = await opened({ level: 'trivial', steps: [testStep(RETRY, { idempotency: 'idempotent' })] });
    expect((await gate.decide(testClick({ ...card, words: '' }))).outcome).toBe('decided');
  });

  it('delays the repair of a retry that must not start before its time', async () => {
    const retry = testStep({
      do: 'retry',
      dag: 'd',
      run: 'r',
      tasks: 'failed',
      mark_success: [],
      not_before_minutes: 30,
    });
    const { card } = await opened({ steps: [retry] });
    await gate.decide(testClick(card));
    expect(log.jobs[0]?.delayMs).toBe(30 * 60_000);
  });

  it.each([
    ['nothing', ''],
    ['blanks', '            '],
    ['too little', 'ok fine'],
    ['one letter held down', 'aaaaaaaaaaaaaaa'],
    ['one word again and again', 'lgtm lgtm lgtm'],
    ['punctuation', '!!!! .... ???? ----'],
    ['the title of the step', 'Raise the memory of feature_export'],
    ['the reason, in capitals', 'THE DRIVER RAN OUT OF MEMORY AT EIGHT GIBIBYTES'],
    ['a part of the diff', 'memory gi: 16'],
    ['a sentence of the card with a nod', 'ok: The driver ran out of memory at eight gibibytes'],
    ['a novel', 'heap graph '.repeat(100)],
  ])('does not take %s for an independent check', async (_, words) => {
    const { card } = await opened();
    const answer = await gate.decide(testClick({ ...card, words }));
    expect(answer).toMatchObject({ outcome: 'invalid', fields: { words: expect.any(String) } });
    expect(await events('INC-1', 'decision.recorded')).toEqual([]);
    expect((await gate.decide(testClick(card))).outcome).toBe('decided');
  });

  it('redacts what the approver wrote before it is stored', async () => {
    const { card } = await opened();
    await gate.decide(testClick({ ...card, words: 'logged in with hunter2 and saw the heap' }));
    expect(log.lines.join()).toContain('logged in with <SECRET>');
    expect(log.lines.join()).not.toContain('hunter2');
  });
});

describe('who may', () => {
  it('lets nobody approve when the list is not set', async () => {
    policy = testPolicy({ approvers: {} });
    const { card } = await opened();
    const answer = await gate.decide(testClick(card));
    expect(answer.outcome).toBe('not_allowed');
    expect(answer.text).toContain('approvers.risk.medium is not set');
  });

  it('lets nobody approve through a group that does not exist', async () => {
    policy = testPolicy({ approvers: { risk: { medium: ['@ghosts'] } } });
    const { card } = await opened();
    expect((await gate.decide(testClick(card))).outcome).toBe('not_allowed');
  });

  it('refuses a stranger, also to modify and to reject, and records each attempt once', async () => {
    const { card } = await opened();
    for (const verdict of ['approve', 'modify', 'reject'] as const) {
      for (let again = 0; again < 3; again++) {
        const answer = await gate.decide(testClick({ ...card, by: stranger, verdict, words: 'let me in please' }));
        expect(answer).toMatchObject({
          outcome: 'not_allowed',
          text: expect.stringContaining('zed@example.com is not on the list'),
        });
      }
    }
    expect((await events('INC-1', 'click.refused')).map((refused) => refused.verdict)).toEqual([
      'approve',
      'modify',
      'reject',
    ]);
  });

  it('takes the same person for the same however the address is written', async () => {
    const { card } = await opened();
    const answer = await gate.decide(testClick({ ...card, by: { id: ' Ana@Example.COM', via: 'teams' } }));
    expect(answer.outcome).toBe('decided');
  });

  it('wants the approver on the list of every kind in the plan that has one', async () => {
    policy = testPolicy({
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
    const { card } = await opened({ steps: [testStep(INCREASE), retry] });
    expect((await gate.decide(testClick(card))).text).toContain('of the kind resource_increase');
    expect((await gate.decide(testClick({ ...card, by: cleo }))).outcome).toBe('not_allowed');
    expect((await gate.decide(testClick({ ...card, by: ben }))).outcome).toBe('decided');
  });

  it.each([
    ['opened the incident', { openedBy: 'ANA@example.com' }],
    ['proposed the repair', { more: { proposedBy: 'ana@example.com' } }],
    ['wrote the change under repair', { more: { authorsOfCause: ['Ana <ana@example.com>'] } }],
  ])('refuses the approval of somebody who %s, but not their rejection', async (_, more) => {
    const { card } = await opened(more);
    expect((await gate.decide(testClick(card))).outcome).toBe('not_allowed');
    expect((await gate.decide(testClick({ ...card, by: ben, verdict: 'modify', values: {} }))).outcome).toBe('invalid');
    expect(await events('INC-1', 'click.refused')).toHaveLength(1);
    expect((await gate.decide(testClick({ ...card, verdict: 'reject' }))).outcome).toBe('decided');
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
    policy = testPolicy(more);
    const { card } = await opened();
    const answer = await gate.decide(testClick(card));
    expect(answer.outcome).toBe('not_allowed');
    expect(answer.text).toContain(says);
    expect((await gate.decide(testClick({ ...card, verdict: 'reject' }))).outcome).toBe('decided');
  });

  it('a card that says less risk than the rules find, though one click would do for what it says', async () => {
    const { card } = await opened({ level: 'trivial' });
    const answer = await gate.decide(testClick({ ...card, words: '' }));
    expect(answer.outcome).toBe('not_allowed');
    expect(answer.text).toContain('the card says trivial risk, and by the rules of now it is medium');
  });

  it('lets a freeze end at its last instant', async () => {
    policy = testPolicy({ freezes: [{ from: '2026-03-11T00:00:00Z', to: '2026-03-11T02:14:00Z', reason: 'x' }] });
    const { card } = await opened();
    expect((await gate.decide(testClick(card))).outcome).toBe('decided');
  });
});

describe('high risk', () => {
  it('needs two different people; one person with two clicks, two chats and two spellings is still one', async () => {
    const { card } = await opened({ level: 'high' });
    expect(await gate.decide(testClick(card))).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    expect((await gate.decide(testClick({ ...card, words: 'looked at the pod metrics' }))).outcome).toBe('duplicate');
    const again = { ...card, by: { id: 'ANA@example.com', via: 'slack' as const }, words: 'looked at the pod metrics' };
    expect((await gate.decide(testClick(again))).outcome).toBe('duplicate');
    expect(await events('INC-1', 'decision.recorded')).toEqual([]);
    expect(log.jobs).toEqual([]);
    const last = await gate.decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' }));
    expect(last.outcome).toBe('decided');
    expect(last.text).toContain('ana@example.com and ben@example.com approved');
    expect(await events('INC-1', 'vote.cast')).toHaveLength(1);
  });

  it('does not take the words of the first approver from the second', async () => {
    const { card } = await opened({ level: 'high' });
    await gate.decide(testClick(card));
    const copy = await gate.decide(testClick({ ...card, by: ben, words: 'Heap graph shows 7.9 GiB!' }));
    expect(copy).toMatchObject({ outcome: 'invalid', text: expect.stringContaining('other approver') });
  });

  it('does not count a first vote by somebody who was taken off the list since', async () => {
    const { card } = await opened({ level: 'high' });
    await gate.decide(testClick(card));
    policy = testPolicy({ approvers: { risk: { high: ['ben@example.com', 'cleo@example.com'] } } });
    const second = await gate.decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' }));
    expect(second).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    expect((await gate.decide(testClick({ ...card, by: cleo, words: 'quota allows sixteen' }))).outcome).toBe(
      'decided',
    );
  });

  it('asks for as many as the policy says', async () => {
    policy = testPolicy({ fourEyes: { high: 3 } });
    const { card } = await opened({ level: 'high' });
    expect(await gate.decide(testClick(card))).toMatchObject({ missing: 2 });
    expect(await gate.decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' }))).toMatchObject({
      missing: 1,
    });
    expect((await gate.decide(testClick({ ...card, by: cleo, words: 'quota allows sixteen' }))).outcome).toBe(
      'decided',
    );
  });
});

describe('rejecting', () => {
  it('needs a reason, is final, and makes no job', async () => {
    const { card } = await opened();
    expect((await gate.decide(testClick({ ...card, verdict: 'reject', words: ' ' }))).outcome).toBe('invalid');
    const answer = await gate.decide(testClick({ ...card, verdict: 'reject' }));
    expect(answer).toMatchObject({ outcome: 'decided', text: expect.stringContaining('Reason: wrong application') });
    expect(log.jobs).toEqual([]);
    const late = await gate.decide(testClick({ ...card, by: ben }));
    expect(late).toMatchObject({
      outcome: 'too_late',
      text: expect.stringContaining('ana@example.com rejected this on 2026-03-11'),
    });
  });

  it('ends a proposal that already has one of two votes', async () => {
    const { card } = await opened({ level: 'high' });
    await gate.decide(testClick(card));
    expect((await gate.decide(testClick({ ...card, by: ben, verdict: 'reject' }))).outcome).toBe('decided');
    expect((await gate.decide(testClick({ ...card, by: cleo }))).outcome).toBe('too_late');
  });
});

describe('time', () => {
  it('lets the click that comes too late record the expiry', async () => {
    const { card } = await opened({ expiresAt: '2026-03-11T03:14:00.000Z' });
    clock.advance(59 * 60_000);
    expect((await gate.decide(testClick({ ...card, words: '' }))).outcome).toBe('invalid');
    clock.advance(60_000);
    const late = testClick(card);
    const answer = await gate.decide(late);
    expect(answer).toMatchObject({
      outcome: 'too_late',
      text: expect.stringContaining('expired on 2026-03-11 at 03:14:00 UTC'),
    });
    expect(await newGate().decide(late)).toEqual(answer);
    expect((await gate.decide(testClick({ ...card, by: ben }))).text).toContain('it expired on');
    expect(await events('INC-1', 'proposal.expired')).toHaveLength(1);
  });

  it('expires what is due once, and nothing else', async () => {
    await openWithProposal(log, { incident: 'INC-1', expiresAt: '2026-03-11T03:00:00.000Z' });
    await openWithProposal(log, { incident: 'INC-2', expiresAt: '2026-03-11T04:00:00.000Z' });
    const folds = async () =>
      [foldIncident(await log.read('INC-1')), foldIncident(await log.read('INC-2'))].flatMap((one) => one ?? []);
    const seen = await folds();
    clock.advance(60 * 60_000);
    await Promise.all([gate.expireDue(seen), newGate().expireDue(seen)]);
    expect((await folds()).map((incident) => incident.status)).toEqual(['expired', 'awaiting_decision']);
    expect(await events('INC-1', 'proposal.expired')).toHaveLength(1);
  });
});

describe('a click on something else than the newest card', () => {
  it('after an edit says what changed, and by whom', async () => {
    const { card } = await opened();
    const edit = await gate.decide(
      testClick({ ...card, by: ben, verdict: 'modify', values: { 'steps.0.value': '12' } }),
    );
    expect(edit.outcome).toBe('modified');
    const stale = await gate.decide(testClick(card));
    expect(stale.outcome).toBe('stale');
    expect(stale.text).toContain('ben@example.com changed the proposal');
    expect(stale.text).toMatch(/What changed: .*- value: 16 .*\+ value: 12/);
  });

  it('with a digest that was never shown is refused', async () => {
    const { card } = await opened();
    const answer = await gate.decide(testClick({ ...card, shownDigest: 'f'.repeat(64) }));
    expect(answer).toMatchObject({ outcome: 'stale', text: expect.stringContaining('not in the log') });
  });

  it('of an incident that does not exist, or that has nothing to decide, is told so', async () => {
    const none = await gate.decide(testClick({ incident: 'INC-0', shownDigest: 'f'.repeat(64) }));
    expect(none).toMatchObject({ outcome: 'invalid', text: 'There is no incident INC-0.' });
  });
});

describe('modifying', () => {
  it('logs both versions and the diff, and the modifier can not approve any later version', async () => {
    const { card } = await opened();
    const modified = await gate.decide(testClick({ ...card, verdict: 'modify', values: { 'steps.0.value': '12' } }));
    if (modified.outcome !== 'modified') throw new Error(modified.text);
    const [event] = await events('INC-1', 'proposal.modified');
    expect(event).toMatchObject({ fromDigest: card.shownDigest, digest: modified.digest, by: ana });
    expect(event?.diff).toMatch(/^-\s+value: 16$/m);
    expect(event?.diff).toMatch(/^\+\s+value: 12$/m);
    expect(event?.proposal).toMatchObject({ revision: 2, proposedBy: 'ana@example.com' });
    const newer = { incident: 'INC-1', shownDigest: modified.digest };
    expect((await gate.decide(testClick(newer))).outcome).toBe('not_allowed');
    const again = await gate.decide(
      testClick({ ...newer, by: ben, verdict: 'modify', values: { 'steps.0.value': '14' } }),
    );
    if (again.outcome !== 'modified') throw new Error(again.text);
    const newest = { incident: 'INC-1', shownDigest: again.digest };
    expect((await gate.decide(testClick(newest))).outcome).toBe('not_allowed');
    expect((await gate.decide(testClick({ ...newest, by: ben }))).outcome).toBe('not_allowed');
    expect((await gate.decide(testClick({ ...newest, by: cleo }))).outcome).toBe('decided');
  });

  it('scores the risk again, and starts the count of approvals again', async () => {
    const { card } = await opened();
    const values = { 'steps.0.value': '24' };
    const modified = await gate.decide(testClick({ ...card, by: ben, verdict: 'modify', values }));
    if (modified.outcome !== 'modified') throw new Error(modified.text);
    const newer = { incident: 'INC-1', shownDigest: modified.digest };
    expect(await gate.decide(testClick(newer))).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    const again = { ...newer, by: cleo, verdict: 'modify' as const, values: { 'steps.0.value': '28' } };
    const newest = await gate.decide(testClick(again));
    if (newest.outcome !== 'modified') throw new Error(newest.text);
    expect(await gate.decide(testClick({ incident: 'INC-1', shownDigest: newest.digest }))).toMatchObject({
      outcome: 'vote_counted',
      missing: 1,
    });
  });

  it.each([
    ['what is not a value', { 'steps.0.value': 'lots' }],
    ['what is over the cap', { 'steps.0.value': '64' }],
    ['nothing at all', { 'steps.0.value': '16' }],
  ])('does not take %s', async (_, values) => {
    const { card } = await opened();
    expect((await gate.decide(testClick({ ...card, verdict: 'modify', values }))).outcome).toBe('invalid');
    expect(await events('INC-1', 'proposal.modified')).toEqual([]);
  });
});

describe('the same click again', () => {
  const kinds: [string, Partial<Click>, 'medium' | 'high'][] = [
    ['a decision', {}, 'medium'],
    ['a vote', {}, 'high'],
    ['a rejection', { verdict: 'reject', words: 'wrong application' }, 'medium'],
    ['an edit', { verdict: 'modify', words: '', values: { 'steps.0.value': '12' } }, 'medium'],
    ['a refusal', { by: stranger }, 'medium'],
  ];
  it.each(kinds)('gets the first answer to %s, with and without the store of answers', async (_, more, level) => {
    const { card } = await opened({ level });
    const click = testClick({ ...card, ...more });
    const first = await gate.decide(click);
    const version = (await log.read('INC-1')).length;
    clock.advance(1000);
    expect(await gate.decide(click)).toEqual(first);
    expect(await newGate().decide(click)).toEqual(first);
    expect((await log.read('INC-1')).length).toBe(version);
  });

  it('at the same instant, many times, counts once', async () => {
    const { card } = await opened();
    const click = testClick(card);
    const gates = [gate, newGate(), newGate()];
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => (gates[n % 3] as Gate).decide(click)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.outcome).toBe('decided');
  });

  it('does not swallow the same form filled in better, nor another person with the same id', async () => {
    const { card } = await opened();
    const click = testClick({ ...card, words: '' });
    expect((await gate.decide(click)).outcome).toBe('invalid');
    expect((await gate.decide({ ...click, by: stranger })).outcome).toBe('not_allowed');
    expect((await gate.decide({ ...click, words: 'heap graph shows 7.9 GiB' })).outcome).toBe('decided');
  });
});

describe('two people at once', () => {
  it('one decides, the other is told who did', async () => {
    const { card } = await opened();
    const answers = await Promise.all([
      gate.decide(testClick(card)),
      newGate().decide(testClick({ ...card, by: ben, verdict: 'reject' })),
    ]);
    expect(answers.map((answer) => answer.outcome).sort()).toEqual(['decided', 'too_late']);
    const late = answers.find(
      (answer): answer is Extract<ClickAnswer, { outcome: 'too_late' }> => answer.outcome === 'too_late',
    );
    expect(late?.text).toMatch(/(ana@example.com approved|ben@example.com rejected) this/);
    expect(await events('INC-1', 'decision.recorded')).toHaveLength(1);
  });

  it('two votes of a high-risk proposal make exactly one decision', async () => {
    const { card } = await opened({ level: 'high' });
    const answers = await Promise.all([
      gate.decide(testClick(card)),
      newGate().decide(testClick({ ...card, by: ben, words: 'pod was OOM killed twice' })),
    ]);
    expect(answers.map((answer) => answer.outcome).sort()).toEqual(['decided', 'vote_counted']);
    expect(log.jobs).toHaveLength(1);
  });
});

describe('when the log', () => {
  it('fails before it stored anything, the click counts once after all', async () => {
    const { card } = await opened();
    log.failNext('before', 'decision.recorded');
    expect((await gate.decide(testClick(card))).outcome).toBe('decided');
    expect(await events('INC-1', 'decision.recorded')).toHaveLength(1);
    expect(log.jobs).toHaveLength(1);
  });

  it('fails after it stored the decision, the click is told that it decided', async () => {
    const { card } = await opened();
    log.failNext('after', 'decision.recorded');
    expect((await gate.decide(testClick(card))).outcome).toBe('decided');
    expect(await events('INC-1', 'decision.recorded')).toHaveLength(1);
    expect(log.jobs).toHaveLength(1);
  });

  it('is away, nothing is decided and clicking again is safe', async () => {
    const { card } = await opened();
    const click = testClick(card);
    log.down = true;
    await expect(gate.decide(click)).rejects.toMatchObject({
      kind: 'unavailable',
      safeText: expect.stringContaining('Click again'),
    });
    log.down = false;
    expect((await gate.decide(click)).outcome).toBe('decided');
    expect(log.jobs).toHaveLength(1);
  });

  it('holds a proposal that does not match its hash, nobody may decide on it', async () => {
    const { card } = await opened();
    log.lines[1] = (log.lines[1] ?? '').replace('"value":16', '"value":31');
    await expect(gate.decide(testClick(card))).rejects.toMatchObject({ kind: 'tampered' });
    expect(log.jobs).toEqual([]);
  });
});
