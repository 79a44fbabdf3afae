import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aclRules, REDIS_ROLES, type RedisRole } from '../../adapters/redis/acl.js';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { connectLog } from '../../adapters/redis/connect-log.js';
import { CHECKPOINTS_KEY, segmentKey, subjectKey, TILES_KEY } from '../../adapters/redis/keys.js';
import { loadLibrary } from '../../adapters/redis/provision.js';
import { selfCheck } from '../../adapters/redis/self-check.js';
import type { NewEvent } from '../../src/domain/events.js';
import { createProcessLog } from '../../src/log.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const processLog = createProcessLog('test', 'silent');
const LOG = segmentKey(0);
const ELSEWHERE = '{cs}:elsewhere';

let redis: TestRedis;
let admin: Redis;
const users = new Map<RedisRole, Redis>();

beforeAll(async () => {
  // With `everysec` Redis holds acknowledged writes back for up to two seconds while the disk is busy; a kill then loses them.
  redis = await startTestRedis({ appendfsync: 'always' });
  admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
  for (const role of REDIS_ROLES)
    users.set(role, await connectRedis(redis.urlFor(role), { name: role, use: 'commands' }));
  await admin.rpush(LOG, 'entry-0', 'entry-1');
  await admin.rpush(CHECKPOINTS_KEY, 'checkpoint');
  await admin.rpush(TILES_KEY, 'tile');
  await admin.rpush(subjectKey('INC-A'), '0', '1');
  await admin.rpush(ELSEWHERE, 'x');
});
afterAll(async () => {
  for (const user of users.values()) user.disconnect();
  admin.disconnect();
  await redis.stop();
});

const snapshot = async (): Promise<string[][]> =>
  Promise.all([LOG, CHECKPOINTS_KEY, TILES_KEY, subjectKey('INC-A')].map((key) => admin.lrange(key, 0, -1)));

/** Really carried out, not dry: each would change or hide what is stored. */
function attacks(key: string): (string | number)[][] {
  return [
    ['LTRIM', key, 0, 0],
    ['LSET', key, 0, 'x'],
    ['LPOP', key],
    ['RPOP', key],
    ['LREM', key, 0, 'entry-0'],
    ['LPUSH', key, 'x'],
    ['LINSERT', key, 'BEFORE', 'entry-0', 'x'],
    ['DEL', key],
    ['UNLINK', key],
    ['EXPIRE', key, 1],
    ['PEXPIREAT', key, 1],
    ['RENAME', key, ELSEWHERE],
    ['RENAME', ELSEWHERE, key],
    ['COPY', ELSEWHERE, key, 'REPLACE'],
    ['RESTORE', key, 0, 'x', 'REPLACE'],
    ['SORT', key, 'ALPHA', 'STORE', key],
    ['LMOVE', key, ELSEWHERE, 'LEFT', 'LEFT'],
    ['LMOVE', key, '{csq}:investigate:x', 'LEFT', 'LEFT'],
    ['RPOPLPUSH', key, ELSEWHERE],
    ['BLPOP', key, 1],
    ['LMPOP', 1, key, 'LEFT'],
    ['SET', key, 'x'],
    ['GETSET', key, 'x'],
    ['GETDEL', key],
    ['SETEX', key, 1, 'x'],
    ['MSET', key, 'x'],
    ['EVAL', "return redis.call('DEL', KEYS[1])", 1, key],
    ['EVAL', "return redis.call('DEL', ARGV[1])", 0, key],
    ['EVAL', "return redis.call('LTRIM', ARGV[1], 0, 0)", 1, '{csq}:investigate:x', key],
    ['EVAL', "return redis.call('LSET', ARGV[1], 0, 'x')", 1, '{csq}:repair:x', key],
    ['EVAL', "return redis.call('LSET', ARGV[1], 0, 'x')", 1, '{csq}:chat:x', key],
    ['LMOVE', key, '{csq}:chat:x', 'LEFT', 'LEFT'],
    ['MIGRATE', '127.0.0.1', 1, key, 0, 1],
  ];
}

const EVERYWHERE: (string | number)[][] = [
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['SWAPDB', 0, 1],
  ['SELECT', 1],
  ['CONFIG', 'SET', 'appendonly', 'no'],
  ['CONFIG', 'REWRITE'],
  ['SHUTDOWN', 'NOSAVE'],
  ['REPLICAOF', '127.0.0.1', 1],
  ['FUNCTION', 'FLUSH'],
  ['FUNCTION', 'DELETE', 'countersign'],
  ['FUNCTION', 'LOAD', '#!lua name=x'],
  ['SCRIPT', 'FLUSH'],
  ['ACL', 'SETUSER', 'cs-web', 'allkeys', '+@all'],
  ['ACL', 'GETUSER', 'cs-web'],
  ['MODULE', 'LIST'],
  ['KEYS', '*'],
  ['SCAN', 0],
  ['MONITOR'],
  ['CLIENT', 'KILL', 'TYPE', 'normal'],
  ['BGREWRITEAOF'],
  ['SAVE'],
];

