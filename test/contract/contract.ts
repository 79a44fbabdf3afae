import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';

/** One thing an adapter's port promises about a system, checked on whatever system is given. */
export interface Expectation<Given> {
  name: string;
  check(given: Given): Promise<void>;
  /** For what a slow engine may take, in milliseconds; a minute when not given. */
  withinMs?: number;
}

/** What the simulator and the real system must both do: one list, so that the simulator can not lie. */
export interface Contract<Given> {
  /** As in the table of docs/platform.md: `airflow`. */
  system: string;
  expectations: readonly Expectation<Given>[];
}

export interface ContractResult {
  system: string;
  against: string;
  version: string;
  expected: number;
  held: number;
  missed: string[];
  /** SHA-256 over the names: two results with the same one were held to the same list. */
  list: string;
  at: string;
}

/** Where `npm run test:real` finds what was held, to print it and to write docs/platform.md. */
export const RESULTS = 'var/contracts';

/**
 * Holds a system to a contract, one test an expectation, in order: an expectation may build on the state the ones before left.
 * `given` is asked once the suite's own `beforeAll` has run.
 */
export function holdTo<Given>(
  contract: Contract<Given>,
  against: { name: string; version: () => string | Promise<string> },
  given: () => Given,
): void {
  const missed = new Set(contract.expectations.map(({ name }) => name));
  describe(`the ${contract.system} contract on ${against.name}`, () => {
    for (const { name, check, withinMs } of contract.expectations) {
      it(
        name,
        async () => {
          await check(given());
          missed.delete(name);
        },
        withinMs ?? 60_000,
      );
    }
    afterAll(async () => {
      const expected = contract.expectations.length;
      const result: ContractResult = {
        system: contract.system,
        against: against.name,
        version: await against.version(),
        expected,
        held: expected - missed.size,
        missed: [...missed],
        list: createHash('sha256')
          .update(JSON.stringify(contract.expectations.map(({ name }) => name)))
          .digest('hex'),
        at: new Date().toISOString(),
      };
      mkdirSync(RESULTS, { recursive: true });
      writeFileSync(
        join(RESULTS, `${contract.system}@${against.name.replace(':', '-')}.json`),
        `${JSON.stringify(result, undefined, 2)}\n`,
      );
    });
  });
}
