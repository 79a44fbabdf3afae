import { describe, expect, it } from 'vitest';
import { nextRun } from './cron.js';

const dueAfter = (schedule: string | undefined, instant: string): string | undefined =>
  nextRun(schedule, new Date(instant))?.toISOString();

describe('the next run of a schedule', () => {
  it.each([
    ['0 2 * * *', '2026-05-14T02:00:00Z', '2026-05-15T02:00:00.000Z'],
    ['0 2 * * *', '2026-05-14T01:59:59Z', '2026-05-14T02:00:00.000Z'],
    ['*/15 * * * *', '2026-05-14T02:16:00Z', '2026-05-14T02:30:00.000Z'],
    ['5,35 6-8 * * *', '2026-05-14T08:35:00Z', '2026-05-15T06:05:00.000Z'],
    ['0 6 * * 1-5', '2026-05-15T07:00:00Z', '2026-05-18T06:00:00.000Z'],
    ['0 6 * * mon', '2026-05-14T00:00:00Z', '2026-05-18T06:00:00.000Z'],
    ['0 6 * * 7', '2026-05-14T00:00:00Z', '2026-05-17T06:00:00.000Z'],
    ['0 0 31 * *', '2026-04-01T00:00:00Z', '2026-05-31T00:00:00.000Z'],
    ['0 0 29 feb *', '2026-05-14T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    // Either day is enough when both are given.
    ['0 0 13 * 5', '2026-05-14T00:00:00Z', '2026-05-15T00:00:00.000Z'],
    ['0 3 1 1/3 *', '2026-05-14T00:00:00Z', '2026-07-01T03:00:00.000Z'],
    ['@daily', '2026-12-31T12:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['@quarterly', '2026-05-14T00:00:00Z', '2026-07-01T00:00:00.000Z'],
  ])('%s after %s is %s', (schedule, instant, next) => {
    expect(dueAfter(schedule, instant)).toBe(next);
  });

  it.each([
    undefined,
    '',
    '@once',
    'None',
    '0 2 * *',
    '60 2 * * *',
    '0 2 30 2 *',
    '5-1 * * * *',
    '*/0 * * * *',
    'a b c d e',
  ])('there is none of %s', (schedule) => {
    expect(dueAfter(schedule, '2026-05-14T00:00:00Z')).toBeUndefined();
  });
});
