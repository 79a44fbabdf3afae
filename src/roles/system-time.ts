import { setTimeout } from 'node:timers/promises';
import type { Sleep } from '../domain/chat.js';
import type { Clock } from '../domain/ports.js';

/** Time as a role lives in it; a test may give it another one. */
export interface Time {
  clock: Clock;
  sleep: Sleep;
}

/** The machine's own. */
export const systemTime: Time = {
  clock: { now: () => new Date() },
  sleep: (ms, signal) => setTimeout(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