describe.each(REDIS_ROLES)('the Redis user of role %s', (role) => {
  it('is denied every destructive command on what is sealed, and on the server', async () => {
    const before = await snapshot();
    const all = [...[LOG, CHECKPOINTS_KEY, TILES_KEY, subjectKey('INC-A')].flatMap(attacks), ...EVERYWHERE];
    expect(all.length).toBeGreaterThan(100);
    const denied = async ([name, ...args]: (string | number)[]): Promise<string> =>
      users
        .get(role)
        ?.call(String(name), ...args)
        .then(
          (answer) => `${name} ${args.join(' ')}: allowed, ${String(answer)}`,
          (error: Error) =>
            /NOPERM|can't access at least one of the keys|can't run this command/.test(error.message)
              ? ''
              : `${name} ${args.join(' ')}: ${error.message}`,
        ) ?? '';
    const allowed = (await Promise.all(all.map(denied))).filter((text) => text !== '');
    expect(allowed).toEqual([]);
    expect(await snapshot()).toEqual(before);
  });

  it('passes the self-check', async () => {
    const user = users.get(role) as Redis;
    await expect(selfCheck(user, role, { override: false, processLog })).resolves.toBeUndefined();
  });
});

describe('what belongs to one role alone', () => {
  it.each<[RedisRole, string[]]>([
    ['web', ['RPUSH', CHECKPOINTS_KEY, 'x']],
    ['repairer', ['RPUSH', TILES_KEY, 'x']],
    ['investigator', ['SET', '{cs}:sealer:lease', 'me']],
    ['sealer', ['RPUSH', LOG, 'x']],
    ['sealer', ['GET', '{cs}:obs:x']],
    ['web', ['LREM', '{cs}:outbox:repair', '0', 'x']],
    ['web', ['HSET', '{csq}:repair:1', 'data', 'x']],
    ['investigator', ['HSET', '{csq}:repair:1', 'data', 'x']],
    ['web', ['HSET', '{csq}:investigate:1', 'data', 'x']],
    ['investigator', ['HSET', '{csq}:chat:1', 'data', 'x']],
    ['investigator', ['HSET', '{csq}:chat-teams:1', 'data', 'x']],
    ['repairer', ['HSET', '{csq}:chat-teams:1', 'data', 'x']],
    ['sealer', ['HSET', '{csq}:chat-teams:1', 'data', 'x']],
    ['repairer', ['HSET', '{csq}:chat:1', 'data', 'x']],
    ['sealer', ['HSET', '{csq}:chat:1', 'data', 'x']],
    ['web', ['LREM', '{cs}:outbox:chat', '0', 'x']],
    ['investigator', ['LPUSH', '{cs}:outbox:investigate', 'x']],
    ['investigator', ['SET', '{cs}:obs:x', 'y']],
    ['repairer', ['HSET', '{csq}:investigate:1', 'data', 'x']],
    ['repairer', ['SETNX', '{cs}:obs:x', 'y']],
    ['repairer', ['SET', '{cs}:once:click', 'x']],
    ['web', ['INCRBYFLOAT', '{cs}:spend:2026-01-01', '-5']],
    ['web', ['CONFIG', 'GET', 'requirepass']],
    ['web', ['DEL', '{cs}:lineage']],
    ['investigator', ['HSET', '{cs}:lineage', 'x', 'y']],
    ['investigator', ['HDEL', '{cs}:lineage', 'x']],
    ['repairer', ['HVALS', '{cs}:lineage']],
    ['sealer', ['HVALS', '{cs}:lineage']],
    ['web', ['DEL', '{cs}:chat:slack:thread:INC-A']],
    ['web', ['FCALL', 'cs_lease', '1', '{cs}:sealer:lease', 'me', '1000']],
    ['web', ['DEL', '{cs}:chat:teams:references']],
    ['investigator', ['HSET', '{cs}:chat:slack:roots', 'C1:1', 'INC-A']],
    ['investigator', ['HSET', '{cs}:chat:teams:references', 'service:x', '{}']],
    ['repairer', ['HGETALL', '{cs}:chat:slack:thread:INC-A']],
    ['sealer', ['FCALL', 'cs_lease', '1', '{cs}:chatlease:slack', 'me', '1000']],
  ])('%s may not %s', async (role, [name = '', ...args]) => {
    await expect(users.get(role)?.call(name, ...args)).rejects.toThrow(/NOPERM/);
  });
});

it.each(['{csq}:repair:1', '{csq}:verify:1', '{csq}:investigate:1', '{cs}:subject:INC-A', '{cs}:log:0'])(
  'the web role’s scripts for its own queue reach no further: %s',
  async (key) => {
    const script = `return redis.call('HSET', '${key}', 'data', 'x')`;
    await expect(users.get('web')?.call('EVAL', script, '1', '{csq}:chat:1')).rejects.toThrow(
      /can't access|NOPERM|can't run/,
    );
  },
);

