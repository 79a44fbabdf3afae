import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Place } from './system.js';

/** Programs, packages and the state of running servers stay outside the repository. */
const HOME =
  process.env['COUNTERSIGN_REAL_HOME'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'countersign-real');

/** The package's own folder, from the source as from the compiled code. */
export function packageRoot(from = import.meta.dirname): string {
  return existsSync(join(from, 'package.json')) ? from : packageRoot(dirname(from));
}

export function placeOf(system: string): Place {
  const stateOf = (name: string): string => {
    const folder = join(HOME, 'state', name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  };
  const cache = join(HOME, 'cache');
  mkdirSync(cache, { recursive: true });
  return { cache, state: stateOf(system), stateOf, root: packageRoot() };
}
