import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { runToEnd } from './processes.js';

/** Programs that are there already: on PATH, or where Debian keeps what a user does not call by hand. */
function isThere(program: string): boolean {
  return [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/lib/git-core'].some((folder) =>
    existsSync(`${folder}/${program}`),
  );
}

/** Installs the Debian packages whose programs are missing. @throws Error naming them when neither root nor a passwordless sudo is to be had. */
export async function debianPackages(programs: Record<string, string>): Promise<void> {
  const missing = Object.entries(programs).flatMap(([program, name]) => (isThere(program) ? [] : [name]));
  if (missing.length === 0) return;
  const root = process.getuid?.() === 0;
  if (!isThere('apt-get') || !(root || spawnSync('sudo', ['-n', 'true']).status === 0))
    throw new Error(`Install ${missing.join(' ')}: there is no package manager here that may be used without asking.`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args: string[]): Promise<string> =>
    root
      ? runToEnd({ program: 'apt-get', args, env })
      : runToEnd({ program: 'sudo', args: ['-n', 'apt-get', ...args], env });
  await apt(['update', '-qq']);
  // The server is started by us on our own port; whether the package's own service starts is the machine's policy.
  await apt(['install', '-y', '-qq', '--no-install-recommends', ...missing]);
}
