import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connectRedis } from '../../adapters/redis/connect.js';
import { selfCheck } from '../../adapters/redis/self-check.js';
import { createProcessLog } from '../../src/log.js';
import { type EnsuredRedis, ensureRedis } from '../../src/roles/embedded-redis.js';
import { startTestRedis } from '../support/redis.js';

const processLog = createProcessLog('test', 'silent');
const dataDir = mkdtempSync(join(tmpdir(), 'countersign-embedded-'));
const lines: string[] = [];
const ensure = (redisUrl?: string): Promise<EnsuredRedis> =>
  ensureRedis({ redisUrl, dataDir, processLog, print: (line) => lines.push(line) });
const running = (): { pid: number; port: number; starter: number } =>
  JSON.parse(readFileSync(join(dataDir, 'redis/running.json'), 'utf8'));

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe('the Redis of the one-machine start', () => {
  it('is safe for every role, keeps its data, and is neither started twice nor left behind', async () => {
    const first = await ensure();
    for (const role of ['web', 'investigator', 'repairer', 'sealer'] as const) {
      const redis = await connectRedis(first.urls[role], { name: role, use: 'commands' });
      await selfCheck(redis, role, { override: false, processLog });
      redis.disconnect();
    }
    for (const file of ['passwords.json', 'users.acl', 'running.json']) {
      expect(statSync(join(dataDir, 'redis', file)).mode & 0o077).toBe(0);
    }
    const web = await connectRedis(first.urls.web, { name: 'web', use: 'commands' });
    await web.call('FCALL', 'cs_append', 2, '{cs}:subject:a', '{cs}:log:0', 0, 0, 1, 'entry');
    web.disconnect();

    // Killed from outside: up again on the same port, nothing acknowledged is lost.
    process.kill(running().pid, 'SIGKILL');
    const again = await retry(() => connectRedis(first.urls.web, { name: 'web', use: 'commands' }));
    expect(await again.lrange('{cs}:log:0', 0, -1)).toEqual(['entry']);
    again.disconnect();
    await first.stop();
    expect(() => running()).toThrow();

    const second = await ensure();
    const reader = await connectRedis(second.urls.investigator, { name: 'x', use: 'commands' });
    expect(await reader.lrange('{cs}:log:0', 0, -1)).toEqual(['entry']);
    reader.disconnect();
    await second.stop();
  });

  it('uses the Redis of REDIS_URL and gives each role its own login there', async () => {
    const theirs = await startTestRedis();
    const ensured = await ensure(theirs.url);
    const redis = await connectRedis(ensured.urls.sealer, { name: 'x', use: 'commands' });
    expect(await redis.call('ACL', 'WHOAMI')).toBe('cs-sealer');
    await expect(redis.rpush('{cs}:log:0', 'x')).rejects.toThrow(/NOPERM/);
    redis.disconnect();
    await ensured.stop();
    await theirs.stop();
  });
});

async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }
}
