import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { segmentKey } from '../../adapters/redis/keys.js';
import { createGate, type Gate } from '../../src/approve/gate.js';
import { createSigner, createVerifier, generateDecisionKey } from '../../src/approve/seal.js';
import { NO_SEAL } from '../../src/domain/decision.js';
import type { EventBody } from '../../src/domain/events.js';
import { foldIncident } from '../../src/domain/incident.js';
import type { EventLog } from '../../src/domain/ports.js';
import { preconditionsDigest } from '../../src/domain/proposal.js';
import { voteStatement } from '../../src/domain/sealed-statement.js';
import { createProcessLog } from '../../src/log.js';
import { createRepair, type Repair } from '../../src/repair/repair.js';
import { type CountingTarget, createCountingTarget } from '../support/counting-target.js';
import { ana, ben } from '../support/gate-case.js';
import { openWithProposal, TEST_KEY, testClick, testPolicy, testRedactor } from '../support/incidents.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { type Sealing, startSealing } from '../support/sealing.js';
import { verifiedLog } from '../support/verified-log.js';

const processLog = createProcessLog('test', 'silent');
const policy = () => ({ policy: testPolicy(), digest: 'p'.repeat(64) });
const clock = { now: () => new Date() };
const { signal } = new AbortController();

let redis: TestRedis;
let admin: Redis;
let sealing: Sealing;
let open: LogConnection[];
let target: CountingTarget;

const connect = async (role: 'web' | 'repairer' | 'investigator'): Promise<LogConnection> => {
  const connection = await connectLog({
    url: redis.urlFor(role),
    role,
    vkey: sealing.vkey,
    allowWeak: false,
    processLog,
  });
  open.push(connection);
  return connection;
};

beforeEach(async () => {
  open = [];
  redis = await startTestRedis();
  admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
  sealing = await startSealing(redis.urlFor('sealer'));
  target = createCountingTarget();
});
afterEach(async () => {
  for (const connection of open) connection.close();
  await sealing.stop();
  admin.disconnect();
  await redis.stop();
});

/** A repairer that has read nothing yet, as after a start. */
async function newRepairer(): Promise<Repair> {
  const { log, checkpoints } = await connect('repairer');
  return createRepair({
    log,
    checkpoints,
    verifier: createVerifier({ test: TEST_KEY.publicKeyPem }),
    tools: target.tools,
    facts: target.facts,
    policy,
    clock,
    processLog,
    timing: { sealTimeoutMs: 500, settleMs: [0] },
  });
}

function newGate({ log, once }: LogConnection): Gate {
  return createGate({
    log,
    once,
    policy,
    signer: createSigner(TEST_KEY.privateKeyPem),
    redactor: testRedactor,
    clock,
    inventory: { pipelines: [], configTargets: [], metrics: [] },
  });
}

async function approved(): Promise<{ incident: string; decisionId: string; log: EventLog }> {
  const web = await connect('web');
  const { incident, digest } = await openWithProposal(web.log, { incident: 'INC-1' });
  const answer = await newGate(web).decide(testClick({ incident, shownDigest: digest }));
  if (answer.outcome !== 'decided') throw new Error(answer.text);
  return { incident, decisionId: answer.decisionId, log: web.log };
}

const run = (repairer: Repair, incident: string, decisionId: string): Promise<void> =>
  repairer.repair({ queue: 'repair', id: decisionId, incident, decisionId }, signal);

/** Changes a stored entry as somebody with all rights on the server would. */
async function tamper(type: string, from: string, to: string): Promise<void> {
  const lines = await admin.lrange(segmentKey(0), 0, -1);
  const at = lines.findIndex((line) => line.includes(`"type":"${type}"`));
  const line = lines[at] ?? '';
  expect(line).toContain(from);
  await admin.lset(segmentKey(0), at, line.replace(from, to));
}

