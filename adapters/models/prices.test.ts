import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { priceOf, readPrices } from './prices.js';

const million = { inputTokens: 1_000_000, outputTokens: 1_000_000 };

describe('priceOf', () => {
  const table = readPrices();

  it('charges a dated name like its model, and the longest known beginning wins', () => {
    expect(priceOf(table, 'gpt-4o-2024-08-06', million)).toBe(12.5);
    expect(priceOf(table, 'gpt-4o-mini-2024-07-18', million)).toBeCloseTo(0.75);
  });

  it('charges an unknown model like the dearest, never nothing', () => {
    const dearest = Math.max(...Object.keys(table.models).map((name) => priceOf(table, name, million)));
    expect(priceOf(table, 'somebody-else-70b', million)).toBeGreaterThanOrEqual(dearest);
  });
});

describe('readPrices', () => {
  const write = (content: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), 'prices-')), 'prices.json');
    writeFileSync(file, content);
    return file;
  };

  it.each([
    ['no JSON', 'prices: none', ''],
    [
      'a price of nothing',
      JSON.stringify({ ...readPrices(), models: { free: { input: 0, output: 0 } } }),
      'models.free.input',
    ],
    ['no date', JSON.stringify({ ...readPrices(), date: undefined }), 'date'],
    ['no model', JSON.stringify({ ...readPrices(), models: {} }), 'models'],
  ])('refuses %s and names the field', (_name, content, field) => {
    expect(() => readPrices(write(content))).toThrow(expect.objectContaining({ kind: 'misconfigured' }));
    try {
      readPrices(write(content));
    } catch (error) {
      expect((error as { field?: string }).field ?? '').toBe(field);
    }
  });
});
