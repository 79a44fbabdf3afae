import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContractResult } from '../contract/contract.js';
import { packageRoot } from './place.js';

const FOLDER = join(packageRoot(), 'var/contracts');

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
      sameList(all, { system, list }) ? 'the same' : 'DIFFERS: run npm run test:contract',
    ]),
  ].map((row) =>
    row
      .map((cell, index) => cell.padEnd([14, 22, 22, 14, 6, 0][index] ?? 0))
      .join('')
      .trimEnd(),
  );
}

function sameList(all: readonly ContractResult[], one: { system: string; list: string }): boolean {
  return all.some(({ system, against, list }) => system === one.system && against === 'simulator' && list === one.list);
}
