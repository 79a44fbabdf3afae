import { describe, expect, it } from 'vitest';
import { CATALOG, configOf } from '../../../test/support/sandbox-case.js';
import { bindConfig } from '../bind-config.js';
import { mockRows } from './mock-rows.js';

describe('generated rows', () => {
  const bound = bindConfig(
    configOf({
      sources: ['txn'],
      transformers: [
        {
          id: 'result',
          inputs: ['txn'],
          sql: "SELECT txn_id, currency FROM txn WHERE amount BETWEEN 10 AND 20.5 AND txn_ts < '2026-02-01'",
        },
      ],
    }),
    CATALOG,
  );
  const [txn] = mockRows(bound);
  const values = (name: string): (string | null)[] => {
    const at = txn?.table.columns.findIndex((each) => each.name === name) ?? -1;
    return txn?.rows.map(({ cells }) => cells[at] ?? null) ?? [];
  };

  it('are the same at each run', () => {
    expect(mockRows(bound)).toEqual(mockRows(bound));
  });

  it('meet both sides of each literal, each declared value, one unknown, and NULL alone', () => {
    expect(values('amount')).toEqual(
      expect.arrayContaining([
        '9.9999',
        '10',
        '10.0001',
        '20.4999',
        '20.5',
        '20.5001',
        null,
        '-0.0001',
        '99999999999999.9999',
      ]),
    );
    expect(values('currency')).toEqual(expect.arrayContaining(['EUR', 'USD', 'GBP', 'ZZ_UNKNOWN', null]));
    expect(values('txn_ts')).toEqual(expect.arrayContaining(['2024-02-29 23:59:59.999', '2026-01-31 23:59:59']));
    const nulls = txn?.rows.filter(({ cells }) => cells.filter((cell) => cell === null).length > 1) ?? [];
    expect(nulls).toEqual([]);
  });

  it('keep keys unique and stay few', () => {
    expect(new Set(values('txn_id')).size).toBe(txn?.rows.length);
    expect(txn?.rows.length).toBeLessThanOrEqual(73);
  });
});
