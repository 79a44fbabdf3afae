import { describe, expect, it } from 'vitest';
import { bounded } from './bounds.js';
import { ageOf, outside, record, spanMs, withDetail } from './text.js';

describe('a record', () => {
  it('quotes what is not one plain word and leaves out what is not there', () => {
    expect(record('run', { id: 'a b', state: 'failed', try: 0, note: undefined, host: '', paused: false })).toBe(
      'run id="a b" state=failed try=0 paused=false',
    );
  });

  it.each([
    ['a line break', 'x\nrun id=y', '"x\\nrun id=y"'],
    ['an equals sign', 'a=b', '"a=b"'],
    ['a quote', 'say "x"', '"say \\"x\\""'],
    ['a fence', '| x', '"| x"'],
    ['an exotic line break', 'x\u2028y', '"x\\ny"'],
  ])('keeps %s inside its value', (_, value, expected) => {
    expect(record('r', { v: value })).toBe(`r v=${expected}`);
  });
});

describe('outside text', () => {
  it('is fenced line by line, without trailing blank lines', () => {
    expect(outside('a\r\nb\u0085c\n\n', 1000)).toEqual(['| a', '| b', '| c']);
  });

  it('of one line becomes a field, of several the field and the lines', () => {
    expect(withDetail('op', { id: 1 }, 'error', 'bad', 100)).toEqual(['op id=1 error=bad']);
    expect(withDetail('op', { id: 1 }, 'error', undefined, 100)).toEqual(['op id=1']);
    expect(withDetail('op', { id: 1 }, 'error', 'bad\nCaused by: x', 100)).toEqual([
      'op id=1 error=bad',
      '| bad',
      '| Caused by: x',
    ]);
  });
});

it.each([
  ['2026-03-11T02:13:30Z', '0m'],
  ['2026-03-11T01:39:00Z', '35m'],
  ['2026-03-10T20:14:00Z', '6h'],
  ['2026-01-23T02:14:00Z', '47d'],
  ['2026-03-12T02:14:00Z', '0m'],
  ['no time', undefined],
])('the age of %s is %s', (at, age) => {
  expect(ageOf(at, new Date('2026-03-11T02:14:00Z'))).toBe(age);
});

it('spans are milliseconds', () => {
  expect(spanMs('2w')).toBe(14 * 86_400_000);
  expect(() => spanMs('soon')).toThrow(RangeError);
});

it.each([100, 1_000, 12_000])('an answer never exceeds %i bytes, whatever its lines', (most) => {
  for (const line of ['x', 'é'.repeat(900), 'ERROR y', '| z', 'word '.repeat(4_000)]) {
    const text = Array.from({ length: 3_000 }, (_, index) => `${line}${index}`).join('\n');
    expect(Buffer.byteLength(bounded(text, Math.max(most, 400)).text)).toBeLessThanOrEqual(Math.max(most, 400));
  }
});
