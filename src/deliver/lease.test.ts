import { beforeEach, expect, it } from 'vitest';
import { createProcessLog } from '../log.js';
import { createLease, type Lease } from './lease.js';

const HOUR = 3600_000;
let time: number;
let taken: boolean;
let asked: number;
let lease: Lease;

beforeEach(() => {
  time = Date.parse('2026-05-14T02:00:00Z');
  taken = false;
  asked = 0;
  lease = createLease({
    store: {
      async lead() {
        asked += 1;
        return !taken;
      },
    },
    clock: { now: () => new Date(time) },
    holder: 'web-1',
    processLog: createProcessLog('test', 'silent'),
  });
});

it('is held for twelve seconds after each renewal', async () => {
  expect(await lease.keep()).toBe('won');
  time += 11_999;
  expect(lease.held()).toBe(true);
  time += 1;
  expect(lease.held()).toBe(false);
});

it('is asked for every five seconds, not more often', async () => {
  await lease.keep();
  time += 4999;
  expect([await lease.keep(), asked, lease.dueAt() - time]).toEqual(['held', 1, 1]);
  time += 1;
  expect([await lease.keep(), asked]).toEqual(['held', 2]);
});

it('is not believed in when the clock was set back, and asked for at once', async () => {
  await lease.keep();
  time -= HOUR;
  expect(lease.held()).toBe(false);
  expect(lease.dueAt() - time).toBeLessThanOrEqual(5000);
  taken = true;
  expect([await lease.keep(), asked]).toEqual(['not held', 2]);
  time -= HOUR;
  taken = false;
  expect([await lease.keep(), asked]).toEqual(['won', 3]);
});
