import { setMaxListeners } from 'node:events';
import type { ChatPlatform, DeliveryStore, Sleep } from '../domain/chat.js';
import { asAppError } from '../domain/errors.js';
import type { Clock } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';
import { type Buckets, createBuckets } from './buckets.js';
import { carryOut, type Hands } from './carry-out.js';
import { createGates } from './gates.js';
import type { Lease } from './lease.js';
import { bestEdit, candidatesOf, type LookDeps, look, type Seen } from './look.js';
import type { Over } from './over.js';
import { pick } from './pick.js';
import type { Step } from './plan.js';
import { createRest } from './rest.js';
import { type DeliveryStatus, statusOf } from './status.js';
import { backOff, type Candidate, inTrouble, type Work } from './work.js';

export interface DelivererDeps<Body> extends LookDeps<Body> {
  platform: ChatPlatform<Body>;
  store: DeliveryStore;
  clock: Clock;
  sleep: Sleep;
  processLog: ProcessLog;
  works: Map<string, Work>;
  over: Over;
}

export interface Deliverer {
  /** The thread is not shown as it should be, or may not be. */
  changed(work: Work): void;
  run(lease: Lease, signal: AbortSignal): Promise<void>;
  status(): Omit<DeliveryStatus, 'leading'>;
  settled(incident?: string): Promise<void>;
}

/** Looks take a millisecond each; so many at a time leave the process free for its other work. */
const MOST_LOOKS = 4;
const LOOKS_PER_ROUND = 64;
/** How long calls under way may take when the process must end. */
const LAST_CALLS_MS = 3000;

