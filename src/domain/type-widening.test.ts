import { describe, expect, it } from 'vitest';
import { amountIn, bytesOf, parseQuantity, writtenAs } from './quantity.js';
import { canonicalType, isWidening, widerTypes } from './type-widening.js';

describe('types', () => {
  it.each([
    ['BIGINT', 'long'],
    ['decimal( 18 , 2 )', 'decimal(18,2)'],
    ['array<varchar>', 'array<string>'],
    ['struct<a:int,b:map<string,real>>', 'struct<a:integer,b:map<string,float>>'],
    ['geometry', 'geometry'],
  ])('%s is %s', (text, type) => {
    expect(canonicalType(text)).toBe(type);
  });

  it.each<[string, string, boolean]>([
    ['int', 'bigint', true],
    ['int', 'double', true],
    ['bigint', 'int', false],
    ['bigint', 'double', false],
    ['float', 'double', true],
    ['double', 'float', false],
    ['string', 'int', false],
    ['int', 'string', false],
    ['date', 'timestamp_ntz', true],
    ['date', 'timestamp', false],
    ['decimal(18,2)', 'decimal(20,2)', true],
    ['decimal(18,2)', 'decimal(20,4)', true],
    ['decimal(18,2)', 'decimal(20,5)', false],
    ['decimal(18,2)', 'decimal(18,2)', false],
    ['decimal(18,2)', 'decimal(17,2)', false],
    ['int', 'decimal(10,0)', true],
    ['int', 'decimal(11,2)', false],
    ['long', 'decimal(20,0)', true],
  ])('%s to %s: %s', (from, to, widening) => {
    expect(isWidening(from, to)).toBe(widening);
  });

  it('offers nothing that is no widening', () => {
    for (const type of [
      'byte',
      'short',
      'int',
      'long',
      'float',
      'double',
      'string',
      'date',
      'boolean',
      'decimal(18,2)',
      'decimal(36,2)',
    ]) {
      const [own, ...wider] = widerTypes(type);
      expect(own).toBe(canonicalType(type));
      expect(wider.filter((other) => !isWidening(type, other))).toEqual([]);
    }
  });
});

describe('quantities', () => {
  it.each<[string, string | undefined, number | undefined]>([
    ['8', undefined, 8],
    ['8g', 'g', 8],
    ['4096m', 'g', 4],
    ['8Gi', 'GiB', 8],
    ['1.5', undefined, 1.5],
    ['many', 'g', undefined],
    ['', undefined, undefined],
  ])('%j in %s is %s', (text, unit, amount) => {
    expect(amountIn(text, unit)).toBe(amount);
  });

  it.each<[string, number, string | undefined, string]>([
    ['8', 12, 'GiB', '12'],
    ['8g', 12, 'GiB', '12g'],
    ['4096m', 6, 'g', '6144m'],
    ['512m', 1, undefined, '1m'],
    ['2', 3, undefined, '3'],
  ])('%s becomes %s in %s as %s', (old, value, unit, written) => {
    expect(writtenAs(old, value, unit)).toBe(written);
  });

  it('know bytes', () => {
    expect(bytesOf(parseQuantity('2Gi') ?? { amount: 0, suffix: '' })).toBe(2 ** 31);
    expect(bytesOf({ amount: 1, suffix: 'cpu' })).toBeUndefined();
  });
});
