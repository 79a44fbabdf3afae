import { describe, expect, it } from 'vitest';
import { clean } from '../../src/domain/visible-text.js';
import { allLines, diffLines } from './diff-lines.js';
import { asName, beginning, code, dateMrkdwn, inMrkdwn, inPieces, shortened, sizeOf } from './text.js';

describe('text', () => {
  it('loses what cannot be seen but changes what is seen', () => {
    expect(clean('a\0b\u001b[31mc\u202ed\u2066e\ud800f\r\ng\rh\ti😀')).toBe(
      'a\ufffdb\ufffd[31mc\ufffdd\ufffde\ufffdf\ng\nh\ti😀',
    );
  });

  it.each([
    ['<!channel>', '&lt;!channel&gt;'],
    ['&lt;!channel&gt;', '&amp;lt;!channel&amp;gt;'],
    ['<@U1> & <https://x.example|ok>', '&lt;@U1&gt; &amp; &lt;https:\u200b//x.example|ok&gt;'],
    [':fire::fire:', ':\u200bfire::\u200bfire:'],
    ['@here @Channel ana@example.com', '@\u200bhere @\u200bChannel ana@example.com'],
    ['02:14 UTC', '02:14 UTC'],
    ['```', "'''"],
  ])('is letters only in mrkdwn: %s', (text, escaped) => expect(inMrkdwn(text)).toBe(escaped));

  it('is letters only in a name, in whatever way Slack reads it', () => {
    expect(asName('logs(q="<!here> :fire:")\n', 100)).toBe('logs(q="‹!here› :\u200bfire:") ');
    expect(asName('', 100)).toBe('-');
    expect(asName('abcdef', 4)).toBe('abc…');
  });

  it('is counted as Slack stores it, and never cut within a letter', () => {
    expect(sizeOf('a&<>')).toBe(1 + 5 + 4 + 4);
    expect(beginning('a😀b', 2)).toBe('a');
    expect(beginning('a😀b', 3)).toBe('a😀');
    expect(beginning('&&&', 11)).toBe('&&');
    expect(beginning('abc', 3)).toBe('abc');
  });

  it('says exactly how much is not shown', () => {
    const text = '😀'.repeat(500);
    const short = shortened(text, 200, 'Show all');
    const [, shown = '', left] = /^(.*)… \((\d+) more characters: Show all\)$/u.exec(short) ?? [];
    expect([...shown].length + Number(left)).toBe(500);
    expect(sizeOf(short)).toBeLessThanOrEqual(200);
    expect(shortened('short', 200, 'Show all')).toBe('short');
  });

  it('loses nothing in pieces', () => {
    const lines = Array.from({ length: 300 }, (_, at) => `line ${at} ${'x'.repeat(at)}`);
    const pieces = inPieces(lines.join('\n'), 500);
    expect(Math.max(...pieces.map(sizeOf))).toBeLessThanOrEqual(500);
    expect(pieces.join('\n')).toBe(lines.join('\n'));
    expect(inPieces('y'.repeat(1234), 500).join('')).toBe('y'.repeat(1234));
    expect(inPieces('', 500)).toEqual(['']);
  });

  it('is split inside one box when it is longer than one text may be', () => {
    const box = code('z'.repeat(7000)) as { elements: { text: string }[] };
    expect(box.elements.map(({ text }) => text.length)).toEqual([3000, 3000, 1000]);
  });

  it('shows an instant in the reader’s time, and anything else as it is', () => {
    expect(dateMrkdwn('2026-05-14T02:14:00.000Z')).toBe(
      '<!date^1778724840^{date_short_pretty} {time}|2026-05-14 02:14 UTC>',
    );
    expect(dateMrkdwn('<!here>')).toBe('&lt;!here&gt;');
  });
});

describe('a change', () => {
  const side = (lines: readonly string[]): string => lines.join('\n');

  it('shows each line that goes or comes once, in the order of the text', () => {
    expect(allLines('a\nb\nc', 'a\nB\nc\nd').map(({ text }) => text)).toEqual(['  a', '- b', '+ B', '  c', '+ d']);
    expect(allLines('', 'a').map(({ text }) => text)).toEqual(['+ a']);
    expect(diffLines('a', 'a').map(({ text }) => text)).toEqual(['  (1 line stays the same)']);
    expect(diffLines('', '')).toEqual([]);
  });

  it('counts what stays, and hides no line that changes', () => {
    const before = Array.from({ length: 400 }, (_, at) => `column_${at}`);
    const after = before.map((name, at) => (at % 97 === 5 ? `${name}_renamed` : name));
    const shown = diffLines(side(before), side(after)).map(({ text }) => text);
    expect(shown.filter((text) => text.startsWith('+ '))).toEqual(
      after.filter((name) => name.endsWith('_renamed')).map((name) => `+ ${name}`),
    );
    const hidden = shown.map((text) => Number(/^ {2}\((\d+) lines? stays? the same\)$/.exec(text)?.[1] ?? 0));
    const same = shown.filter((text) => /^ {2}column/.test(text)).length;
    expect(hidden.reduce((sum, count) => sum + count, same)).toBe(400 - 5);
  });

  it('is still told when the two sides have too little in common to compare', () => {
    const before = Array.from({ length: 2000 }, (_, at) => `old ${at}`);
    const after = Array.from({ length: 2000 }, (_, at) => `new ${at}`);
    const lines = allLines(side(before), side(after));
    expect(lines.filter(({ changed }) => changed)).toHaveLength(4000);
  });
});
