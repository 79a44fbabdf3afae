import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from '../processes.js';

const ENVIRONMENT = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };

/** An empty bare repository whose branch is `main` and that takes pushes over HTTP but no rewriting of history. */
export async function createBareRepository(path: string): Promise<void> {
  const args = ['init', '--quiet', '--bare', '--initial-branch=main', path];
  await runToEnd({ program: 'git', args, env: ENVIRONMENT });
  appendFileSync(
    join(path, 'config'),
    '[receive]\n\tdenyNonFastForwards = true\n\tdenyDeletes = true\n[http]\n\treceivepack = true\n[gc]\n\tauto = 0\n',
  );
}
