import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { createGate } from '../../src/approve/gate.js';
import { createSigner } from '../../src/approve/seal.js';
import { createProcessLog } from '../../src/log.js';
import type { BenchOrder } from '../support/bench-child.js';
import { openWithProposal, TEST_KEY, testClick, testPolicy, testRedactor } from '../support/incidents.js';
import { startTestRedis } from '../support/redis.js';

const JOBS_PER_SECOND = 200;
const CLICKS_PER_SECOND = 10;

export interface GateBench {
  clicks: number;
  /** Background jobs that were really done, per second. */
  backgroundJobsPerSecond: number;
  clickToAnswer: Percentiles;
  approvalToRepairStart: Percentiles;
}

export interface Percentiles {
  p50Ms: number;
  p99Ms: number;
  /** What p99 must stay under. */
  barMs: number;
}

/**
 * People click at a steady rate while the queue works: how long until the click is answered, and until the approved repair is claimed
 * in the log, with the seal between them. Redis syncs every write to disk; gate, load with sealer, and repairer are three processes.
 */
export async function benchGate(seconds = 30): Promise<GateBench> {
  const redis = await startTestRedis({ appendfsync: 'always' });
  const children: ChildProcess[] = [];
  try {
    const start = (
      part: BenchOrder['part'],
      redisUrl: string,
      vkey: string,
    ): Promise<{ child: ChildProcess; vkey: string }> =>
      startChild(
        {
          part,
          redisUrl,
          vkey,
          sealerUrl: redis.urlFor('sealer'),
          publicKeyPem: TEST_KEY.publicKeyPem,
          jobsPerSecond: JOBS_PER_SECOND,
        },
        children,
      );
    const background = await start('background', redis.urlFor('investigator'), '');
    const { vkey } = background;
    await start('repairer', redis.urlFor('repairer'), vkey);
    const processLog = createProcessLog('bench', 'silent');
    const web = await connectLog({ url: redis.urlFor('web'), role: 'web', vkey, allowWeak: false, processLog });
    await click(web, 3, () => {});
    const before = await jobsDone(background.child);
    const began = performance.now();
    const samples = await measure(web, seconds);
    const took = (performance.now() - began) / 1000;
    const jobs = (await jobsDone(background.child)) - before;
    web.close();
    return {
      clicks: samples.answers.length,
      backgroundJobsPerSecond: Math.round(jobs / took),
      clickToAnswer: { ...percentiles(samples.answers), barMs: 100 },
      approvalToRepairStart: { ...percentiles(samples.starts), barMs: 150 },
    };
  } finally {
    // They end with the channel, and take their folders with them.
    const gone = children.map((child) => once(child, 'exit'));
    for (const child of children) child.disconnect();
    await Promise.all(gone);
    await redis.stop();
  }
}

async function startChild(order: BenchOrder, children: ChildProcess[]): Promise<{ child: ChildProcess; vkey: string }> {
  const child = fork(new URL('../support/bench-child.js', import.meta.url), {
    env: { BENCH_ORDER: JSON.stringify(order) },
  });
  children.push(child);
  const [ready] = (await once(child, 'message')) as [{ vkey: string }];
  return { child, vkey: ready.vkey };
}

async function jobsDone(child: ChildProcess): Promise<number> {
  child.send({});
  const [answer] = (await once(child, 'message')) as [{ done: number }];
  return answer.done;
}

interface Samples {
  answers: number[];
  starts: number[];
}

async function measure(web: LogConnection, seconds: number): Promise<Samples> {
  const samples: Samples = { answers: [], starts: [] };
  const clickedAt = new Map<string, number>();
  const stop = new AbortController();
  const total = seconds * CLICKS_PER_SECOND;
  const following = web.log.follow(
    await web.log.size(),
    (entries) => {
      for (const { entry } of entries) {
        const clicked = entry.type === 'repair.started' ? clickedAt.get(entry.subject) : undefined;
        if (clicked !== undefined) samples.starts.push(performance.now() - clicked);
      }
    },
    stop.signal,
  );
  await click(web, total, (incident, clicked, answered) => {
    clickedAt.set(incident, clicked);
    if (answered !== undefined) samples.answers.push(answered - clicked);
  });
  for (let patience = 100; patience > 0 && samples.starts.length < total; patience--) await wait(100);
  stop.abort();
  await following;
  if (samples.starts.length < total)
    throw new Error(`${total - samples.starts.length} of ${total} approved repairs did not start`);
  return samples;
}

let opened = 0;

/** One incident and one approval at each beat, whether or not the one before is answered: a slow answer does not slow the clicks. */
async function click(
  web: LogConnection,
  total: number,
  seen: (incident: string, clicked: number, answered?: number) => void,
): Promise<void> {
  const policy = testPolicy();
  const gate = createGate({
    log: web.log,
    once: web.once,
    policy: () => ({ policy, digest: 'p'.repeat(64) }),
    signer: createSigner(TEST_KEY.privateKeyPem),
    redactor: testRedactor,
    clock: { now: () => new Date() },
    inventory: { pipelines: [], configTargets: [], metrics: [] },
  });
  const began = performance.now();
  const one = async (n: number): Promise<void> => {
    opened += 1;
    const { incident, digest } = await openWithProposal(web.log, { incident: `INC-B${opened}` });
    await wait(Math.max(0, began + (n * 1000) / CLICKS_PER_SECOND + 50 - performance.now()));
    const clicked = performance.now();
    seen(incident, clicked);
    const answer = await gate.decide(testClick({ incident, shownDigest: digest }));
    if (answer.outcome !== 'decided') throw new Error(answer.text);
    seen(incident, clicked, performance.now());
  };
  const all: Promise<void>[] = [];
  for (let n = 0; n < total; n++) {
    await wait(Math.max(0, began + (n * 1000) / CLICKS_PER_SECOND - performance.now()));
    all.push(one(n));
  }
  await Promise.all(all);
}

function percentiles(samples: readonly number[]): { p50Ms: number; p99Ms: number } {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}
