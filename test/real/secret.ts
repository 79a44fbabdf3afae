import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A password made at the first asking and kept for its owner's eyes alone in the folder of a system. */
export function secretIn(folder: string, name: string): string {
  const file = join(folder, name);
  // `wx`: of two that ask at the same time, the first one's is everybody's.
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

const SALT = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The bcrypt hash that `basic_auth_users` of Prometheus and Alertmanager want. Node has no bcrypt; Debian's crypt(3) does, and its perl calls it. */
export function bcrypt(password: string): string {
  const salt = [...randomBytes(22)].map((byte) => SALT[byte % SALT.length]).join('');
  // The password goes by standard input: a command line is everybody's to read.
  const hashed = spawnSync('perl', ['-e', 'my $p = <STDIN>; print crypt($p, $ARGV[0])', `$2b$10$${salt}`], {
    input: password,
    encoding: 'utf8',
  });
  if (hashed.stdout.startsWith('$2b$10$')) return hashed.stdout;
  throw new Error('crypt(3) of this machine knows no bcrypt.');
}
