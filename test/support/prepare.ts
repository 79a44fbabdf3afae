import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What the tests need on the machine beside Node, and the packages that bring it. */
const NEEDED = [
  { what: 'a Redis server', programs: ['redis-server', 'valkey-server'], apt: ['redis-server'], brew: ['redis'] },
  {
    what: 'Chromium',
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    apt: ['chromium'],
    brew: ['--cask', 'chromium'],
  },
  { what: 'git', programs: ['git'], apt: ['git'], brew: ['git'] },
];

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${program}`));
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

function install(packages: { apt: string[]; brew: string[] }): void {
  if (process.platform === 'darwin' && onPath('brew')) {
    run('brew', ['install', ...packages.brew]);
    return;
  }
  const root = process.getuid?.() === 0;
  const sudo = !root && spawnSync('sudo', ['-n', 'true']).status === 0;
  if (!onPath('apt-get') || !(root || sudo)) throw new Error('no package manager that may be used without a password');
  const apt = (args: string[]): void => (root ? run('apt-get', args) : run('sudo', ['-n', 'apt-get', ...args]));
  apt(['update', '-qq']);
  // The server is started by us, on our own port: the package's own service stays off where a policy file says so.
  apt(['install', '-y', '-qq', '--no-install-recommends', ...packages.apt]);
}

for (const need of NEEDED) {
  if (need.programs.some(onPath)) continue;
  process.stdout.write(`The tests need ${need.what}; installing ${need.apt.join(' ')}…\n`);
  try {
    install(need);
  } catch (error) {
    process.stderr.write(
      `${need.what} is missing and could not be installed (${(error as Error).message}). Install ${need.apt.join(' ')} and run npm test again.\n`,
    );
    process.exit(1);
  }
}
