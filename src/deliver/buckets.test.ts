import { describe, expect, it } from 'vitest';
import type { Pace } from '../domain/chat.js';
import { createBuckets } from './buckets.js';

const START = 1_000_000;
const EDIT: Pace = { bucket: 'edit', perMinute: 60, burst: 3 };
const POST: Pace = { bucket: 'post', perMinute: 30, burst: 1 };

describe('token buckets', () => {
  it('are empty at first and fill up to their burst', () => {
    const buckets = createBuckets(START);
    expect(buckets.wait([EDIT], START)).toBe(1000);
    expect(buckets.wait([EDIT, POST], START)).toBe(2000);
    const later = START + 60_000;
    for (let n = 0; n < 3; n++) {
      expect(buckets.wait([EDIT], later)).toBe(0);
      buckets.take([EDIT], later);
    }
    expect(buckets.wait([EDIT], later)).toBe(1000);
  });

  it('have filled since the beginning when they are first named later', () => {
    expect(createBuckets(START).wait([{ ...POST, bucket: 'new channel' }], START + 5000)).toBe(0);
  });

  it('never give more than burst and rate allow, whatever the rhythm', () => {
    const pace: Pace = { bucket: 'odd', perMinute: 43, burst: 4 };
    const buckets = createBuckets(START);
    const taken: number[] = [];
    for (let now = START; now < START + 600_000; now += 1 + ((now * 7919) % 4001)) {
      while (buckets.wait([pace], now) === 0) {
        buckets.take([pace], now);
        taken.push(now);
      }
    }
    for (const from of taken) {
      const within = taken.filter((at) => at >= from && at < from + 60_000).length;
      expect(within).toBeLessThanOrEqual(43 + 4);
    }
    expect(taken.length).toBeGreaterThan(380);
  });

  it('give nothing while they are stopped, one token afterwards, and others go on', () => {
    const buckets = createBuckets(START);
    const now = START + 60_000;
    buckets.refused([EDIT], now, now + 7000);
    expect(buckets.wait([EDIT], now)).toBe(7000);
    expect(buckets.paused([POST, EDIT], now)).toBe(true);
    expect(buckets.wait([POST], now)).toBe(0);
    buckets.take([EDIT], now + 7000);
    expect(buckets.wait([EDIT], now + 7000)).toBe(1000);
    expect(buckets.paused([EDIT], now + 7000)).toBe(false);
  });

  it('stop one channel when a post is refused there, and all of them when others are refused meanwhile', () => {
    const workspace: Pace = { bucket: 'workspace', perMinute: 600, burst: 10 };
    const [here, there, elsewhere] = ['here', 'there', 'elsewhere'].map((bucket) => [{ ...POST, bucket }, workspace]);
    const buckets = createBuckets(START);
    const now = START + 60_000;
    buckets.refused(here ?? [], now, now + 7000);
    buckets.refused(here ?? [], now + 100, now + 7100);
    expect(buckets.wait(here ?? [], now)).toBe(7100);
    expect(buckets.wait(there ?? [], now)).toBe(0);
    buckets.refused(there ?? [], now + 1000, now + 9000);
    expect(buckets.wait(elsewhere ?? [], now + 1000)).toBe(8000);
    expect(buckets.paused(elsewhere ?? [], now + 9000)).toBe(false);
  });

  it('take two refusals that do not overlap for two of their own', () => {
    const workspace: Pace = { bucket: 'workspace', perMinute: 600, burst: 10 };
    const buckets = createBuckets(START);
    const now = START + 60_000;
    buckets.refused([{ ...POST, bucket: 'here' }, workspace], now, now + 1000);
    buckets.refused([{ ...POST, bucket: 'there' }, workspace], now + 1000, now + 2000);
    expect(buckets.wait([workspace], now + 1000)).toBe(0);
  });

  it('get back what was taken for a call that was not made', () => {
    const buckets = createBuckets(START);
    buckets.take([POST], START + 60_000);
    expect(buckets.wait([POST], START + 60_000)).toBe(2000);
    buckets.giveBack([POST]);
    expect(buckets.wait([POST], START + 60_000)).toBe(0);
  });

  it('are empty again when somebody else has used them', () => {
    const buckets = createBuckets(START);
    buckets.empty(START + 60_000);
    expect(buckets.wait([EDIT], START + 60_000)).toBe(1000);
  });
});
