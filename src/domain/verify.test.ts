import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { INCREASE, TEST_KEY, testPolicy, testProposal, testStep } from '../../test/support/incidents.js';
import { createSigner, generateDecisionKey } from '../approve/seal.js';
import { digestOf } from './canonical.js';
import { type DecisionStatement, NO_SEAL } from './decision.js';
import { EventBody } from './events.js';
import { createCompactRange, leafHash } from './merkle.js';
import { preconditionsDigest, proposalDigest } from './proposal.js';
import { voteStatement } from './sealed-statement.js';
import { signCheckpoint, verifierKey } from './signed-note.js';
import { type LogReport, verifyLog } from './verify.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const ORIGIN = 'countersign/log';
const vkey = verifierKey(ORIGIN, publicKey);
const signer = createSigner(TEST_KEY.privateKeyPem);
const INCIDENT = 'INC-TEST';

/** A log in memory: entries of one incident, sealed after each. */
function lines(events: readonly EventBody[], subject = INCIDENT): string[] {
  return events.map((event, i) =>
    JSON.stringify({
      v: 1,
      id: `id-${i}`,
      at: new Date(Date.UTC(2026, 2, 11, 2, 14, i)).toISOString(),
      subject,
      n: i + 1,
      actor: { kind: 'system', id: 'test', role: 'web' },
      ...event,
    }),
  );
}

function check(entries: readonly string[], more: Partial<Parameters<typeof verifyLog>[0]> = {}): Promise<LogReport> {
  const range = createCompactRange();
  const checkpoints = entries.map((line) => {
    range.append(leafHash(line));
    return signCheckpoint({ origin: ORIGIN, size: range.size, root: range.root() }, ORIGIN, privateKey);
  });
  return verifyLog({ entries, checkpoints, vkey, decisionKeys: { web: TEST_KEY.publicKeyPem }, ...more });
}

const proposal = testProposal({ incident: INCIDENT, expiresAt: '2026-03-11T03:00:00.000Z' });
const digest = proposalDigest(proposal);
const vote = (id: string, words = 'heap graph shows 7.9 GiB'): DecisionStatement['votes'][number] => ({
  by: { id, via: 'web' },
  at: '2026-03-11T02:20:00.000Z',
  check: words,
});

const body = (event: unknown): EventBody => EventBody.parse(event);
const opened = body({
  type: 'incident.opened',
  data: {
    alert: {
      source: 'airflow',
      fingerprint: 'f',
      status: 'firing',
      startedAt: '2026-03-11T02:14:00.000Z',
      receivedAt: '2026-03-11T02:14:00.000Z',
      title: 'daily_transactions failed',
      text: '',
      severity: 'high',
      labels: {},
      subject: {},
    },
    title: 'daily_transactions failed',
    severity: 'high',
    openedBy: 'alert:airflow',
  },
});
const proposed = (of = proposal): EventBody =>
  body({ type: 'proposal.made', data: { proposal: of, digest: proposalDigest(of) } });

function decided(change: Partial<DecisionStatement> = {}, forged = false): EventBody {
  const statement: DecisionStatement = {
    v: 1,
    decisionId: 'DEC-1',
    incident: INCIDENT,
    revision: 1,
    proposalDigest: digest,
    preconditionsDigest: preconditionsDigest(proposal),
    verdict: 'approve',
    votes: [vote('ana@example.com')],
    reason: '',
    policyDigest: digestOf(testPolicy()),
    decidedAt: '2026-03-11T02:20:00.000Z',
    ...change,
  };
  const seal = signer.sign(forged ? { ...statement, reason: 'another' } : statement);
  return body({ type: 'decision.recorded', data: { statement, seal } });
}

const started = (change: object = {}): EventBody =>
  body({ type: 'repair.started', data: { decisionId: 'DEC-1', digest, fence: 1, sealedAt: 3, ...change } });
const finished = body({
  type: 'repair.finished',
  data: { decisionId: 'DEC-1', fence: 1, outcome: 'succeeded', detail: 'done' },
});
const called = body({
  type: 'tool.called',
  data: { callId: 'c1', call: 1, tool: 'git_blame', args: {}, thought: '', hypothesis: '', confidence: 0.5 },
});
const answered = body({
  type: 'tool.answered',
  data: {
    callId: 'c1',
    status: 'ok',
    observation: 'a'.repeat(64),
    bytes: 1,
    truncated: false,
    redactions: 0,
    durationMs: 1,
    headline: '',
  },
});
const closed = body({ type: 'incident.closed', data: { reason: 'The run has passed.' } });
const asked = body({
  type: 'question.asked',
  data: { questionId: 'q1', by: { id: 'ana@example.com', via: 'slack' }, text: 'why?', grant: 2 },
});
const calledFor = (question: string, callId = 'c1'): EventBody =>
  body({ ...called, data: { ...called.data, callId, question } });
