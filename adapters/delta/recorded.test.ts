import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DeltaTable } from '../../src/domain/platform-ports.js';
import { createObjectStore } from '../object-store/open.js';
import { createDeltaReader } from './read.js';

const RECORDED = join(import.meta.dirname, 'recorded');
const root = mkdtempSync(join(tmpdir(), 'delta-recorded-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Recorded {
  rows: number;
  files: Record<string, { modifiedMs: number; text?: string; base64?: string }>;
}

/** Lays a recorded log out as a table and reads it. */
async function read(name: string): Promise<{ table: DeltaTable | undefined; rows: number }> {
  const recorded = JSON.parse(readFileSync(join(RECORDED, `${name}.json`), 'utf8')) as Recorded;
  for (const [file, { modifiedMs, text, base64 }] of Object.entries(recorded.files)) {
    const path = join(root, 'recorded', name, '_delta_log', file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text ?? Buffer.from(base64 ?? '', 'base64'));
    utimesSync(path, modifiedMs / 1000, modifiedMs / 1000);
  }
  const reader = createDeltaReader({ store: createObjectStore(root, { purpose: 'Delta lake' }) });
  return { table: await reader.table(`recorded.${name}`, 20), rows: recorded.rows };
}

describe('logs that Spark and delta-rs wrote', () => {
  const names = readdirSync(RECORDED).map((file) => file.replace('.json', ''));

  it.each(names)('%s: rows, schema and the history that is left', async (name) => {
    const { table, rows } = await read(name);
    expect(table?.rows).toBe(rows);
    expect(table?.columns.slice(0, 3).map((column) => [column.name, column.type])).toEqual([
      ['id', 'long'],
      ['name', 'string'],
      ['day', 'string'],
    ]);
    expect(table?.historyComplete).toBe(false);
    expect(table?.commits.at(-1)?.version).toBe(table?.historyFrom?.version);
  });

  it('takes metadata from a checkpoint that no commit repeats', async () => {
    for (const name of ['spark-cleaned', 'delta-rs-cleaned']) {
      const { table } = await read(name);
      expect(table).toMatchObject({
        version: 8,
        partitionColumns: ['day'],
        properties: { 'delta.logRetentionDuration': 'interval 60 days' },
      });
      expect(table?.columns).toHaveLength(4);
    }
  });
});
