import type { RichTextBlockElement } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { validateMessage } from '../../test/support/slack/validate/message.js';
import { withLocalTimes } from './local-times.js';
import { box, bullets, code, line, rich, said } from './text.js';

const NEAR = '2026-12-31T23:10:00.000Z';
const shown = (...parts: RichTextBlockElement[]): unknown => {
  const [block] = withLocalTimes([rich(...parts)], NEAR);
  expect(validateMessage({ method: 'chat.postMessage', text: 'x', blocks: [block] })).toBeUndefined();
  return (block as { elements: unknown[] }).elements;
};
const date = (at: string, fallback: string, more: object = {}): object => ({
  type: 'date',
  timestamp: Date.parse(at) / 1000,
  format: '{time}, {date_short_pretty}',
  fallback,
  ...more,
});

describe('instants in the reader’s time zone', () => {
  it('replace those in UTC, with the words around them and their style', () => {
    expect(shown(line(said('Decide before 00:10 UTC, 1 Jan. Opened 23:10 UTC, 31 Dec', { bold: true })))).toEqual([
      line(
        said('Decide before ', { bold: true }),
        date('2027-01-01T00:10:00.000Z', '00:10 UTC, 1 Jan', { style: { bold: true } }) as never,
        said('. Opened ', { bold: true }),
        date('2026-12-31T23:10:00.000Z', '23:10 UTC, 31 Dec', { style: { bold: true } }) as never,
      ),
    ]);
    expect(JSON.stringify(shown(bullets([[said('due 02:00 UTC, 2 Jan')]])))).toContain(
      JSON.stringify(date('2027-01-02T02:00:00.000Z', '02:00 UTC, 2 Jan')),
    );
  });

  it('leave words of others and what is no instant as they are', () => {
    const parts = [
      box(said('Registry changed at 00:10 UTC, 1 Jan')),
      code('run 00:10 UTC, 1 Jan'),
      line(said('at 25:10 UTC, 1 Jan, at 10:75 UTC, 1 Jan, on 10:10 UTC, 31 Feb')),
    ];
    expect(shown(...parts)).toEqual(parts);
  });
});