const answeredCall = (callId: string): EventBody => body({ ...answered, data: { ...answered.data, callId } });
const replied = (outcome = 'answered'): EventBody =>
  body({
    type: 'question.answered',
    data: { questionId: 'q1', outcome, text: '', evidence: [], struck: [], toolCalls: 1 },
  });
const diagnosed = body({
  type: 'diagnosis.made',
  data: {
    diagnosis: { outcome: 'repair', causes: [], summary: '', confidence: 0.9, evidence: [], ruledOut: [] },
    toolCalls: 1,
  },
});
const restarted = body({
  type: 'investigation.started',
  data: {
    attempt: 2,
    reasoner: 'playbook',
    model: 'playbook',
    promptVersion: '1',
    promptDigest: 'a'.repeat(64),
    toolsDigest: 'b'.repeat(64),
    maxToolCalls: 12,
    confidenceThreshold: 0.85,
  },
});

describe('a story that holds', () => {
  it.each([
    ['approved and repaired', [opened, proposed(), decided(), started(), finished]],
    ['rejected', [opened, proposed(), decided({ verdict: 'reject', votes: [vote('agent', '')] })]],
    ['investigated with a restart', [opened, called, restarted, called, answered, diagnosed, proposed()]],
    [
      'asked and answered, also after the end',
      [
        ...[opened, restarted, called, answered, diagnosed, closed],
        ...[asked, calledFor('q1', 'c2'), answeredCall('c2'), replied()],
      ],
    ],
    ['a question given up on with an open call', [opened, closed, asked, calledFor('q1'), replied('failed')]],
    ['claimed twice', [opened, proposed(), decided(), started(), started({ fence: 2, sealedAt: 4 }), finished]],
  ])('%s', async (_, events) => {
    const policy = { policy: testPolicy(), digest: digestOf(testPolicy()) };
    expect((await check(lines(events), { policy })).findings).toEqual([]);
  });
});

