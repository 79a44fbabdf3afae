import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aclLines, DEFAULT_USER, REDIS_ROLES, type RedisRole } from '../../adapters/redis/acl.js';
import { connectRedis } from '../../adapters/redis/connect.js';
import { createUsers, loadLibrary, roleUrl } from '../../adapters/redis/provision.js';
import { type ServerProcess, startServer } from '../../adapters/redis/server-process.js';
import { AppError } from '../domain/errors.js';
import type { ProcessLog } from '../log.js';
import { installRedis, redisProgram } from './redis-program.js';

export interface EnsureRedisOptions {
  /** An administrator's URL of a Redis that is there already. */
  redisUrl: string | undefined;
  dataDir: string;
  processLog: ProcessLog;
  /** One line to the person at the terminal. */
  print: (line: string) => void;
}

export interface EnsuredRedis {
  /** The login of each role. */
  urls: Record<RedisRole, string>;
  /** Ends the server when it was started here; data is on disk when this returns. */
  stop(): Promise<void>;
}

type Passwords = Record<RedisRole | 'admin', string>;
const ADMIN = 'cs-admin';
const RESTART_AFTER_MS = 250;

/**
 * A Redis with the function library and a user per role: the one of REDIS_URL, or a server of our own beside our data, installed first
 * where that is allowed. @throws AppError `misconfigured` with the three ways out.
 */
export async function ensureRedis(options: EnsureRedisOptions): Promise<EnsuredRedis> {
  const folder = join(options.dataDir, 'redis');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwords = keptPasswords(folder);
  if (options.redisUrl !== undefined) return useExisting(options.redisUrl, passwords, options);
  const program = redisProgram() ?? installRedis(options.print);
  await endForgotten(folder, passwords);
  writeSecret(join(folder, 'users.acl'), `${aclFile(passwords).join('\n')}\n`);
  return superviseServer(program, folder, passwords, options);
}

async function useExisting(url: string, passwords: Passwords, options: EnsureRedisOptions): Promise<EnsuredRedis> {
  const admin = await connectRedis(url, { name: 'cs-provision', use: 'commands' });
  try {
    await loadLibrary(admin);
    await createUsers(admin, passwords);
    return { urls: roleUrls(url, passwords), stop: async () => undefined };
  } catch (error) {
    if (!(error instanceof AppError && error.kind === 'misconfigured')) throw error;
    // Managed Redis: an operator has loaded functions and users, or the roles will say what is missing.
    options.print('REDIS_URL may not administer Redis: all roles use it as it is.');
    return { urls: mapRoles(() => url), stop: async () => undefined };
  } finally {
    admin.disconnect();
  }
}

/** Starts the server and, when it ends without being asked to, starts it again on the same port: the roles reconnect by themselves. */
async function superviseServer(
  program: string,
  folder: string,
  passwords: Passwords,
  options: EnsureRedisOptions,
): Promise<EnsuredRedis> {
  let stopping = false;
  const start = async (port?: number): Promise<ServerProcess> => {
    const server = await startServer({
      program,
      dir: folder,
      aclFile: join(folder, 'users.acl'),
      login: `${ADMIN}:${passwords.admin}`,
      appendfsync: 'always',
      ownGroup: true,
      ...(port === undefined ? {} : { port }),
    });
    writeSecret(runFile(folder), JSON.stringify({ pid: server.pid, port: server.port, starter: process.pid }));
    void server.exited.then(async () => {
      if (stopping) return;
      options.processLog.error('the Redis server ended by itself; starting it again');
      await new Promise((wait) => setTimeout(wait, RESTART_AFTER_MS));
      if (stopping) return;
      running = await start(server.port).catch((error: unknown) => {
        options.processLog.fatal({ error }, 'the Redis server could not be started again');
        return server;
      });
    });
    return server;
  };
  let running = await start();
  const admin = await connectRedis(running.url, { name: 'cs-provision', use: 'commands' });
  await loadLibrary(admin).finally(() => admin.disconnect());
  return {
    urls: roleUrls(`redis://127.0.0.1:${running.port}`, passwords),
    async stop() {
      stopping = true;
      await running.stop();
      rmSync(runFile(folder), { force: true });
    },
  };
}

const runFile = (folder: string): string => join(folder, 'running.json');

/** A server whose starter was killed still holds the data: two servers on one append-only file would destroy it. */
async function endForgotten(folder: string, passwords: Passwords): Promise<void> {
  if (!existsSync(runFile(folder))) return;
  const { pid, port, starter } = JSON.parse(readFileSync(runFile(folder), 'utf8')) as Record<string, number>;
  if (!isAlive(pid)) return;
  const url = `redis://${ADMIN}:${passwords.admin}@127.0.0.1:${port}`;
  const admin = await connectRedis(url, { name: 'cs-end', use: 'commands' }).catch(() => undefined);
  // Another process has that id by now.
  if (admin === undefined) return;
  if (isAlive(starter) && starter !== process.pid) {
    admin.disconnect();
    throw new AppError('misconfigured', {
      safeText: `Countersign already runs on this data folder (process ${starter}). Stop it first, or set COUNTERSIGN_DATA to another folder.`,
    });
  }
  await admin.shutdown('NOSAVE').catch(() => undefined);
  admin.disconnect();
  while (isAlive(pid)) await new Promise((wait) => setTimeout(wait, 20));
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function keptPasswords(folder: string): Passwords {
  const file = join(folder, 'passwords.json');
  if (!existsSync(file)) {
    const made = Object.fromEntries(['admin', ...REDIS_ROLES].map((name) => [name, randomBytes(24).toString('hex')]));
    writeSecret(file, JSON.stringify(made));
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Passwords;
}

function aclFile(passwords: Passwords): string[] {
  return [DEFAULT_USER, `user ${ADMIN} on >${passwords.admin} ~* &* +@all`, ...aclLines(passwords)];
}

function writeSecret(file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600 });
}

function roleUrls(url: string, passwords: Passwords): Record<RedisRole, string> {
  return mapRoles((role) => roleUrl(url, role, passwords[role]));
}

function mapRoles(of: (role: RedisRole) => string): Record<RedisRole, string> {
  return Object.fromEntries(REDIS_ROLES.map((role) => [role, of(role)])) as Record<RedisRole, string>;
}
