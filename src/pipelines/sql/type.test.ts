import { describe, expect, it } from 'vitest';
import { boundedDecimal, canCast, commonType, parseType, printType } from './type.js';

const type = (text: string) => {
  const found = parseType(text);
  if (found === undefined) throw new Error(`not a type: ${text}`);
  return found;
};

describe('a type', () => {
  it.each([
    ['bigint', 'BIGINT'],
    [' Decimal( 18 , 4 ) ', 'DECIMAL(18,4)'],
    ['decimal', 'DECIMAL(10,0)'],
    ['varchar(20)', 'STRING'],
    ['array<struct<a:int,`b c`:map<string,decimal(9,2)>>>', 'ARRAY<STRUCT<a: INT, b c: MAP<STRING, DECIMAL(9,2)>>>'],
  ])('%s is read and printed as %s', (text, printed) => {
    expect(printType(type(text))).toBe(printed);
  });

  it.each([
    'badtype',
    'decimal(39,2)',
    'decimal(5,6)',
    'array<int',
    'int int',
    'map<string>',
    '',
    'constructor',
    'varchar',
  ])('%s is none of Spark', (text) => {
    expect(parseType(text)).toBeUndefined();
  });

  it('nested without end is refused, not a crash', () => {
    expect(parseType('array<'.repeat(5_000))).toBeUndefined();
  });
});

describe('two types', () => {
  it.each([
    ['int', 'bigint', 'BIGINT'],
    ['decimal(18,4)', 'decimal(20,2)', 'DECIMAL(22,4)'],
    ['int', 'decimal(18,4)', 'DECIMAL(18,4)'],
    ['bigint', 'decimal(18,4)', 'DECIMAL(24,4)'],
    ['float', 'decimal(9,2)', 'DOUBLE'],
    ['date', 'timestamp', 'TIMESTAMP'],
    ['string', 'int', 'BIGINT'],
    ['string', 'decimal(9,2)', 'DOUBLE'],
    ['string', 'date', 'DATE'],
    ['void', 'date', 'DATE'],
  ])('%s and %s meet in %s', (a, b, common) => {
    const met = [commonType(type(a), type(b)), commonType(type(b), type(a))];
    expect(met.map((each) => each && printType(each))).toEqual([common, common]);
  });

  it.each([
    ['boolean', 'int'],
    ['date', 'int'],
    ['array<int>', 'string'],
    ['map<string,int>', 'array<int>'],
  ])('%s and %s have none in common', (a, b) => {
    expect(commonType(type(a), type(b))).toBeUndefined();
  });
});

describe('a decimal above 38 digits', () => {
  it.each([
    [40, 10, 'DECIMAL(38,8)', 2],
    [50, 20, 'DECIMAL(38,8)', 12],
    [60, 4, 'DECIMAL(38,4)', 0],
    [38, 18, 'DECIMAL(38,18)', 0],
  ])('(%i,%i) is kept as %s', (precision, scale, printed, lost) => {
    const { type: kept, lostScale } = boundedDecimal(precision, scale);
    expect([printType(kept), lostScale]).toEqual([printed, lost]);
  });
});

describe('a cast', () => {
  it.each([
    ['string', 'int', true],
    ['int', 'date', false],
    ['date', 'int', false],
    ['timestamp', 'bigint', true],
    ['boolean', 'timestamp', false],
    ['array<int>', 'string', true],
    ['array<int>', 'array<date>', false],
    ['string', 'map<string,int>', false],
  ])('from %s to %s: %s', (from, to, exists) => {
    expect(canCast(type(from), type(to))).toBe(exists);
  });
});
