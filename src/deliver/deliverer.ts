import { setMaxListeners } from 'node:events';
import type { DeliveryStatus, DeliveryStore, Sleep } from '../domain/chat.js';
import type { Clock } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';
import { createBacklog } from './backlog.js';
import { createBuckets } from './buckets.js';
import { createCalls } from './calls.js';
import type { Hands } from './carry-out.js';
import { createGates } from './gates.js';
import { createLease } from './lease.js';
import type { LookDeps } from './look.js';
import { createLooks } from './looks.js';
import { createOver } from './over.js';
import { createReporter } from './report.js';
import { createRest } from './rest.js';
import { statusOf } from './status.js';

export interface DelivererDeps<Body> extends LookDeps<Body> {
  store: DeliveryStore;
  clock: Clock;
  sleep: Sleep;
  processLog: ProcessLog;
  /** Names this process among those that could deliver. */
  holder: string;
}

export interface Deliverer {
  /** A thread has this version now. */
  changed(incident: string, version: number, finishedAt: string | undefined): void;
  run(signal: AbortSignal): Promise<void>;
  status(): DeliveryStatus;
  settled(incident: string | undefined): Promise<void>;
}

/** Rounds of looking and calling, while this process has the lease. */
export function createDeliverer<Body>(deps: DelivererDeps<Body>): Deliverer {
  const { clock, sleep, processLog } = deps;
  const now = (): number => clock.now().getTime();
  const rest = createRest(sleep);
  const backlog = createBacklog(now, rest.wake);
  const over = createOver(deps);
  const lease = createLease(deps);
  const buckets = createBuckets(now());
  const gates = createGates();
  const ending = new AbortController();
  // Each call under way listens to it.
  setMaxListeners(0, ending.signal);
  let stopped = false;
  let told = new Map<string, string>();
  const leading = (): boolean => !stopped && lease.held();
  const hands: Hands<Body> = { ...deps, buckets, gates, leading, ending: ending.signal };
  const looks = createLooks({ ...deps, backlog, over, leading, wake: rest.wake });
  const calls = createCalls({ hands, backlog, looks, sleep, wake: rest.wake, end: () => ending.abort() });

  /** All that came before the lease did: most of it is shown already. */
  async function takeOver(): Promise<boolean> {
    try {
      await over.load();
    } catch (error) {
      processLog.warn({ error }, 'what the chat shows can not be read');
      return false;
    }
    buckets.empty(now());
    for (const work of [...backlog.works.values()]) {
      if (over.isShown(work.incident, work.version, work.finishedAt)) backlog.forget(work);
      else backlog.changed(work);
    }
    processLog.info({ threads: backlog.works.size }, 'this process delivers to the chat now');
    return true;
  }

  /** Nobody looks at a status by himself: what closes and opens again is told once, where operators look. */
  function tellGates(): void {
    const closed = new Map(gates.closed().map(({ channel, reason }) => [channel === '' ? 'all' : channel, reason]));
    for (const [channel, reason] of closed)
      if (!told.has(channel)) processLog.error({ channel, reason }, 'the chat takes nothing here; tried once a minute');
    for (const channel of told.keys())
      if (!closed.has(channel)) processLog.info({ channel }, 'the chat takes messages here again');
    told = closed;
  }

  /** @returns milliseconds until there may be something to do. */
  function round(): number {
    const pause = looks.pause();
    if (pause > 0) return pause;
    looks.start();
    return calls.start();
  }

  const status = (): DeliveryStatus => ({ leading: leading(), ...statusOf(backlog.works, gates.closed()) });
  const reporter = createReporter({ ...deps, status });

  return {
    changed(incident, version, finishedAt) {
      if (!over.isShown(incident, version, finishedAt)) backlog.add(incident, version, finishedAt);
    },
    async run(signal) {
      let ready = false;
      signal.addEventListener('abort', rest.wake);
      while (!signal.aborted) {
        const state = await lease.keep();
        if (state === 'won' || (state === 'held' && !ready)) ready = await takeOver();
        const wait = ready && leading() && !signal.aborted ? round() : Number.POSITIVE_INFINITY;
        tellGates();
        if (ready) reporter.report();
        await rest.until(Math.min(wait, lease.dueAt() - now()));
      }
      stopped = true;
      signal.removeEventListener('abort', rest.wake);
      await calls.finish();
      await lease.release();
    },
    status,
    settled: (incident) => backlog.settled(incident),
  };
}