async function sealed(): Promise<void> {
  const repairer = await connect('repairer');
  await repairer.checkpoints.covering((await repairer.log.size()) - 1, 2000);
}

describe('four eyes', () => {
  it('are not one person, although the investigator can write into the log', async () => {
    const [web, investigator] = [await connect('web'), await connect('investigator')];
    const { incident, digest } = await openWithProposal(web.log, { incident: 'INC-1', level: 'high' });
    const { length } = await investigator.log.read(incident);
    const vote = { by: ben, at: new Date().toISOString(), check: 'pod was OOM killed twice' };
    const forger = createSigner(generateDecisionKey().privateKeyPem);
    const seal = forger.sign(voteStatement(incident, digest, vote));
    await investigator.log.append(incident, length, [
      {
        type: 'vote.cast',
        data: { digest, vote, missing: 1, seal },
        actor: { kind: 'person', id: ben.id, role: 'web' },
      },
    ]);
    const gate = newGate(web);
    const first = await gate.decide(testClick({ incident, shownDigest: digest }));
    expect(first).toMatchObject({ outcome: 'vote_counted', missing: 1 });
    const second = await gate.decide(testClick({ incident, shownDigest: digest, by: ben, words: vote.check }));
    if (second.outcome !== 'decided') throw new Error(second.text);
    await run(await newRepairer(), incident, second.decisionId);
    expect(target.effects).toHaveLength(1);
    const { findings } = await verifiedLog(await connect('repairer'), sealing.vkey, testPolicy());
    expect(findings).toMatchObject([{ kind: 'story', text: expect.stringContaining('signature of the vote') }]);
  });

  it('are not one person in the eyes of the repairer either, if a decision was signed over a vote that nobody gave', async () => {
    const [web, investigator] = [await connect('web'), await connect('investigator')];
    const { incident, digest, proposal } = await openWithProposal(web.log, { incident: 'INC-1', level: 'high' });
    const at = new Date().toISOString();
    const vote = { by: ben, at, check: 'pod was OOM killed twice' };
    const append = async (by: LogConnection, event: EventBody): Promise<unknown> =>
      by.log.append(incident, (await by.log.read(incident)).length, [
        { ...event, actor: { kind: 'person', id: ben.id, role: 'web' } },
      ]);
    await append(investigator, { type: 'vote.cast', data: { digest, vote, missing: 1, seal: NO_SEAL } });
    const statement = {
      v: 1 as const,
      decisionId: 'dec-1',
      incident,
      revision: proposal.revision,
      proposalDigest: digest,
      preconditionsDigest: preconditionsDigest(proposal),
      verdict: 'approve' as const,
      votes: [vote, { by: ana, at, check: 'heap graph shows 7.9 GiB' }],
      reason: '',
      policyDigest: 'p'.repeat(64),
      decidedAt: at,
    };
    const seal = createSigner(TEST_KEY.privateKeyPem).sign(statement);
    await append(web, { type: 'decision.recorded', data: { statement, seal } });
    await run(await newRepairer(), incident, 'dec-1');
    expect(target.effects).toEqual([]);
    expect(foldIncident(await web.log.read(incident))?.refusals[0]?.because).toContain(
      'no signed vote of ben@example.com',
    );
    const { findings } = await verifiedLog(await connect('repairer'), sealing.vkey, testPolicy());
    expect(findings.map(({ text }) => text).join()).toContain('no signed vote of ben@example.com');
  });
});

