import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox } from '../../adapters/sandbox/sandbox.js';
import { bindConfig } from '../../src/pipelines/bind-config.js';
import { readCatalog } from '../../src/pipelines/read-catalog.js';
import { sandboxCheck } from '../../src/pipelines/sandbox/sandbox-check.js';
import { readConfig } from '../../src/pipelines/structure.js';

const FOLDER = 'fixtures/pipelines/portfolio';

/** What trying out a config costs, over the portfolio: the first, which starts the process, and the others. */
export async function benchSandbox(): Promise<unknown> {
  const { catalog } = readCatalog(readFileSync('fixtures/pipelines/catalog.yaml', 'utf8'));
  if (catalog === undefined) throw new Error('the catalogue can not be read');
  const sandbox = createSandbox();
  const runs: { name: string; ms: number; rowsIn: number; rowsOut: number; tests: number }[] = [];
  for (const name of readdirSync(FOLDER).sort()) {
    const { read } = readConfig(readFileSync(join(FOLDER, name), 'utf8'));
    if (read === undefined) continue;
    const report = await sandboxCheck(read, bindConfig(read, catalog), sandbox);
    const rowsIn = report.given.reduce((sum, { rows }) => sum + rows.length, 0);
    const { elapsedMs, output, tests } = report;
    runs.push({ name, ms: Math.round(elapsedMs), rowsIn, rowsOut: output?.rowCount ?? 0, tests: tests.length });
  }
  await sandbox.close();
  const [first, ...others] = runs.map(({ ms }) => ms);
  others.sort((a, b) => a - b);
  const at = (share: number): number | undefined => others[Math.floor(share * (others.length - 1))];
  return {
    configs: runs.length,
    firstMs: first,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    slowest: runs.sort((a, b) => b.ms - a.ms).slice(0, 3),
  };
}
