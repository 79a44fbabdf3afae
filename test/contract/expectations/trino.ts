import { expect } from 'vitest';
import type { Contract } from '../contract.js';
import { changes } from './trino-changes.js';
import { readerOf, type TrinoExpectation, type TrinoGiven } from './trino-given.js';
import { errors, history } from './trino-history.js';
import { plans } from './trino-plans.js';

const eviction: TrinoExpectation[] = [
  {
    name: 'a query that left the history is unknown',
    withinMs: 120_000,
    async check(given) {
      const id = await given.submit('SELECT evicted FROM x.y');
      for (let count = 0; count < 150 && (await readerOf(given).query(id)); count += 1) await given.submit('SELECT 1');
      expect(await readerOf(given).query(id)).toBeUndefined();
      expect(await readerOf(given).queries(id, 5)).toEqual([]);
    },
  },
];

/** Trino as the investigator reads it and the repairer alters tables through it. */
export const trinoContract: Contract<TrinoGiven> = {
  system: 'trino',
  // The eviction is last: it drives what the others look for out of the history.
  expectations: [...history, ...errors, ...plans, ...changes, ...eviction],
};
