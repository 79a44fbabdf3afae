import { describe, expect, it } from 'vitest';
import { createExcerpt, excerptOf } from './excerpt.js';

describe('excerptOf', () => {
  it('leaves a short text as it is', () => {
    expect(excerptOf('a\nb', 100)).toBe('a\nb');
  });

  it('keeps head, cause and tail of a long log, and says what it cut', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `INFO line ${index}`);
    lines[2500] = 'Caused by: java.lang.OutOfMemoryError: Java heap space';
    const text = excerptOf(lines.join('\n'), 4000);
    expect(Buffer.byteLength(text)).toBeLessThan(4200);
    expect(text).toContain('INFO line 0\n');
    expect(text).toContain('Java heap space');
    expect(text).toContain('INFO line 4999');
    const cut = Number(/\[(\d+) lines cut/.exec(text)?.[1]);
    expect(cut + text.split('\n').length - 1).toBe(5000);
  });

  it('stays within bounds on one endless line and on nothing but errors', () => {
    expect(excerptOf('x'.repeat(1_000_000), 4000).length).toBeLessThan(5000);
    const errors = createExcerpt(4000);
    for (let at = 0; at < 5000; at += 1) errors.push(`ERROR number ${at}`);
    expect(Buffer.byteLength(errors.text())).toBeLessThan(4200);
  });
});
