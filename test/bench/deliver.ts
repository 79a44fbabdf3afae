import { createStage, type Process, type Stage } from '../support/delivery/stage.js';
import type { ThreadSketch } from '../support/delivery/threads.js';

/** Slack's limits as `adapters/slack/platform.ts` keeps to them. */
const LIMITS = {
  post: { perMinute: 50, burst: 2 },
  chat: { perMinute: 180, burst: 20 },
  edit: { perMinute: 40, burst: 5 },
  find: { perMinute: 40, burst: 5 },
};
const MS_PER_POST = 60_000 / LIMITS.post.perMinute;

/** Seconds are of virtual time and the same on every machine; the rest is this machine's. */
export async function benchDeliver(): Promise<Record<string, unknown>> {
  return { busy: await busy(), afterAnOutage: await afterAnOutage(), restart: await restart(), cost: await cost() };
}

const sketch = (n: number, channels: number, version: number, over: Partial<ThreadSketch> = {}): ThreadSketch => ({
  ...{ incident: `INC-${n}`, version, headline: `state ${version}`, trace: `line ${version}` },
  ...{ channel: `C${n % channels}`, ...over },
});

async function settled({ time }: Stage, { delivery }: Process): Promise<void> {
  let done = false;
  void delivery.settled().then(() => {
    done = true;
  });
  await time.until(() => done, 24 * 3_600_000);
}

/** Sixty investigations at once in four channels, each with a change every two seconds for five minutes, then a decision. */
async function busy(): Promise<Record<string, unknown>> {
  const [threads, channels, changes] = [60, 4, 150];
  const stage = createStage({ limits: LIMITS });
  const process = stage.start();
  await stage.time.pass(60_000);
  const due = new Map<string, number>();
  for (let change = 1; change <= changes; change++) {
    for (let n = 0; n < threads; n++) {
      const decides = change > 90 + n;
      if (change === 91 + n) due.set(`INC-${n}/card-a`, stage.time.now());
      const cards = decides ? [{ id: 'a', text: 'decide', live: true }] : [];
      stage.becomes(sketch(n, channels, change, { cards }));
    }
    await stage.time.pass(2000);
  }
  const ended = stage.time.now();
  await settled(stage, process);
  const waits = stage.platform
    .all()
    .flatMap(({ id, at }) => (due.has(id) ? [at - (due.get(id) ?? 0)] : []))
    .toSorted((a, b) => a - b);
  const at = (share: number): number => (waits[Math.floor(waits.length * share)] ?? 0) / 1000;
  return {
    ...{ threads, channels, changes: threads * changes, calls: stage.platform.calls.length },
    decisionPostedAfterSeconds: { median: at(0.5), p95: at(0.95), worst: (waits.at(-1) ?? 0) / 1000 },
    allShownAfterSeconds: (stage.time.now() - ended) / 1000,
    violations: stage.platform.violations.length,
  };
}

/** Five hundred incidents of three messages wait in one channel. */
async function afterAnOutage(): Promise<Record<string, unknown>> {
  const threads = 500;
  const stage = createStage({ limits: LIMITS });
  for (let n = 0; n < threads; n++)
    stage.becomes(sketch(n, 1, 9, { cards: [{ id: 'a', text: 'decide', live: n % 10 === 0 }] }));
  const began = stage.time.now();
  await settled(stage, stage.start());
  const posts = stage.platform.all();
  const decided = posts.filter(({ id }) => /INC-\d*0\/card-a/.test(id)).map(({ at }) => at - began);
  return {
    ...{ posts: posts.length, seconds: (stage.time.now() - began) / 1000 },
    lowerBoundSeconds: (posts.length * MS_PER_POST) / 1000,
    lastDecisionAfterSeconds: Math.max(...decided) / 1000,
    lowerBoundOfDecisionsSeconds: (decided.length * 3 * MS_PER_POST) / 1000,
    calls: stage.platform.calls.length,
  };
}

/** A log of ten thousand incidents of which ten are open. */
async function restart(): Promise<Record<string, unknown>> {
  const stage = createStage({ limits: LIMITS });
  for (let n = 0; n < 10_000; n++) {
    stage.becomes(sketch(n, 10, 1, { finished: n >= 10 }));
    if (n >= 10) await stage.store.saveShown(`INC-${n}`, 1);
  }
  const heap = process.memoryUsage().heapUsed;
  const began = performance.now();
  const again = stage.start();
  await settled(stage, again);
  return {
    ...{ incidents: 10_000, milliseconds: Math.round(performance.now() - began), rendered: again.rendered.length },
    heapMiB: Math.round((process.memoryUsage().heapUsed - heap) / 2 ** 20),
  };
}

/** What the deliverer itself costs: a change taken in, and a call with ten thousand threads waiting. */
async function cost(): Promise<Record<string, unknown>> {
  const threads = 10_000;
  const stage = createStage({ limits: LIMITS });
  const deliverer = stage.start();
  await stage.time.pass(1000);
  const states = Array.from({ length: threads }, (_, n) => sketch(n, 50, 1));
  const began = performance.now();
  for (const state of states) stage.becomes(state);
  const taken = performance.now() - began;
  await stage.time.pass(60_000);
  const calls = stage.platform.calls.length;
  const at = performance.now();
  await stage.time.pass(60_000);
  const made = stage.platform.calls.length - calls;
  return {
    changesTakenPerSecond: Math.round((threads * 1000) / taken),
    waitingThreads: deliverer.delivery.status().threads,
    callsPerMinute: made,
    millisecondsPerCall: Number(((performance.now() - at) / made).toFixed(2)),
  };
}
