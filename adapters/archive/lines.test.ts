import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLines } from './lines.js';

it('gives back what was written, whatever separators of other kinds an entry holds, and characters over a chunk border', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-lines-'));
  const file = join(dir, 'entries.ndjson');
  const lines = ['{"a":"\u2028\u2029\r"}', '', '€'.repeat(700_000), 'last'];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const read: string[] = [];
  for await (const some of readLines(file)) read.push(...some);
  expect(read).toEqual(lines);
  rmSync(dir, { recursive: true });
});
