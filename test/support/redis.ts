import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aclLines, type RedisRole } from '../../adapters/redis/acl.js';
import { connectRedis } from '../../adapters/redis/connect.js';
import { loadLibrary, roleUrl } from '../../adapters/redis/provision.js';
import { type ServerOptions, startServer } from '../../adapters/redis/server-process.js';

export interface TestRedis {
  /** As the default user, who may do everything. */
  url: string;
  urlFor(role: RedisRole): string;
  pid(): number;
  /** SIGKILL; the data folder stays. */
  kill9(): Promise<void>;
  /** The same data on the same port; after `kill9` or while it runs. */
  restart(): Promise<void>;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

export interface TestRedisOptions {
  appendfsync?: ServerOptions['appendfsync'];
  more?: readonly string[];
}

const PASSWORDS: Record<RedisRole, string> = { web: 'w', investigator: 'i', repairer: 'r', sealer: 's' };

/** A real Redis on a free loopback port in a folder of its own, with the function library and the users of all roles. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-redis-'));
  const aclFile = join(dir, 'users.acl');
  writeFileSync(aclFile, `${['user default on nopass ~* &* +@all', ...aclLines(PASSWORDS)].join('\n')}\n`);
  const start = (port?: number) =>
    startServer({
      program: 'redis-server',
      dir,
      aclFile,
      appendfsync: options.appendfsync ?? 'everysec',
      ...(port === undefined ? {} : { port }),
      ...(options.more === undefined ? {} : { more: options.more }),
    });
  let server = await start();
  const admin = await connectRedis(server.url, { name: 'cs-provision', use: 'commands' });
  await loadLibrary(admin);
  admin.disconnect();
  return {
    url: server.url,
    urlFor: (role) => roleUrl(server.url, role, PASSWORDS[role]),
    pid: () => server.pid,
    kill9: () => server.kill9(),
    async restart() {
      await server.stop();
      server = await start(server.port);
    },
    async stop() {
      await server.kill9();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
