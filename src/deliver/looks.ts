import { asAppError } from '../domain/errors.js';
import type { Clock } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';
import type { Backlog } from './backlog.js';
import { candidatesOf, type LookDeps, look, type Seen } from './look.js';
import type { Over } from './over.js';
import { backOff, inTrouble, type Work } from './work.js';

/** Looks take a millisecond each; so many at a time leave the process free for its other work. */
const MOST_LOOKS = 4;
const LOOKS_PER_ROUND = 64;
const STORE_AWAY_MS = 1000;

export interface LooksDeps<Body> extends LookDeps<Body> {
  backlog: Backlog;
  over: Over;
  clock: Clock;
  processLog: ProcessLog;
  leading(): boolean;
  wake(): void;
}

/** Finds out what each changed thread needs. */
export interface Looks<Body> {
  /** Looks at what changed, a few threads at a time. */
  start(): void;
  /** None is under way. */
  idle(): boolean;
  /** Renders and compares; what is as it should be is forgotten. @throws AppError of the store. */
  see(work: Work): Promise<Seen<Body> | undefined>;
  /** The store is away, or a thread can not be rendered: its turn comes again. */
  stumbled(work: Work, thrown: unknown): void;
  /** Milliseconds until the store is asked again; 0 when it is there. */
  pause(): number;
}

export function createLooks<Body>(deps: LooksDeps<Body>): Looks<Body> {
  const { backlog, clock, processLog } = deps;
  const now = (): number => clock.now().getTime();
  let looking = 0;
  let looks = 0;
  let storeAwayUntil = 0;

  async function lookAt(work: Work): Promise<void> {
    work.busy = true;
    try {
      await found.see(work);
    } catch (error) {
      found.stumbled(work, error);
    } finally {
      work.busy = false;
    }
  }

  /** After a restart thousands of looks follow each other: calls are chosen now and then meanwhile, not after each. */
  function looked(): void {
    looking -= 1;
    looks += 1;
    if (deps.leading()) found.start();
    if (looking === 0 || looks % LOOKS_PER_ROUND === 0) deps.wake();
  }

  const found: Looks<Body> = {
    idle: () => looking === 0,
    pause: () => Math.max(0, storeAwayUntil - now()),
    start() {
      if (found.pause() > 0) return;
      for (const work of backlog.toLookAt) {
        if (looking >= MOST_LOOKS) return;
        if (work.busy || work.lookAfter > now()) continue;
        backlog.toLookAt.delete(work);
        looking += 1;
        void lookAt(work).finally(looked);
      }
    },
    async see(work) {
      const seen = await look(deps, work);
      if (seen !== undefined) work.candidates = candidatesOf(deps.platform, work, seen.plan, now());
      if (seen !== undefined && seen.plan.waiting.length > 0) return seen;
      if (work.stale) return undefined;
      if (seen?.finished) await deps.over.note(work.incident, seen.version);
      // Something may have changed while that was stored.
      if (!work.stale) backlog.forget(work);
      return undefined;
    },
    stumbled(work, thrown) {
      const error = asAppError(thrown);
      processLog.warn({ error, incident: work.incident }, 'a thread can not be delivered now');
      if (error.kind === 'unavailable' || error.kind === 'timeout') storeAwayUntil = now() + STORE_AWAY_MS;
      inTrouble(work, error.safeText, now());
      backOff(work, now());
      work.lookAfter = work.notBefore;
      work.candidates = [];
      backlog.lookAgain(work);
    },
  };
  return found;
}
