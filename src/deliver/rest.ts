import type { Sleep } from '../domain/chat.js';

/** The pause between two rounds of work, which ends early when there is something new. */
export interface Rest {
  until(ms: number): Promise<void>;
  /** Also what happens outside of a pause is not missed: the next one ends at once. */
  wake(): void;
}

export function createRest(sleep: Sleep): Rest {
  let woken = false;
  let nap: AbortController | undefined;
  return {
    async until(ms) {
      if (!woken) {
        nap = new AbortController();
        await sleep(Math.max(1, ms), nap.signal);
        nap = undefined;
      }
      woken = false;
    },
    wake() {
      woken = true;
      nap?.abort('woken');
    },
  };
}