/** Decides which thread calls next, under the limits of the chat. */
export function createDeliverer<Body>(deps: DelivererDeps<Body>): Deliverer {
  const { works, clock, platform, processLog } = deps;
  const now = (): number => clock.now().getTime();
  const buckets: Buckets = createBuckets(now());
  const gates = createGates();
  const rest = createRest(deps.sleep);
  const toLookAt = new Set<Work>();
  const ending = new AbortController();
  // Each call under way listens to it.
  setMaxListeners(0, ending.signal);
  const settling: { incident: string | undefined; resolve: () => void }[] = [];
  let looking = 0;
  let looks = 0;
  const calling = new Set<Promise<void>>();
  let lease: Lease | undefined;
  let stopped = false;
  const leading = (): boolean => !stopped && (lease?.held() ?? false);
  const hands: Hands<Body> = { ...deps, buckets, gates, leading, ending: ending.signal };

  function changed(work: Work): void {
    if (!work.stale) work.changedAt = now();
    work.stale = true;
    toLookAt.add(work);
    rest.wake();
  }

  function forget(work: Work): void {
    works.delete(work.incident);
    toLookAt.delete(work);
    for (const one of settling.filter(({ incident }) =>
      incident === undefined ? works.size === 0 : incident === work.incident,
    )) {
      settling.splice(settling.indexOf(one), 1);
      one.resolve();
    }
  }

  /** Renders and compares; what is as it should be is forgotten. */
  async function see(work: Work): Promise<Seen<Body> | undefined> {
    const seen = await look(deps, work);
    if (seen !== undefined) work.candidates = candidatesOf(platform, work, seen.plan, now());
    if (seen !== undefined && seen.plan.waiting.length > 0) return seen;
    if (work.stale) return undefined;
    if (seen?.finished) await deps.over.note(work.incident, seen.version);
    // Something may have changed while that was stored.
    if (!work.stale) forget(work);
    return undefined;
  }

  async function lookAt(work: Work): Promise<void> {
    work.busy = true;
    try {
      await see(work);
    } catch (error) {
      stumbled(work, error);
    } finally {
      work.busy = false;
    }
  }

  /** The store is away, or a thread can not be rendered: its turn comes again. */
  function stumbled(work: Work, thrown: unknown): void {
    const error = asAppError(thrown);
    processLog.warn({ error, incident: work.incident }, 'a thread can not be delivered now');
    inTrouble(work, error.safeText, now());
    backOff(work, now());
    work.lookAfter = work.notBefore;
    toLookAt.add(work);
  }

  function startLooks(): void {
    for (const work of toLookAt) {
      if (looking >= MOST_LOOKS) return;
      if (work.busy || work.lookAfter > now()) continue;
      toLookAt.delete(work);
      looking += 1;
      void lookAt(work).finally(looked);
    }
  }

  /** After a restart thousands of looks follow each other: calls are chosen now and then meanwhile, not after each. */
  function looked(): void {
    looking -= 1;
    looks += 1;
    if (leading()) startLooks();
    if (looking === 0 || looks % LOOKS_PER_ROUND === 0) rest.wake();
  }

  async function call(work: Work, candidate: Candidate): Promise<void> {
    let called = false;
    try {
      const seen = await see(work);
      const step = seen && stepLike(work, seen, candidate);
      if (step !== undefined && leading() && !buckets.paused(candidate.paces, now()))
        called = await carryOut(hands, work, step, seen?.version ?? 0);
    } catch (error) {
      called = true;
      stumbled(work, error);
    } finally {
      if (!called) buckets.giveBack(candidate.paces);
      work.busy = false;
      work.candidates = [];
      if (works.get(work.incident) === work) toLookAt.add(work);
    }
  }

  /** The step of that kind which the newest state needs; undefined when it would need other tokens than were taken. */
  function stepLike(work: Work, { plan }: Seen<Body>, { call, paces }: Candidate): Step<Body> | undefined {
    const step = call === 'edit' ? bestEdit(work, plan, now()) : plan.next;
    if (step?.call !== call) return undefined;
    const names = (all: readonly { bucket: string }[]): string => all.map(({ bucket }) => bucket).join(' ');
    return names(platform.paceOf(call, step.place)) === names(paces) ? step : undefined;
  }

  /** @returns milliseconds until another call may be possible. */
  function startCalls(): number {
    const { chosen, wait } = pick({ works, buckets, gates, now: now(), calling: calling.size });
    for (const { work, candidate } of chosen) {
      work.busy = true;
      const running = call(work, candidate).finally(() => {
        calling.delete(running);
        if (leading()) startLooks();
        if (looking === 0) rest.wake();
      });
      calling.add(running);
    }
    return wait;
  }

  /** All that came before the lease did: most of it is shown already. */
  async function takeOver(): Promise<boolean> {
    try {
      await deps.over.load();
    } catch (error) {
      processLog.warn({ error }, 'what the chat shows can not be read');
      return false;
    }
    buckets.empty(now());
    for (const work of [...works.values()]) {
      if (deps.over.isShown(work.incident, work.version, work.finishedAt)) forget(work);
      else changed(work);
    }
    processLog.info({ threads: works.size }, 'this process delivers to the chat now');
    return true;
  }

  async function run(held: Lease, signal: AbortSignal): Promise<void> {
    lease = held;
    let ready = false;
    signal.addEventListener('abort', rest.wake);
    while (!signal.aborted) {
      const state = await held.keep();
      if (state === 'won' || (state === 'held' && !ready)) ready = await takeOver();
      let wait = held.dueAt() - now();
      if (ready && leading()) {
        startLooks();
        wait = Math.min(wait, startCalls());
      }
      await rest.until(wait);
    }
    stopped = true;
    signal.removeEventListener('abort', rest.wake);
    await finishCalls();
    await held.release();
  }

  async function finishCalls(): Promise<void> {
    const enough = new AbortController();
    void deps.sleep(LAST_CALLS_MS, enough.signal).then(() => ending.abort());
    await Promise.allSettled([...calling]);
    enough.abort();
  }

  return {
    changed,
    run,
    status: () => statusOf(works, gates.closed()),
    settled: (incident) =>
      new Promise((resolve) => {
        if (incident === undefined ? works.size === 0 : !works.has(incident)) resolve();
        else settling.push({ incident, resolve });
      }),
  };
}
