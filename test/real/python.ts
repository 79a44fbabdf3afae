import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd } from './processes.js';
import type { Place } from './system.js';

/**
 * A virtual environment with the pinned packages of `test/real/requirements/<name>.txt`, made anew when that file changes.
 * @returns its `bin` folder.
 */
export async function pythonEnvironment(place: Place, name: string): Promise<string> {
  const requirements = join(place.root, 'test/real/requirements', `${name}.txt`);
  const folder = join(place.cache, `python-${name}`);
  const bin = join(folder, 'bin');
  const stamp = join(folder, 'requirements.sha256');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return bin;
  rmSync(folder, { recursive: true, force: true });
  await runToEnd({ program: 'python3', args: ['-m', 'venv', folder] });
  // uv resolves and installs in seconds what pip needs minutes for.
  await runToEnd({ program: join(bin, 'pip'), args: ['install', '-q', 'uv'] });
  await runToEnd({
    program: join(bin, 'uv'),
    args: ['pip', 'install', '-q', '--python', join(bin, 'python'), '-r', requirements],
    // A company's own certificate authority is in the system's store, not in the one uv brings.
    env: { UV_SYSTEM_CERTS: 'true', UV_NATIVE_TLS: 'true' },
  });
  writeFileSync(stamp, wanted);
  return bin;
}