describe('a story that does not', () => {
  const high = testProposal({ incident: INCIDENT, level: 'high', expiresAt: '2026-03-11T03:00:00.000Z' });
  const byAna = testProposal({
    incident: INCIDENT,
    expiresAt: '2026-03-11T03:00:00.000Z',
    more: { proposedBy: 'Ana@Example.com' },
  });
  const highDigest = proposalDigest(high);
  it.each<[string, EventBody[], RegExp]>([
    ['a repair without any decision', [opened, proposed(), started({ sealedAt: 2 })], /may not follow while/],
    ['a repair after a rejection', [opened, proposed(), decided({ verdict: 'reject' }), started()], /may not follow/],
    [
      'a repair of another decision',
      [opened, proposed(), decided(), started({ decisionId: 'DEC-2' })],
      /no earlier approval/,
    ],
    [
      'a repair of another proposal',
      [opened, proposed(), decided(), started({ digest: 'c'.repeat(64) })],
      /not what was approved/,
    ],
    [
      'a repair before the approval was sealed',
      [opened, proposed(), decided(), started({ sealedAt: 2 })],
      /not yet covered/,
    ],
    [
      'a repair on a checkpoint of the future',
      [opened, proposed(), decided(), started({ sealedAt: 40 })],
      /can not have existed/,
    ],
    ['an old fencing token', [opened, proposed(), decided(), started(), started({ sealedAt: 4 })], /fencing token/],
    ['a forged signature', [opened, proposed(), decided({}, true)], /signature of the decision/],
    ['a decision for another incident', [opened, proposed(), decided({ incident: 'INC-OTHER' })], /another incident/],
    ['a decision about nothing', [opened, proposed(), decided({ proposalDigest: 'd'.repeat(64) })], /does not hold/],
    [
      'a decision after the expiry',
      [opened, proposed(), decided({ decidedAt: '2026-03-11T04:00:00.000Z' })],
      /expired/,
    ],
    ['one vote for high risk', [opened, proposed(high), decided({ proposalDigest: highDigest })], /2 different people/],
    [
      'one person twice for high risk',
      [
        opened,
        proposed(high),
        decided({ proposalDigest: highDigest, votes: [vote('ana@example.com'), vote('ANA@example.com')] }),
      ],
      /2 different people/,
    ],
    [
      'an approval of one’s own',
      [opened, proposed(byAna), decided({ proposalDigest: proposalDigest(byAna) })],
      /nobody approves/,
    ],
    [
      'an approval without a check',
      [opened, proposed(), decided({ votes: [vote('ana@example.com', ' ')] })],
      /did not say/,
    ],
    [
      'an approval by a stranger',
      [opened, proposed(), decided({ votes: [vote('eve@example.com')] })],
      /not on the list/,
    ],
    [
      'a proposal under another digest',
      [
        opened,
        body({
          type: 'proposal.made',
          data: { proposal: { ...proposal, steps: [testStep({ ...INCREASE, value: 64 } as never)] }, digest },
        }),
      ],
      /digest is not that/,
    ],
    ['a diagnosis with an open call', [opened, called, diagnosed], /never answered/],
    ['an answer with an open call', [opened, closed, asked, calledFor('q1'), replied()], /never answered/],
    ['a call after the end for no question', [opened, closed, called], /may not follow/],
    ['a call for a question that nobody asked', [opened, closed, calledFor('q1')], /nobody asked/],
    ['a call for a question during the investigation', [opened, asked, calledFor('q1')], /wait until/],
    [
      'more calls than were granted',
      [opened, closed, asked, ...['c1', 'c2', 'c3'].map((id) => calledFor('q1', id))],
      /no tool call is left/,
    ],
    ['two answers', [opened, closed, asked, replied(), replied()], /answered before/],
    ['an answer to a call that was not made', [opened, closed, asked, answeredCall('c9')], /may not follow/],
    ['an answer to no call', [opened, answered], /not made/],
    ['anything before the incident', [called], /before the incident was opened/],
    ['a second opening', [opened, opened], /may not follow/],
  ])('%s', async (_, events, text) => {
    const policy = { policy: testPolicy(), digest: digestOf(testPolicy()) };
    const report = await check(lines(events), { policy });
    expect(report.ok).toBe(false);
    const story = report.findings.filter((one) => one.kind === 'story');
    expect(story.map((one) => one.text).join('\n')).toMatch(text);
    expect(story.every((one) => one.index !== undefined)).toBe(true);
  });

  it('says when a checkpoint that a repair rests on is not there', async () => {
    const entries = lines([opened, proposed(), decided(), started(), finished]);
    const range = createCompactRange();
    for (const line of entries) range.append(leafHash(line));
    const last = signCheckpoint({ origin: ORIGIN, size: 5, root: range.root() }, ORIGIN, privateKey);
    const report = await check(entries, { checkpoints: [last] });
    expect(report.findings).toMatchObject([{ kind: 'story', index: 3, text: expect.stringMatching(/is not there/) }]);
  });

  describe('of votes', () => {
    const ben = vote('ben@example.com', 'pod was OOM killed twice');
    const cast = (seal = signer.sign(voteStatement(INCIDENT, highDigest, ben))): EventBody =>
      body({ type: 'vote.cast', data: { digest: highDigest, vote: ben, missing: 1, seal } });
    const both = decided({ proposalDigest: highDigest, votes: [ben, vote('ana@example.com')] });
    const textsOf = async (entries: readonly string[]): Promise<string> =>
      (await check(entries)).findings.map(({ text }) => text).join();

    it('takes two signed ones for two people', async () => {
      expect(await textsOf(lines([opened, proposed(high), cast(), both]))).toBe('');
    });

    it('finds one that is not signed, also where no decision rests on it', async () => {
      const other = createSigner(generateDecisionKey().privateKeyPem).sign(voteStatement(INCIDENT, highDigest, ben));
      expect(await textsOf(lines([opened, proposed(high), cast(other)]))).toContain(
        'signature of the vote is not good',
      );
    });

    it('finds a decision over one that is not signed, or that is not there', async () => {
      const forged = await textsOf(lines([opened, proposed(high), cast(NO_SEAL), both]));
      expect(forged).toContain('no signed vote of ben@example.com');
      expect(await textsOf(lines([opened, proposed(high), both]))).toContain('no signed vote of ben@example.com');
    });

    it('reads one of before there were seals, and counts it for nothing', async () => {
      const entries = lines([opened, proposed(high), cast(NO_SEAL), both]).map((line) =>
        line.includes('"vote.cast"') ? line.replace(`,"seal":${JSON.stringify(NO_SEAL)}`, '') : line,
      );
      expect(entries[2]).not.toContain('seal');
      expect((await check(entries)).findings.map(({ kind }) => kind)).toEqual(['story', 'story']);
    });
  });

  it.each([
    ['no JSON', 'hello'],
    ['an unknown event', lines([opened])[0]?.replace('incident.opened', 'incident.blessed') ?? ''],
    ['a decision with a member too many', lines([decided()])[0]?.replace('"seal":', '"sealed":1,"seal":') ?? ''],
    ['no subject', lines([called])[0]?.replace('"subject"', '"object"') ?? ''],
  ])('names an entry that is %s', async (_, line) => {
    expect((await check([line])).findings).toMatchObject([{ kind: 'unreadable', index: 0 }]);
  });

  it('says that signatures were not checked when there is no key to check with', async () => {
    const entries = lines([opened, proposed(), decided({}, true)]);
    const report = await check(entries, { decisionKeys: undefined });
    expect(report.ok).toBe(true);
    expect(report.notes.join()).toMatch(/Signatures of decisions, votes and user groups were not checked/);
  });
});