describe('the self-check', () => {
  const findings = async (user: Redis, role: RedisRole): Promise<string> =>
    selfCheck(user, role, { override: false, processLog }).then(
      () => '',
      (error: { kind: string; safeText: string }) => `${error.kind}: ${error.safeText}`,
    );
  const withSetting = async (name: string, value: string, role: RedisRole): Promise<string> => {
    const [, before = ''] = (await admin.config('GET', name)) as string[];
    await admin.config('SET', name, value);
    try {
      return await findings(users.get(role) as Redis, role);
    } finally {
      await admin.config('SET', name, before);
    }
  };

  it('refuses a user that was loaded before an upgrade, also on a weak Redis, and says which right it lacks', async () => {
    const rules = aclRules('web', 'old').filter((rule) => !rule.includes('chat'));
    await admin.call('ACL', 'SETUSER', 'old-web', ...rules);
    const url = new URL(redis.url);
    url.username = 'old-web';
    url.password = 'old';
    const user = await connectRedis(url.href, { name: 'old-web', use: 'commands' });
    try {
      const check = selfCheck(user, 'web', { override: true, processLog });
      await expect(check).rejects.toMatchObject({
        kind: 'misconfigured',
        safeText: expect.stringMatching(/lacks a right of this version \(HGETALL .*chat.*countersign acl/),
      });
    } finally {
      user.disconnect();
      await admin.call('ACL', 'DELUSER', 'old-web');
    }
  });

  it('refuses a Redis that may evict, does not write to disk, or never syncs', async () => {
    expect(await withSetting('maxmemory-policy', 'allkeys-lru', 'web')).toMatch(/^misconfigured: .*allkeys-lru/);
    expect(await withSetting('appendonly', 'no', 'repairer')).toMatch(/appendonly is not yes/);
    expect(await withSetting('appendfsync', 'no', 'sealer')).toMatch(/appendfsync is no/);
  });

  it('refuses a user with wider rights than the role needs', async () => {
    expect(await findings(admin, 'web')).toMatch(/user default may do more than role web needs/);
    expect(await findings(users.get('web') as Redis, 'sealer')).not.toBe('');
    await admin.acl(
      'SETUSER',
      'wide',
      'on',
      '>w',
      '~*',
      '&*',
      '+@all',
      '-@admin',
      '+acl|whoami',
      '+acl|dryrun',
      '+info',
    );
    const wide = await connectRedis(redis.url.replace('redis://', 'redis://wide:w@'), {
      name: 'wide',
      use: 'commands',
    });
    expect(await findings(wide, 'repairer')).toMatch(/user wide may do more/);
    wide.disconnect();
  });

  it('refuses a default user without rights: a restart of Redis would lose every append', async () => {
    await admin.acl('SETUSER', 'other-admin', 'on', '>a', '~*', '&*', '+@all');
    const other = await connectRedis(redis.url.replace('redis://', 'redis://other-admin:a@'), {
      name: 'x',
      use: 'commands',
    });
    await other.acl('SETUSER', 'default', '-@all');
    expect(await findings(users.get('web') as Redis, 'web')).toMatch(/default has no rights/);
    await other.acl('SETUSER', 'default', '+@all');
    other.disconnect();
  });

  it('lets an operator override all of it, but not a missing function library', async () => {
    await expect(selfCheck(admin, 'web', { override: true, processLog })).resolves.toBeUndefined();
    await admin.call('FUNCTION', 'FLUSH');
    await expect(selfCheck(admin, 'web', { override: true, processLog })).rejects.toMatchObject({
      kind: 'misconfigured',
    });
    await loadLibrary(admin);
  });
});

describe('kill -9 of Redis', () => {
  it('loses nothing that was acknowledged', async () => {
    const note = (text: string): NewEvent => ({
      type: 'note.added',
      data: { by: { id: 'ann@example.com', via: 'web' }, text },
      actor: { kind: 'person', id: 'ann@example.com', role: 'web' },
    });
    await admin.flushall();
    const options = { role: 'web', vkey: VKEY, allowWeak: false, processLog } as const;
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round++) {
      const connection = await connectLog({ url: redis.urlFor('web'), ...options });
      const write = async (writer: number): Promise<void> => {
        for (let n = 0; ; n++) {
          const [event] = (await connection.log.append(`draft-${round}-${writer}`, n, [note(`${n}`)])).entries;
          acknowledged.push(event?.entry.id ?? '');
        }
      };
      const writers = Promise.allSettled(Array.from({ length: 8 }, (_, writer) => write(writer)));
      await new Promise((wait) => setTimeout(wait, 400));
      await redis.kill9();
      const outcomes = await writers;
      expect(outcomes.every((one) => one.status === 'rejected' && /unavailable|timeout/.test(one.reason.kind))).toBe(
        true,
      );
      connection.close();
      await redis.restart();
    }
    const after = await connectLog({ url: redis.urlFor('web'), ...options });
    const stored = new Set((await after.log.readFrom(0, 1_000_000)).map(({ entry }) => entry.id));
    expect(acknowledged.length).toBeGreaterThan(500);
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    after.close();
  });
});
