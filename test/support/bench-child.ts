import { setTimeout as wait } from 'node:timers/promises';
import { connectLog } from '../../adapters/redis/connect-log.js';
import { createInvestigateWorker } from '../../queues/investigate-worker.js';
import { createOutboxRelay } from '../../queues/outbox-relay.js';
import { createRepairWorker } from '../../queues/repair-worker.js';
import { createVerifier } from '../../src/approve/seal.js';
import type { NewEvent } from '../../src/domain/events.js';
import { createProcessLog } from '../../src/log.js';
import { createRepair } from '../../src/repair/repair.js';
import { createCountingTarget } from './counting-target.js';
import { testPolicy } from './incidents.js';
import { startSealing } from './sealing.js';

/** The other processes around a bench of the gate, as far as it needs them; tells its parent when it is ready and ends with it. */

export interface BenchOrder {
  part: 'background' | 'repairer';
  /** Of the role that the part plays; sealing has its own. */
  redisUrl: string;
  sealerUrl: string;
  vkey: string;
  publicKeyPem: string;
  jobsPerSecond: number;
}

const order = JSON.parse(process.env['BENCH_ORDER'] ?? '') as BenchOrder;
const processLog = createProcessLog('bench', 'silent');
process.once('disconnect', () => process.exit(0));

/** Seals the log, and keeps the queue busy: each job is an entry of the log with its job, moved by the relay and taken by a worker. */
async function background(): Promise<void> {
  const { vkey } = await startSealing(order.sealerUrl);
  const { log } = await connectLog({ url: order.redisUrl, role: 'investigator', vkey, allowWeak: false, processLog });
  let done = 0;
  await createInvestigateWorker({
    redisUrl: order.redisUrl,
    concurrency: 10,
    processLog,
    handle: async () => void done++,
    onGivenUp: async () => {},
  });
  await createOutboxRelay({ redisUrl: order.redisUrl, queues: ['investigate'], processLog });
  process.send?.({ ready: true, vkey });
  process.on('message', () => process.send?.({ done }));
  const by = { id: 'load@example.com', via: 'web' as const };
  const event: NewEvent = {
    type: 'note.added',
    data: { by, text: 'load' },
    actor: { kind: 'system', id: 'load', role: 'bench' },
  };
  const start = performance.now();
  for (let n = 0; ; n++) {
    const due = start + (n * 1000) / order.jobsPerSecond - performance.now();
    if (due > 0) await wait(due);
    void log
      .append(`LOAD-${n}`, 0, [event], [{ queue: 'investigate', id: `load-${n}`, incident: `LOAD-${n}` }])
      .catch(() => {});
  }
}

async function repairer(): Promise<void> {
  const { redisUrl, vkey } = order;
  const { log, checkpoints } = await connectLog({
    url: redisUrl,
    role: 'repairer',
    vkey,
    allowWeak: false,
    processLog,
  });
  const { tools, facts } = createCountingTarget();
  const policy = testPolicy();
  const repair = createRepair({
    log,
    checkpoints,
    verifier: createVerifier({ bench: order.publicKeyPem }),
    tools,
    facts,
    policy: () => ({ policy, digest: 'p'.repeat(64) }),
    clock: { now: () => new Date() },
    processLog,
  });
  await createRepairWorker({
    redisUrl,
    processLog,
    handle: (job, signal) => repair.repair({ ...job, queue: 'repair', id: '' }, signal),
    onGivenUp: async () => {},
  });
  await createOutboxRelay({ redisUrl, queues: ['repair'], processLog });
  process.send?.({ ready: true, vkey });
}

await (order.part === 'background' ? background() : repairer());
