import { Queue } from 'bullmq';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { createOutboxRelay } from '../../queues/outbox-relay.js';
import { createRepairWorker } from '../../queues/repair-worker.js';
import { createVerifyWorker } from '../../queues/verify-worker.js';
import { createGate } from '../../src/approve/gate.js';
import { createSigner, createVerifier } from '../../src/approve/seal.js';
import type { Click } from '../../src/domain/decision.js';
import { AppError } from '../../src/domain/errors.js';
import type { EventType } from '../../src/domain/events.js';
import { foldIncident } from '../../src/domain/incident.js';
import type { EventLog } from '../../src/domain/ports.js';
import type { RepairKind } from '../../src/domain/proposal.js';
import type { RepairTool } from '../../src/domain/tool.js';
import { createProcessLog } from '../../src/log.js';
import { createRepair } from '../../src/repair/repair.js';
import { testPolicy, testRedactor } from './incidents.js';

/** A role process of the kill matrix: does its work on one incident, and dies by SIGKILL at the point it is told to. */

export interface KillOrder {
  part: 'decide' | 'repair';
  redisUrl: string;
  vkey: string;
  privateKeyPem: string;
  publicKeyPem: string;
  incident: string;
  targetUrl: string;
  click?: Click;
  /** Where to die; never, when not given. `nth` counts the appends of that event from 1. */
  dieAt?:
    | { point: 'append'; event: EventType; nth: number; when: 'before' | 'after' }
    | { point: 'enqueue' | 'apply'; when: 'before' | 'after' };
}

const order = JSON.parse(process.env['KILL_ORDER'] ?? '') as KillOrder;
const processLog = createProcessLog('kill-child', 'silent');
const policy = testPolicy();

/** No exit handler, no flush, no farewell: what a power cut or the kernel's out-of-memory killer does. */
async function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

async function around<R>(doomed: false | 'before' | 'after' | undefined, act: () => Promise<R>): Promise<R> {
  if (doomed === 'before') await die();
  const result = await act();
  if (doomed === 'after') await die();
  return result;
}

function mortalLog(log: EventLog): EventLog {
  let seen = 0;
  return {
    ...log,
    append(subject, version, events, jobs) {
      const { dieAt } = order;
      const hit =
        dieAt?.point === 'append' && events.some((event) => event.type === dieAt.event) && ++seen === dieAt.nth;
      return around(hit && dieAt.when, () => log.append(subject, version, events, jobs));
    },
  };
}

async function ask(path: string, body?: object): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(
      new URL(path, order.targetUrl),
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    );
    return (await response.json()) as Record<string, unknown>;
  } catch (cause) {
    throw new AppError('unavailable', { safeText: 'The target does not answer.', cause });
  }
}

function tool(kind: RepairKind): RepairTool {
  return {
    kind,
    async check(_, { idempotencyKey }) {
      const { done } = await ask(`/done?key=${encodeURIComponent(idempotencyKey)}`);
      return done === true ? 'done' : 'not_done';
    },
    apply: (_, { idempotencyKey, fence }) =>
      around(order.dieAt?.point === 'apply' && order.dieAt.when, async () => {
        await ask('/apply', { key: idempotencyKey, fence, pid: process.pid });
        return { detail: 'Done by the target.' };
      }),
  };
}

/** A relay that dies between the outbox and the queue. */
function mortalQueue(): void {
  if (order.dieAt?.point !== 'enqueue') return;
  const { when } = order.dieAt;
  const addBulk = Queue.prototype.addBulk;
  Queue.prototype.addBulk = function (...args) {
    return around(when, () => addBulk.apply(this, args));
  };
}

async function decide({ log, once }: LogConnection): Promise<void> {
  const gate = createGate({
    log: mortalLog(log),
    once,
    policy: () => ({ policy, digest: 'p'.repeat(64) }),
    signer: createSigner(order.privateKeyPem),
    redactor: testRedactor,
    clock: { now: () => new Date() },
    inventory: { pipelines: [], configTargets: [], metrics: [] },
  });
  if (order.click === undefined) throw new Error('no click to decide on');
  process.stdout.write(JSON.stringify(await gate.decide(order.click)));
}

async function repair({ log, checkpoints }: LogConnection): Promise<void> {
  mortalQueue();
  const repairer = createRepair({
    log: mortalLog(log),
    checkpoints,
    verifier: createVerifier({ test: order.publicKeyPem }),
    tools: {
      retry: tool('retry'),
      schema_evolution: tool('schema_evolution'),
      config_rollback: tool('config_rollback'),
      resource_increase: tool('resource_increase'),
    },
    facts: { read: async () => String((await ask('/effects')).effects) },
    policy: () => ({ policy, digest: 'p'.repeat(64) }),
    clock: { now: () => new Date() },
    processLog,
    timing: { leaseMs: 200, settleMs: [0, 50], sealTimeoutMs: 5000 },
  });
  const worker = { redisUrl: order.redisUrl, processLog, onGivenUp: async () => {} };
  await createRepairWorker({
    ...worker,
    handle: (job, signal) => repairer.repair({ ...job, queue: 'repair', id: '' }, signal),
  });
  await createVerifyWorker({
    ...worker,
    concurrency: 2,
    handle: (job, signal) => repairer.verify({ ...job, queue: 'verify', id: '' }, signal),
  });
  await createOutboxRelay({ redisUrl: order.redisUrl, queues: ['repair', 'verify'], processLog });
  const { signal } = new AbortController();
  for (;;) {
    const incident = foldIncident(await log.read(order.incident));
    if (incident?.status === 'resolved') return;
    // Reconciling is for after a crash: the first life is left to the queue, so that it dies where the queue drives it.
    if (order.dieAt === undefined) await repairer.reconcile(order.incident, signal).catch(() => undefined);
    await new Promise((wait) => setTimeout(wait, 50));
  }
}

const connection = await connectLog({
  url: order.redisUrl,
  role: order.part === 'decide' ? 'web' : 'repairer',
  vkey: order.vkey,
  allowWeak: false,
  processLog,
});
await (order.part === 'decide' ? decide(connection) : repair(connection));
process.exit(0);
