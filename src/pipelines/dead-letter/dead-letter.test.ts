import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../structure.js';
import { addDeadLetter, renamedTable } from './add.js';
import { deadLetterMetrics, deadLetterPair } from './pair.js';

const checks = [
  { reason: 'AMOUNT_NULL', expect: 'amount IS NOT NULL' },
  { reason: 'AMOUNT_NEGATIVE', expect: 'amount >= 0' },
];

function monthly(): NonNullable<ReturnType<typeof readConfig>['read']> {
  const text = readFileSync('fixtures/pipelines/monthly_customer_txn.yaml', 'utf8')
    .replace('sources:', '# where the money comes from\nsources:')
    .replace('mode: merge', 'mode: merge # agreed with finance');
  const { read } = readConfig(text);
  if (read === undefined) throw new Error('the fixture is no config');
  return read;
}

describe('a dead-letter pair', () => {
  it('parts rows by one list of checks', () => {
    const pair = deadLetterPair({ source: 'txn', columns: ['txn_id', 'amount'], checks, reasonColumn: 'error_reason' });
    expect(pair.valid).toContain('WHERE COALESCE(amount IS NOT NULL, FALSE)\n  AND COALESCE(amount >= 0, FALSE)');
    expect(pair.rejected).toContain("WHEN NOT COALESCE(amount >= 0, FALSE) THEN 'AMOUNT_NEGATIVE'");
    expect(pair.rejected).toContain('WHERE NOT (COALESCE(amount IS NOT NULL, FALSE)');
  });

  it('is put behind a source, and comments stay', () => {
    const read = monthly();
    const text = addDeadLetter(read, {
      source: 'txn',
      columns: ['txn_id', 'customer_id', 'txn_ts', 'amount'],
      checks,
      sink: { type: 'delta', connection: 'adls-deadletter', path: '/mnt/deadletter/monthly_customer_txn' },
      maxRate: 0.02,
    });
    expect(text).toContain('# where the money comes from');
    expect(text).toContain('mode: merge # agreed with finance');
    const { read: after, findings } = readConfig(text);
    expect(findings).toEqual([]);
    expect(after?.config.transformers.map(({ id, role, inputs }) => [id, role, inputs])).toEqual([
      ['txn_valid', 'valid', ['txn']],
      ['txn_rejected', 'deadLetter', ['txn']],
      ['monthly', 'main', ['txn_valid']],
    ]);
    const [, , last] = after?.config.transformers ?? [];
    expect(last?.type === 'sql' && last.sql).toContain('FROM txn_valid AS txn');
    expect(after?.config.errorHandling.deadLetter).toMatchObject({ input: 'txn_rejected', maxRate: 0.02, checks });
    expect(after && deadLetterMetrics(after.config)).toEqual([
      expect.objectContaining({ labels: { pipeline: 'monthly_customer_txn', reason: 'AMOUNT_NULL' } }),
      expect.objectContaining({ labels: { pipeline: 'monthly_customer_txn', reason: 'AMOUNT_NEGATIVE' } }),
      expect.objectContaining({ name: 'pipeline_rejected_share', limit: 0.02 }),
    ]);
  });

  it.each([
    ['SELECT a FROM txn', 'SELECT a FROM v AS txn'],
    ['SELECT t.a FROM txn t -- of txn', 'SELECT t.a FROM v t -- of txn'],
    [
      "SELECT '😀' AS a FROM `txn` WHERE b IN (SELECT b FROM TXN)",
      "SELECT '😀' AS a FROM v AS txn WHERE b IN (SELECT b FROM v AS txn)",
    ],
    ['SELECT txn FROM other', 'SELECT txn FROM other'],
    ['SELECT FROM FROM', 'SELECT FROM FROM'],
  ])('reads %s from its new place', (sql, expected) => {
    expect(renamedTable(sql, 'txn', 'v')).toBe(expected);
  });
});
