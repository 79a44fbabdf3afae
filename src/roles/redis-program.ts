import { execFileSync, spawnSync } from 'node:child_process';
import { AppError } from '../domain/errors.js';

/** Functions came with Redis 7; Valkey began after it. */
const OLDEST_MAJOR = 7;

/** Found through the PATH by the system itself. */
function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** A `redis-server` or `valkey-server` on the PATH that is new enough. */
export function redisProgram(): string | undefined {
  return ['redis-server', 'valkey-server'].find((program) => majorOf(program) >= OLDEST_MAJOR);
}

function majorOf(program: string): number {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return Number(/v=(\d+)\./.exec(stdout ?? '')?.[1] ?? 0);
}

/** Installs Redis through the system's package manager, saying so. @throws AppError `misconfigured` with the three ways out. */
export function installRedis(print: (line: string) => void): string {
  const install = packageManager();
  if (install === undefined) throw noRedis('no package manager may be used here without a password');
  print(`No Redis ${OLDEST_MAJOR} or newer was found; installing it with ${install.name}…`);
  try {
    for (const [command, ...args] of install.commands) run(command ?? '', args);
  } catch (cause) {
    throw noRedis(`${install.name} could not install it`, cause);
  }
  const program = redisProgram();
  if (program === undefined) throw noRedis(`what ${install.name} brings is older than Redis ${OLDEST_MAJOR}`);
  return program;
}

function packageManager(): { name: string; commands: string[][] } | undefined {
  if (process.platform === 'darwin') {
    return !isThere('brew') ? undefined : { name: 'Homebrew', commands: [['brew', 'install', 'redis']] };
  }
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? [] : ['sudo', '-n'];
  if (!isThere('apt-get') || !(isRoot || spawnSync('sudo', ['-n', 'true']).status === 0)) return undefined;
  const apt = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-qq'];
  const commands = [
    [...apt, 'update'],
    [...apt, 'install', '-y', '--no-install-recommends', 'redis-server'],
  ];
  return { name: 'apt-get', commands };
}

function run(command: string, args: string[]): void {
  // Its output goes to standard error: standard output may be read by a program.
  execFileSync(command, args, { stdio: ['ignore', 2, 2] });
}

function noRedis(because: string, cause?: unknown): AppError {
  return new AppError('misconfigured', {
    safeText: `Countersign needs Redis ${OLDEST_MAJOR} or newer, and ${because}. Do one of these: set REDIS_URL to a Redis that is there; put redis-server or valkey-server on the PATH; or install it (apt-get install redis-server, brew install redis).`,
    cause,
  });
}
