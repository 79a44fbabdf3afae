import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { createDeltaReader } from '../../adapters/delta/read.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import type { DeltaReader } from '../../src/domain/platform-ports.js';
import { refuseWriting } from '../real/delta/folder-rights.js';
import { startPlatformOf, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { type DeltaGiven, deltaContract } from './expectations/delta.js';

const TABLE = 'contract.orders';

/** The story of the expectations, one change of the world a step. */
const STEPS: Record<string, unknown>[] = [
  { rows: 10 },
  { columns: { id: 'bigint', name: 'string', day: 'string', region: 'string' } },
  { rows: 15, files: 2 },
  { props: { logRetentionDuration: 'interval 60 days' } },
  { rows: 18, mode: 'merge' },
  { rows: 15, mode: 'append' },
  { rows: 4, mode: 'overwrite', files: 1 },
];

/** A scenario with the story's table beside its own. */
function storyWith(tool_faults: Record<string, unknown>[]): string {
  const scenario = parse(readFileSync(resolve(import.meta.dirname, '../../fixtures/scenarios/s01.yaml'), 'utf8'));
  scenario.world.delta[TABLE] = {
    version: 0,
    columns: { id: 'bigint', name: 'string', day: 'string' },
    partition: ['day'],
    rows: 0,
    files: 1,
  };
  scenario.timeline = STEPS.map((fields, step) => ({
    at: `-${80 - 10 * step}m`,
    by: 'etl',
    set: Object.fromEntries(Object.entries(fields).map(([field, value]) => [`delta.${TABLE}.${field}`, value])),
  }));
  return stringify({ ...scenario, tool_faults });
}

const dir = mkdtempSync(join(tmpdir(), 'delta-contract-'));
const platforms: TestPlatform[] = [];
let given: DeltaGiven;

const readerOf = (platform: TestPlatform): DeltaReader =>
  createDeltaReader({ store: createObjectStore(platform.credentials.read.deltaRoot, { purpose: 'Delta lake' }) });

beforeAll(async () => {
  // Another user must get to the tables, as one that may read a share does.
  chmodSync(dir, 0o755);
  const whole = await startPlatformOf(storyWith([]), { dir: join(dir, 'whole') });
  const cleaned = await startPlatformOf(storyWith([{ tool: 'delta_history', mode: 'truncated' }]), {
    dir: join(dir, 'cleaned'),
  });
  platforms.push(whole, cleaned);
  given = {
    reader: readerOf(whole),
    table: TABLE,
    cleaned: { reader: readerOf(cleaned), table: TABLE, oldest: 5, version: 7 },
    from: new Date('2026-05-13T00:00:00Z'),
    to: new Date('2026-05-14T02:14:00Z'),
    writeAsReader: () => refuseWriting(join(whole.credentials.read.deltaRoot, ...TABLE.split('.'), '_delta_log')),
  };
});
afterAll(async () => {
  await Promise.all(platforms.map((platform) => platform.stop()));
  rmSync(dir, { recursive: true, force: true });
});

holdTo(deltaContract, { name: 'simulator', version: () => 'this commit' }, () => given);
