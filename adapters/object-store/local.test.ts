import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { itReadsLikeAnObjectStore } from '../../test/real/delta/object-store-cases.js';
import { createObjectStore } from './open.js';

const root = mkdtempSync(join(tmpdir(), 'object-store-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

itReadsLikeAnObjectStore('a folder', {
  async put(key, body) {
    mkdirSync(dirname(join(root, key)), { recursive: true });
    writeFileSync(join(root, key), body);
  },
  open: (prefix) => createObjectStore(join(root, prefix), { purpose: 'Delta lake' }),
  openMissing: () => createObjectStore(`file://${root}/not-mounted`, { purpose: 'Delta lake' }),
});
