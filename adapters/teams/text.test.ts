import { describe, expect, it } from 'vitest';
import { line, said } from '../../src/domain/rich-text.js';
import { withLocalTimes } from './local-times.js';
import { PAPER, written } from './paper.js';
import { beginning, bytesOf, indented, inert, shortened, sizeOf } from './text.js';

describe('text', () => {
  it.each(['a"b\\c\nd\te', 'é漢😀', 'שלום', 'x'.repeat(100), '\u{1f469}\u200d\u{1f467}'])(
    'is measured as it is sent: %j',
    (text) => expect(sizeOf(text)).toBe(bytesOf(text) - 2),
  );

  it('is never cut within a letter, and says exactly how much is not shown', () => {
    expect(beginning('a😀b', 4)).toBe('a');
    expect(beginning('a😀b', 5)).toBe('a😀');
    const text = '漢'.repeat(500);
    const [, shown = '', left] =
      /^(.*)… \((\d+) more characters: Show all\)$/u.exec(shortened(text, 300, 'Show all')) ?? [];
    expect([...shown].length + Number(left)).toBe(500);
    expect(sizeOf(shortened(text, 300, 'Show all'))).toBeLessThanOrEqual(300);
  });

  it('loses what clients read into it, and no letter', () => {
    for (const text of ['<at>On call</at>', 'http://a.example', 'HTTPS://a.example', 'www.a.example', '{{ TIME(x)}}']) {
      expect(inert(text)).not.toBe(text);
      expect(inert(text).replaceAll('\u200b', '')).toBe(text);
    }
    for (const text of ['{{ ds }}', 's3://bucket/key', 'a < b', 'attach', 'note: http']) expect(inert(text)).toBe(text);
  });

  it('holds no date that a client would work out', () => {
    const macro = '{{DATE(2026-05-14T02:14:00Z, SHORT)}} {{TIME(2026-05-14T02:14:00Z)}}';
    const sent = JSON.stringify(written([line(said(macro))]));
    expect(sent).toContain('TIME(2026-05-14T02:14:00Z)');
    expect(sent).not.toContain('{{');
  });

  it('keeps its indents where clients fold spaces', () => {
    expect(indented('  a b\n    c  d')).toBe('\u00a0\u00a0a b\n\u00a0\u00a0\u00a0\u00a0c\u00a0\u00a0d');
  });
});

describe('a line of several parts', () => {
  it('ends where a part ends its line, as not every client shows a line end there', () => {
    const element = written([
      line(said('a: ', { bold: true }), said('1\n2'), said('\n'), said('b: ', { bold: true }), said('3\r\n')),
    ]);
    expect(element).toEqual({
      type: 'Container',
      items: [
        {
          type: 'RichTextBlock',
          inlines: [
            { type: 'TextRun', text: 'a: ', weight: 'Bolder' },
            { type: 'TextRun', text: '1\n2' },
          ],
        },
        {
          type: 'RichTextBlock',
          inlines: [
            { type: 'TextRun', text: 'b: ', weight: 'Bolder' },
            { type: 'TextRun', text: '3' },
          ],
          spacing: 'None',
        },
      ],
    });
    expect(PAPER.costOf([line(said('x'))])).toBe(bytesOf(written([line(said('x'))])) + 1);
  });
});

describe('an instant', () => {
  const timed = (text: string): string =>
    JSON.stringify(withLocalTimes([written([line(said(text))])], '2026-05-14T00:00:00.000Z'));

  it('is told in the reader’s own time beside ours, in the year that it is near to', () => {
    expect(timed('Decide before 03:15 UTC, 14 May. Now.')).toContain('{{TIME(2026-05-14T03:15:00Z)}} your time');
    expect(timed('at 23:00 UTC, 31 Dec')).toContain('2025-12-31T23:00:00Z');
    expect(timed('at 25:00 UTC, 31 Feb')).not.toContain('TIME');
  });
});
