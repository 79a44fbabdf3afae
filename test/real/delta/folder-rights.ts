import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';

const NOBODY = 65_534;

/**
 * Shows that a login which may read a table's log may not write to it: another user than the folder's owner, as a reader's own
 * process would be. Who is not root can not become another user and takes the right from the folder instead.
 * @throws Error when the log can not be read, or could be written.
 */
export async function refuseWriting(log: string): Promise<void> {
  const commit = join(log, `${'0'.repeat(20)}.json`);
  const next = join(log, `${'9'.repeat(20)}.json`);
  const root = process.getuid?.() === 0;
  const as = root ? { uid: NOBODY, gid: NOBODY } : {};
  const { mode } = statSync(log);
  if (!root) chmodSync(log, 0o555);
  try {
    execFileSync('/bin/cat', [commit], { ...as, stdio: ['ignore', 'ignore', 'pipe'] });
    for (const file of [commit, next]) {
      if (!root && file === commit) continue;
      const { status, stderr } = spawnSync('/bin/sh', ['-c', 'echo {} >> "$0"', file], { ...as, encoding: 'utf8' });
      if (status === 0 || !/permission denied/i.test(stderr)) throw new Error(`${file} could be written: ${stderr}`);
    }
  } finally {
    if (!root) chmodSync(log, mode);
  }
}
