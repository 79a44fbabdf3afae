import { AppError } from '../domain/errors.js';
import { foldIncident, type Incident, type IncidentStatus } from '../domain/incident.js';
import type { StoredEntry } from '../domain/ports.js';
import type { Response } from '../evaluate/run-benchmark.js';
import { createProcessLog } from '../log.js';
import { askControl } from './cli-eval-control.js';
import { passGate } from './cli-eval-gate.js';
import { outcomeOf, plannedRepairs, threadOf } from './cli-eval-outcome.js';
import type { ServedWorld } from './cli-eval-world.js';
import { deliverScenarioAlert, type LocalStack } from './local.js';
import { connectLog } from './log-connection.js';

/** Approved and still being carried out. */
const ACTING: ReadonlySet<IncidentStatus> = new Set(['approved', 'repairing']);
/** A slow model at its longest; what takes longer is stuck. */
const CONCLUDED_WITHIN_MS = 30 * 60_000;
const CARRIED_OUT_WITHIN_MS = 180_000;
/** The world is at rest by then: what has not recovered will not, and the verification need not be waited for to its end. */
const VERIFIED_WITHIN_MS = 10_000;
const POLL_MS = 50;

/** Alert in, outcome out; everything that counts is read from the log. */
export async function respond({ stack }: Pick<ServedWorld, 'stack'>): Promise<Response> {
  const started = Date.now();
  const id = await deliverScenarioAlert(stack);
  if (id === undefined) throw new AppError('internal', { safeText: 'The alert opened no incident.' });
  const connection = await connectLog('web', webSettings(stack), createProcessLog('eval', 'silent'));
  const read = async (): Promise<Incident | undefined> => foldIncident(await connection.log.read(id));
  try {
    const concluded = await until(read, ({ status }) => status !== 'investigating', CONCLUDED_WITHIN_MS);
    const seconds = (Date.now() - started) / 1000;
    if (concluded.status === 'awaiting_decision') await repair(stack, concluded, read);
    const ended = (await read()) ?? concluded;
    const outcome = await outcomeOf(ended, seconds, connection);
    const thread = await threadOf(stack, ended);
    return { outcome: { ...outcome, ...gaveUp(await connection.log.read(id)) }, thread };
  } finally {
    connection.close();
  }
}

/** Our own queue handed the incident over, not the one who is examined. */
function gaveUp(entries: readonly StoredEntry[]): { infraError?: string } {
  const handedOver = entries.find(({ entry }) => entry.type === 'incident.escalated' && entry.actor.kind === 'system');
  return handedOver?.entry.type === 'incident.escalated' ? { infraError: handedOver.entry.data.reason } : {};
}

function webSettings(stack: LocalStack): Parameters<typeof connectLog>[1] {
  return { REDIS_URL: stack.redisUrls.web, COUNTERSIGN_LOG_VKEY: stack.vkey, COUNTERSIGN_ALLOW_WEAK_REDIS: false };
}

/** What the gate refuses stays as it is: the plan then counts as not repaired. */
async function repair(stack: LocalStack, incident: Incident, read: () => Promise<Incident | undefined>): Promise<void> {
  if ((await passGate(stack, incident.id, plannedRepairs(incident))) === 'refused') return;
  const left = ({ status }: Incident): boolean => status !== 'awaiting_decision' && !ACTING.has(status);
  await until(read, left, CARRIED_OUT_WITHIN_MS);
  // What the repair set going is seen through in the world's own time, and nobody has to watch it.
  await askControl(stack, '/control/settle', {});
  await until(read, ({ status }) => status !== 'verifying', VERIFIED_WITHIN_MS).catch((error: unknown) => {
    if (!(error instanceof AppError && error.kind === 'timeout')) throw error;
  });
}

/** @throws AppError `timeout` naming the state it is in still. */
async function until(
  read: () => Promise<Incident | undefined>,
  done: (incident: Incident) => boolean,
  withinMs: number,
): Promise<Incident> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const incident = await read();
    if (incident !== undefined && done(incident)) return incident;
    if (Date.now() > deadline) {
      throw new AppError('timeout', {
        safeText: `The incident is still ${incident?.status ?? 'not there'} after ${withinMs / 1000} s.`,
      });
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
