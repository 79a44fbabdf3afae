import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis } from '../../adapters/redis/connect.js';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { outboxKey } from '../../adapters/redis/keys.js';
import { createGate, type Gate } from '../../src/approve/gate.js';
import { createSigner, createVerifier } from '../../src/approve/seal.js';
import { canonicalJson } from '../../src/domain/canonical.js';
import type { Click, ClickAnswer } from '../../src/domain/decision.js';
import type { StoredEntry } from '../../src/domain/ports.js';
import { createProcessLog } from '../../src/log.js';
import { openWithProposal, TEST_KEY, testPolicy, testRedactor } from '../support/incidents.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { type Sealing, startSealing } from '../support/sealing.js';
import { verifiedLog } from '../support/verified-log.js';

const PROPOSALS = 200;
const PEOPLE = 50;
const DELIVERIES = 3;
const CONNECTIONS = 10;
const AT_ONCE = 300;
/** Every so many-th proposal needs two people. */
const HIGH_EVERY = 10;

const processLog = createProcessLog('test', 'silent');
const people = Array.from({ length: PEOPLE }, (_, n) => `person${n}@example.com`);
const policy = testPolicy({ groups: { all: people }, approvers: { risk: { medium: ['@all'], high: ['@all'] } } });

let redis: TestRedis;
let sealing: Sealing;
let connections: LogConnection[];
let gates: Gate[];

beforeAll(async () => {
  redis = await startTestRedis();
  sealing = await startSealing(redis.urlFor('sealer'));
  const open = (): Promise<LogConnection> =>
    connectLog({ url: redis.urlFor('web'), role: 'web', vkey: sealing.vkey, allowWeak: false, processLog });
  connections = await Promise.all(Array.from({ length: CONNECTIONS }, open));
  gates = connections.map(({ log, once }) =>
    createGate({
      log,
      once,
      policy: () => ({ policy, digest: 'p'.repeat(64) }),
      signer: createSigner(TEST_KEY.privateKeyPem),
      redactor: testRedactor,
      clock: { now: () => new Date() },
      inventory: { pipelines: [], configTargets: [], metrics: [] },
    }),
  );
});
afterAll(async () => {
  for (const connection of connections) connection.close();
  await sealing.stop();
  await redis.stop();
});

/** A shuffle that is the same in every run. */
function shuffled<T>(items: T[]): T[] {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
  return items;
}

function clickOf(incident: string, shownDigest: string, person: number): Click {
  const verdict = person % 5 === 0 ? 'reject' : 'approve';
  const words = verdict === 'approve' ? `heap graph ${person} shows the peak` : `not on my watch ${person}`;
  return {
    incident,
    shownDigest,
    verdict,
    by: { id: people[person] ?? '', via: 'web' },
    words,
    clickId: `${incident}-${person}`,
  };
}

interface Delivered {
  click: Click;
  answer: ClickAnswer;
  ms: number;
}

async function deliver(clicks: Click[]): Promise<Delivered[]> {
  const delivered: Delivered[] = [];
  let next = 0;
  const deliverer = async (n: number): Promise<void> => {
    const gate = gates[n % CONNECTIONS] as Gate;
    for (let click = clicks[next++]; click !== undefined; click = clicks[next++]) {
      const start = performance.now();
      const answer = await gate.decide(click);
      delivered.push({ click, answer, ms: performance.now() - start });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => deliverer(n)));
  return delivered;
}

async function wholeLog(): Promise<StoredEntry[]> {
  const log = (connections[0] as LogConnection).log;
  const size = await log.size();
  const entries: StoredEntry[] = [];
  while (entries.length < size) entries.push(...(await log.readFrom(entries.length, 1000)));
  return entries;
}

describe('30,000 clicks at once', () => {
  it('make exactly one decision for each proposal, one job for each approval, and an answer for each click', async () => {
    const log = (connections[0] as LogConnection).log;
    const cards = await Promise.all(
      Array.from({ length: PROPOSALS }, (_, n) =>
        openWithProposal(log, { incident: `INC-R${n}`, level: n % HIGH_EVERY === 0 ? 'high' : 'medium' }),
      ),
    );
    // Card by card, as a crowd in one thread clicks; within a card everything at once and in no order.
    const clicks = cards.flatMap(({ incident, digest }) =>
      shuffled(
        people.flatMap((_, person) => Array.from({ length: DELIVERIES }, () => clickOf(incident, digest, person))),
      ),
    );
    expect(clicks).toHaveLength(30_000);
    const start = performance.now();
    const delivered = await deliver(clicks);
    const seconds = (performance.now() - start) / 1000;

    expect(delivered).toHaveLength(30_000);
    expect(delivered.filter(({ answer }) => answer.text === '')).toEqual([]);
    const outcomes = new Set(delivered.map(({ answer }) => answer.outcome));
    expect([...outcomes].sort()).toEqual(['decided', 'too_late', 'vote_counted']);

    const entries = await wholeLog();
    const decisions = entries.flatMap(({ entry }) => (entry.type === 'decision.recorded' ? [entry.data] : []));
    expect(decisions).toHaveLength(PROPOSALS);
    expect(new Set(decisions.map(({ statement }) => statement.incident)).size).toBe(PROPOSALS);
    const verifier = createVerifier({ test: TEST_KEY.publicKeyPem });
    expect(decisions.every(({ statement, seal }) => verifier.verify(statement, seal))).toBe(true);
    for (const { statement } of decisions) {
      const high = Number(statement.incident.slice(5)) % HIGH_EVERY === 0;
      const voters = new Set(statement.votes.map((vote) => vote.by.id));
      expect(voters.size).toBe(high && statement.verdict === 'approve' ? 2 : 1);
    }

    const approvals = decisions.filter(({ statement }) => statement.verdict === 'approve');
    const admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
    const outbox = await admin.lrange(outboxKey('repair'), 0, -1);
    admin.disconnect();
    const jobs = outbox.map((text) => JSON.parse(text).decisionId as string);
    expect(jobs.sort()).toEqual(approvals.map(({ statement }) => statement.decisionId).sort());

    const byGesture = new Map<string, Set<string>>();
    for (const { click, answer } of delivered) {
      const answers = byGesture.get(click.clickId) ?? new Set();
      byGesture.set(click.clickId, answers.add(canonicalJson(answer)));
    }
    expect([...byGesture.values()].filter((answers) => answers.size !== 1)).toEqual([]);
    const counted = delivered.filter(({ answer }) => answer.outcome === 'decided' || answer.outcome === 'vote_counted');
    expect(new Set(counted.map(({ click }) => click.clickId)).size).toBe(
      decisions.length + entries.filter(({ entry }) => entry.type === 'vote.cast').length,
    );

    const report = await verifiedLog(connections[0] as LogConnection, sealing.vkey, policy);
    expect(report).toMatchObject({ ok: true, findings: [], unsealed: 0, size: entries.length });

    const ms = delivered.map((one) => one.ms).sort((a, b) => a - b);
    const at = (share: number): string => (ms[Math.floor(ms.length * share)] ?? 0).toFixed(1);
    process.stdout.write(
      `30,000 clicks in ${seconds.toFixed(1)} s: ${approvals.length} approved, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
    );
  });
});
