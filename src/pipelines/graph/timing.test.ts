import { describe, expect, it } from 'vitest';
import { changesOfClock, sameClock, skippedStart } from './clock.js';
import { later } from './cron-fields.js';
import { milliseconds, spoken } from './duration.js';
import { offsetAt, readRuns } from './runs.js';

const iso = (instants: readonly number[]): string[] => instants.map((at) => new Date(at).toISOString().slice(0, 16));
const at = (text: string): number => Date.parse(`${text}:00Z`);

describe('the runs of a schedule', () => {
  it('are listed from an instant on, and found before one', () => {
    const runs = readRuns({ cron: '30 4 * * 1-5', timezone: 'UTC' });
    expect(iso(runs?.next(3, at('2026-11-26T04:30')) ?? [])).toEqual([
      '2026-11-26T04:30',
      '2026-11-27T04:30',
      '2026-11-30T04:30',
    ]);
    for (const [asked, found] of [
      ['2026-11-27T04:30', '2026-11-27T04:30'],
      ['2026-11-29T12:00', '2026-11-27T04:30'],
      ['2026-11-30T04:29', '2026-11-27T04:30'],
      ['2026-11-26T04:29', '2026-11-25T04:30'],
      ['2027-06-07T05:00', '2027-06-07T04:30'],
    ] as const) {
      expect(iso([runs?.last(at(asked)) ?? 0]), asked).toEqual([found]);
    }
  });

  it('follow the wall clock of their zone', () => {
    const runs = readRuns({ cron: '0 6 * * *', timezone: 'Europe/Berlin' });
    expect(iso(runs?.next(2, at('2027-03-27T00:00')) ?? [])).toEqual(['2027-03-27T05:00', '2027-03-28T04:00']);
  });

  it.each([
    ['61 * * * *', 'UTC'],
    ['* * *', 'UTC'],
    ['0 0 4 * * *', 'UTC'],
    ['0 4 30 2 *', 'UTC'],
    ['0 4 * * *', 'Mars/Olympus'],
    ['', ''],
    ['\u0000', 'UTC'],
  ])('are none for %j in %j', (cron, timezone) => {
    expect(readRuns({ cron, timezone })).toBeUndefined();
  });
});

describe('the clocks of a time zone', () => {
  it('are set at the minute', () => {
    const changes = changesOfClock('Europe/Berlin', at('2026-11-24T12:00'));
    expect(changes.map(({ at: when, before, after }) => [...iso([when]), before, after])).toEqual([
      ['2027-03-28T01:00', 60, 120],
      ['2027-10-31T01:00', 120, 60],
    ]);
    expect(changesOfClock('Asia/Tokyo', at('2026-11-24T12:00'))).toEqual([]);
    expect(changesOfClock('Mars/Olympus', 0)).toEqual([]);
    expect(offsetAt('Asia/Kolkata', at('2026-11-24T12:00'))).toBe(330);
  });

  it.each([
    ['Europe/Berlin', 'Europe/Paris', true],
    ['UTC', 'Etc/UTC', true],
    ['UTC', 'Europe/London', false],
    ['UTC', 'Africa/Abidjan', true],
    ['Europe/Berlin', 'America/New_York', false],
  ])('of %s and %s are the same all year: %s', (a, b, same) => {
    expect(sameClock(a, b, at('2026-11-24T00:00'))).toBe(same);
  });

  it.each([
    ['30 2 * * *', 'Europe/Berlin', '2027-03-28 02:30', '30 3 * * *'],
    ['0 1 * * 0', 'Europe/London', '2027-03-28 01:00', '0 2 * * 0'],
    ['15 2 14 3 *', 'America/New_York', '2027-03-14 02:15', '15 3 14 3 *'],
  ])('skip %s in %s', (cron, timezone, local, suggestion) => {
    expect(skippedStart({ cron, timezone }, at('2026-11-24T00:00'))).toEqual({ local, suggestion });
  });

  it.each([
    ['30 3 * * *', 'Europe/Berlin'],
    ['30 2 * * 1-6', 'Europe/Berlin'],
    ['30 2 * * *', 'UTC'],
    ['*/15 * * * *', 'Europe/Berlin'],
    ['@daily', 'Europe/Berlin'],
  ])('do not skip %s in %s', (cron, timezone) => {
    expect(skippedStart({ cron, timezone }, at('2026-11-24T00:00'))).toBeUndefined();
  });
});

describe('a cron some minutes later', () => {
  it.each([
    ['30 4 * * *', 45, '15 5 * * *'],
    ['30 23 * * 1-5', 45, '15 0 * * 2-6'],
    ['30 23 * * MON,WED', 45, '15 0 * * 2,4'],
    ['30 23 * * 6', 45, '15 0 * * 0'],
    ['0 4,16 * * *', 90, '30 5,17 * * *'],
    ['50 * * * *', 25, '15 * * * *'],
    ['0 4 1 * *', 30, '30 4 1 * *'],
  ])('%s and %i min is %s', (cron, minutes, moved) => {
    expect(later(cron, minutes)).toBe(moved);
  });

  it.each([
    ['30 23 1 * *', 45],
    ['30 4,23 * * *', 45],
    ['0,30 4 * * *', 10],
    ['@daily', 10],
  ])('%s and %i min is no cron of this form', (cron, minutes) => {
    expect(later(cron, minutes)).toBeUndefined();
  });
});

describe('a duration', () => {
  it.each([
    ['PT12H', 720],
    ['P1D', 1440],
    ['P1DT30M', 1470],
    ['P2W', 20160],
    ['PT90S', 1.5],
    ['P1Y1M', 395 * 1440],
  ])('%s is %d minutes', (text, minutes) => {
    expect(milliseconds(text)).toBe(minutes * 60_000);
  });

  it('that is none is none', () => {
    expect([milliseconds('12h'), milliseconds('PT')]).toEqual([undefined, 0]);
  });

  it('is said as a person would', () => {
    expect([45, 119, 150, 4320, 6480].map((minutes) => spoken(minutes * 60_000))).toEqual([
      '45 min',
      '119 min',
      '2.5 h',
      '3 days',
      '4.5 days',
    ]);
  });
});
