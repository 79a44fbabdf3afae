import type { Sleep } from '../domain/chat.js';
import type { Backlog } from './backlog.js';
import { carryOut, type Hands } from './carry-out.js';
import { bestEdit, type Seen } from './look.js';
import type { Looks } from './looks.js';
import { pick } from './pick.js';
import type { Step } from './plan.js';
import type { Candidate, Work } from './work.js';

/** How long calls under way may take when the process must end. */
const LAST_CALLS_MS = 3000;

export interface CallsDeps<Body> {
  hands: Hands<Body>;
  backlog: Backlog;
  looks: Looks<Body>;
  sleep: Sleep;
  wake(): void;
  /** Ends all calls that are under way. */
  end(): void;
}

/** Makes the calls that the limits of the chat allow. */
export interface Calls {
  /** @returns milliseconds until another call may be possible. */
  start(): number;
  /** Waits for those under way, for a moment. */
  finish(): Promise<void>;
}

export function createCalls<Body>({ hands, backlog, looks, sleep, wake, end }: CallsDeps<Body>): Calls {
  const { buckets, gates, clock, platform } = hands;
  const now = (): number => clock.now().getTime();
  const underWay = new Set<Promise<void>>();

  async function call(work: Work, candidate: Candidate): Promise<void> {
    let called = false;
    try {
      const seen = await looks.see(work);
      const step = seen && stepLike(work, seen, candidate);
      if (step !== undefined && hands.leading() && !buckets.paused(candidate.paces, now()))
        called = await carryOut(hands, work, step, seen?.version ?? 0);
    } catch (error) {
      called = true;
      looks.stumbled(work, error);
    } finally {
      if (!called) buckets.giveBack(candidate.paces);
      work.busy = false;
      work.candidates = [];
      backlog.lookAgain(work);
    }
  }

  /** The step of that kind which the newest state needs; undefined when it would need other tokens than were taken. */
  function stepLike(work: Work, { plan }: Seen<Body>, { call, paces }: Candidate): Step<Body> | undefined {
    const step = call === 'edit' ? bestEdit(work, plan, now()) : plan.next;
    if (step?.call !== call) return undefined;
    const names = (all: readonly { bucket: string }[]): string => all.map(({ bucket }) => bucket).join(' ');
    return names(platform.paceOf(call, step.place)) === names(paces) ? step : undefined;
  }

  return {
    start() {
      const { chosen, wait } = pick({ works: backlog.works, buckets, gates, now: now(), calling: underWay.size });
      for (const { work, candidate } of chosen) {
        work.busy = true;
        const running = call(work, candidate).finally(() => {
          underWay.delete(running);
          if (hands.leading()) looks.start();
          if (looks.idle()) wake();
        });
        underWay.add(running);
      }
      return wait;
    },
    async finish() {
      const enough = new AbortController();
      void sleep(LAST_CALLS_MS, enough.signal).then(end);
      await Promise.allSettled([...underWay]);
      enough.abort();
    },
  };
}
