import { setTimeout as wait } from 'node:timers/promises';
import type { Time } from '../../../src/roles/system-time.js';

/** One clock for several processes: virtual time runs `speed` times as fast as the wall since `wall`, when it was `virtual`. */
export interface VirtualEpoch {
  wall: number;
  virtual: number;
  speed: number;
}

/** The same virtual time in whichever process it is asked for. */
export function virtualTime({ wall, virtual, speed }: VirtualEpoch): Time {
  return {
    clock: { now: () => new Date(virtual + (Date.now() - wall) * speed) },
    sleep: (ms, signal) => wait(ms / speed, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
  };
}
