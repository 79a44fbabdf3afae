import { describe, expect, it } from 'vitest';
import type { InputTable } from '../sql/bound.js';
import { BIGINT, decimal, STRING, TIMESTAMP } from '../sql/type.js';
import { readReport } from './report.js';

const table: InputTable = {
  name: 'txn',
  columns: [
    { name: 'txn_id', type: BIGINT, nullable: false, identifier: true },
    { name: 'customer_id', type: BIGINT, nullable: true, identifier: true },
    { name: 'amount', type: decimal(18, 4), nullable: true },
    { name: 'fee', type: decimal(18, 4), nullable: false },
    { name: 'currency', type: STRING, nullable: false, values: ['EUR', 'USD'] },
    { name: 'channel', type: STRING, nullable: false },
    { name: 'posted_at', type: TIMESTAMP, nullable: false },
  ],
  keys: ['txn_id'],
  rawChanges: false,
  partitions: [],
};

const read = (text: string) => readReport(text, table);
const expectations = (text: string) => read(text).checks.map(({ expect: expected }) => expected);
const asked = (text: string) => read(text).questions.map(({ message }) => message);

describe('a validation report', () => {
  it('says what is wrong; the checks say what is expected', () => {
    const reading = read('10,000 records failed: customer_id IS NULL (8,000), amount < 0 (2,000)');
    expect(reading.total).toBe(10_000);
    expect(reading.checks).toEqual([
      { reason: 'CUSTOMER_ID_NULL', expect: 'customer_id IS NOT NULL', failed: 8000 },
      { reason: 'AMOUNT_NEGATIVE', expect: 'amount >= 0', failed: 2000 },
    ]);
    expect(reading.questions.map(({ rule, message }) => [rule, message])).toEqual([
      ['INT001', `'amount' may be NULL, and "amount >= 0" rejects NULL as well: is that meant?`],
    ]);
  });

  it.each([
    ['fee <= 0', 'fee > 0'],
    ['fee > 100.50', 'fee <= 100.50'],
    ['fee != 1', 'fee = 1'],
    ['fee is negative', 'fee >= 0'],
    ['negative fee', 'fee >= 0'],
    ['missing customer id', 'customer_id IS NOT NULL'],
    ['Customer_ID is missing', 'customer_id IS NOT NULL'],
    ['120 rows with missing customer_id', 'customer_id IS NOT NULL'],
    ['customer_id must not be NULL: 17 rows', 'customer_id IS NOT NULL'],
    ['channel is empty', "TRIM(channel) <> ''"],
    ["channel NOT IN ('WEB', 'ATM')", "channel IN ('WEB', 'ATM')"],
    ['channel = UNKNOWN', "channel <> 'UNKNOWN'"],
    ['fee not between 0 and 5', 'fee BETWEEN 0 AND 5'],
    ['fee < 0 OR fee > 10', 'NOT (fee < 0 OR fee > 10)'],
    ['LENGTH(channel) > 5', 'NOT (LENGTH(channel) > 5)'],
  ])('turns "%s" round', (fault, expected) => {
    expect(expectations(`5 records failed: ${fault}`)).toEqual([expected]);
  });

  it('reads lists with bullets and numbers with points or spaces', () => {
    const reading = read('1.500 rows rejected:\n- fee < 0: 1 000\n- customer_id IS NULL: 500');
    expect(reading.total).toBe(1500);
    expect(reading.checks.map(({ failed }) => failed)).toEqual([1000, 500]);
  });

  it.each([
    ['9 records failed: duplicate txn_id (9)', 'a duplicate is seen over rows'],
    ['9 records failed: posted_at in the future (9)', 'it depends on the day of the run'],
    ['9 records failed: invalid channel (9)', "which values of 'channel' are valid?"],
    ['9 records failed: custmer_id IS NULL (9)', 'names no column of txn'],
    ['9 records failed: fee strange (9)', "what is expected of 'fee' instead?"],
    ['9 records failed: fee < 0 (4)', '5 of 9 failed records have no reason'],
    ['9 records failed', 'the report names no reason'],
    ['9 records failed: fee < 0) AS x FROM txn -- (9)', 'what is expected'],
  ])('asks about "%s"', (text, question) => {
    expect(asked(text).join('\n')).toContain(question);
  });

  it('takes declared values for an invalid one, and asks', () => {
    const reading = read('3 records failed: invalid currency (3)');
    expect(reading.checks[0]?.expect).toBe("currency IN ('EUR', 'USD')");
    expect(reading.questions[0]?.message).toContain('is that meant?');
  });

  it('suggests the nearest column', () => {
    expect(read('9 records failed: custmer_id IS NULL (9)').questions[0]?.suggestion).toBe(
      "did you mean 'customer_id'?",
    );
  });

  it('stands any text', () => {
    for (const text of [
      '',
      '(((',
      '\u0000',
      "'".repeat(5000),
      '1,'.repeat(5000),
      'a('.repeat(2000),
      'fee < '.repeat(500),
    ]) {
      expect(() => read(text)).not.toThrow();
    }
  });
});
