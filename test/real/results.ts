import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContractResult } from '../contract/contract.js';
import { packageRoot } from './place.js';

const FOLDER = join(packageRoot(), 'var/contracts');
const RUNS = join(packageRoot(), 'var/real');

/** All tests of one system, the contract's among them. */
export interface SuiteRun {
  name: string;
  version: string;
  passed: number;
  failed: number;
  at: string;
}

export function keepRun(run: SuiteRun): void {
  mkdirSync(RUNS, { recursive: true });
  writeFileSync(join(RUNS, `${run.name}.json`), JSON.stringify(run));
}

export function runOf(name: string): SuiteRun | undefined {
  const file = join(RUNS, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SuiteRun) : undefined;
}

/** Where vitest leaves its own account of a run. */
export const REPORT = join(RUNS, 'vitest.json');

/** Tests passed and failed by test file, out of vitest's account. */
export function countsByFile(): Map<string, { passed: number; failed: number }> {
  if (!existsSync(REPORT)) return new Map();
  const { testResults } = JSON.parse(readFileSync(REPORT, 'utf8')) as {
    testResults: { name: string; assertionResults: { status: string }[] }[];
  };
  return new Map(
    testResults.map(({ name, assertionResults }) => {
      const passed = assertionResults.filter(({ status }) => status === 'passed').length;
      const skipped = assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').length;
      return [name, { passed, failed: assertionResults.length - passed - skipped }];
    }),
  );
}

/** What the contract suites left behind, simulators first. */
export function contractResults(): ContractResult[] {
  if (!existsSync(FOLDER)) return [];
  const results = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as ContractResult);
  const rank = ({ against }: ContractResult): string => (against === 'simulator' ? '' : against);
  return results.sort((a, b) => a.system.localeCompare(b.system) || rank(a).localeCompare(rank(b)));
}

/** One line a contract and a system it was held against since `since`; the simulator's line always. */
export function resultLines(since: Date): string[] {
  const all = contractResults();
  const fresh = all.filter(({ against, at }) => against !== 'simulator' && new Date(at) >= since);
  const contracts = new Set(fresh.map(({ system }) => system));
  const rows = all.filter((one) => fresh.includes(one) || (one.against === 'simulator' && contracts.has(one.system)));
  return [
    ['contract', 'against', 'version', 'expectations', 'held', 'list'],
    ...rows.map(({ system, against, version, expected, held, list }) => [
      system,
      against,
      version,
      String(expected),
      String(held),
      listWords(all, { system, list }),
    ]),
  ].map((row) =>
    row
      .map((cell, index) => cell.padEnd([14, 22, 22, 14, 6, 0][index] ?? 0))
      .join('')
      .trimEnd(),
  );
}

/** Whether the simulator was held to just this list. */
function listWords(all: readonly ContractResult[], one: { system: string; list: string }): string {
  const simulated = all.find(({ system, against }) => system === one.system && against === 'simulator');
  if (simulated === undefined) return 'not simulated';
  return simulated.list === one.list ? 'the same' : 'DIFFERS: run npm run test:contract';
}