describe('on a real Redis', () => {
  it('an approval that is sealed is carried out', async () => {
    const { incident, decisionId } = await approved();
    await run(await newRepairer(), incident, decisionId);
    expect(target.effects).toHaveLength(1);
    expect(await verifiedLog(await connect('repairer'), sealing.vkey, testPolicy())).toMatchObject({
      ok: true,
      findings: [],
    });
  });

  it.each([
    ['the action in the proposal', 'proposal.made', '"value":16', '"value":32'],
    ['the digest of the proposal', 'proposal.made', '"digest":"', '"digest":"0'],
    ['who approved', 'decision.recorded', 'ana@example.com', 'eve@example.com'],
    ['the digest in the decision', 'decision.recorded', '"proposalDigest":"', '"proposalDigest":"0'],
    ['the time of the decision entry, which no signature covers', 'decision.recorded', '"at":"20', '"at":"19'],
  ])('%s, changed in Redis, starts nothing', async (_, type, from, to) => {
    const { incident, decisionId } = await approved();
    await sealed();
    await tamper(type, from, to);
    await run(await newRepairer(), incident, decisionId).catch(() => undefined);
    expect(target.effects).toEqual([]);
    const lines = await admin.lrange(segmentKey(0), 0, -1);
    expect(lines.filter((line) => line.includes('"type":"repair.started"'))).toEqual([]);
  });

  it('a forged decision, appended with all rights but without the key, starts nothing', async () => {
    const web = await connect('web');
    const { incident, digest, proposal } = await openWithProposal(web.log, { incident: 'INC-1' });
    const forger = createSigner(generateDecisionKey().privateKeyPem);
    const statement = {
      v: 1 as const,
      decisionId: 'dec-forged',
      incident,
      revision: 1,
      proposalDigest: digest,
      preconditionsDigest: preconditionsDigest(proposal),
      verdict: 'approve' as const,
      votes: [
        { by: { id: 'ana@example.com', via: 'web' as const }, at: new Date().toISOString(), check: 'looked at it all' },
      ],
      reason: '',
      policyDigest: 'p'.repeat(64),
      decidedAt: new Date().toISOString(),
    };
    const actor = { kind: 'person' as const, id: 'ana@example.com', role: 'web' };
    const seal = { ...forger.sign(statement), keyId: TEST_KEY.keyId };
    await web.log.append(incident, 2, [{ type: 'decision.recorded', data: { statement, seal }, actor }]);
    await run(await newRepairer(), incident, 'dec-forged');
    expect(target.effects).toEqual([]);
    expect(foldIncident(await web.log.read(incident))?.refusals[0]?.because).toContain('signature');
  });

  it('while nobody seals nothing starts; when the sealer is back it does', async () => {
    await sealing.down();
    const { incident, decisionId, log } = await approved();
    const repairer = await newRepairer();
    await expect(run(repairer, incident, decisionId)).rejects.toMatchObject({ kind: 'timeout', retryable: true });
    expect(target.effects).toEqual([]);
    expect(foldIncident(await log.read(incident))?.status).toBe('approved');
    await sealing.up();
    await repairer.reconcile(incident, signal);
    expect(target.effects).toHaveLength(1);
  });

  it('while Redis takes no writes nothing starts, and clicks are told to try again', async () => {
    const { incident, decisionId, log } = await approved();
    await sealed();
    const repairer = await newRepairer();
    const other = await openWithProposal(log, { incident: 'INC-2' });
    const gate = newGate(await connect('web'));
    const click = testClick({ incident: 'INC-2', shownDigest: other.digest });
    await admin.config('SET', 'maxmemory', '1');
    await expect(run(repairer, incident, decisionId)).rejects.toThrow();
    expect(target.effects).toEqual([]);
    await expect(gate.decide(click)).rejects.toMatchObject({ kind: 'unavailable' });
    await admin.config('SET', 'maxmemory', '0');
    expect((await gate.decide(click)).outcome).toBe('decided');
    await run(repairer, incident, decisionId);
    expect(target.effects).toHaveLength(1);
  });

  it('two workers with one job make one effect', async () => {
    const { incident, decisionId } = await approved();
    const workers = await Promise.all([newRepairer(), newRepairer(), newRepairer()]);
    await Promise.allSettled(workers.map((worker) => run(worker, incident, decisionId)));
    expect(target.effects).toHaveLength(1);
  });
});
