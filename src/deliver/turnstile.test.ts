import { describe, expect, it } from 'vitest';
import { createTurnstile } from './turnstile.js';

const PACE = { bucket: 'users.info', perMinute: 60, burst: 3 };

function at(start = 0): { turnstile: ReturnType<typeof createTurnstile>; time: { now: number }; slept: number[] } {
  const time = { now: start };
  const slept: number[] = [];
  const clock = { now: () => new Date(time.now) };
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
    time.now += ms;
  };
  return { turnstile: createTurnstile({ clock, sleep }), time, slept };
}

describe('calls beside the deliveries', () => {
  it('go at once while there is room, and then one after the other', async () => {
    const { turnstile, time, slept } = at();
    time.now = 10_000;
    for (let n = 0; n < 5; n++) expect(await turnstile.enter(PACE)).toBe(0);
    expect(slept).toEqual([1000, 1000]);
  });

  it('do not wait for ever: who would wait too long is not let in, and takes nobody’s turn', async () => {
    const { turnstile, time } = at();
    time.now = 60_000;
    turnstile.stop(PACE, 30_000);
    expect(await turnstile.enter(PACE)).toBeGreaterThanOrEqual(30_000);
    time.now = 120_000;
    expect(await turnstile.enter(PACE)).toBe(0);
  });

  it('are refused sooner when they are of no use later', async () => {
    const { turnstile, time, slept } = at();
    time.now = 60_000;
    for (let n = 0; n < 4; n++) expect(await turnstile.enter(PACE, 1500)).toBe(0);
    turnstile.stop(PACE, 3000);
    expect(await turnstile.enter(PACE, 1500)).toBeGreaterThanOrEqual(3000);
    expect(slept).toEqual([1000]);
  });

  it('wait anew when the platform said stop while they waited', async () => {
    const time = { now: 10_000 };
    const slept: number[] = [];
    const turnstile = createTurnstile({
      clock: { now: () => new Date(time.now) },
      sleep: async (ms) => {
        slept.push(ms);
        time.now += ms;
        if (slept.length === 1) turnstile.stop(PACE, 5000);
      },
    });
    time.now = 60_000;
    for (let n = 0; n < 4; n++) expect(await turnstile.enter(PACE)).toBe(0);
    expect(slept[0]).toBe(1000);
    expect(slept[1]).toBeGreaterThanOrEqual(5000);
  });

  it('wait when the platform said so, and calls of another kind do not', async () => {
    const { turnstile, time, slept } = at();
    time.now = 60_000;
    turnstile.stop(PACE, 5000);
    expect(await turnstile.enter({ ...PACE, bucket: 'views.open' })).toBe(0);
    expect(slept).toEqual([]);
    expect(await turnstile.enter(PACE)).toBe(0);
    expect(slept[0]).toBeGreaterThanOrEqual(5000);
  });
});
