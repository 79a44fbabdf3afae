import { AppError } from '../../src/domain/errors.js';
import type { ProcessLog } from '../../src/log.js';
import { type RedisRole, redisUser } from './acl.js';
import type { Redis } from './connect.js';
import { redisError, withRedis } from './errors.js';
import { CHECKPOINTS_KEY, chatThreadKey, LINEAGE_KEY, segmentKey, TILES_KEY } from './keys.js';
import { LIBRARY_VERSION } from './provision.js';

const LOG = segmentKey(0);

/** What no role may do: each would change or hide what is in the log, or widen the role's own rights. */
export const FORBIDDEN: readonly (readonly string[])[] = [
  ...[LOG, CHECKPOINTS_KEY, TILES_KEY].flatMap((key) => [
    ['DEL', key],
    ['UNLINK', key],
    ['LTRIM', key, '0', '0'],
    ['LSET', key, '0', 'x'],
    ['LPOP', key],
    ['RPOP', key],
    ['LREM', key, '0', 'x'],
    ['LPUSH', key, 'x'],
    ['LINSERT', key, 'BEFORE', 'x', 'y'],
    ['LMOVE', key, '{cs}:elsewhere', 'LEFT', 'LEFT'],
    ['LMPOP', '1', key, 'LEFT'],
    ['EXPIRE', key, '1'],
    ['RENAME', key, '{cs}:elsewhere'],
    ['RENAME', '{cs}:elsewhere', key],
    ['COPY', '{cs}:elsewhere', key, 'REPLACE'],
    ['RESTORE', key, '0', 'x', 'REPLACE'],
    ['SORT', key, 'STORE', key],
    ['SET', key, 'x'],
    ['GETDEL', key],
    ['MIGRATE', '127.0.0.1', '1', key, '0', '1'],
  ]),
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['SWAPDB', '0', '1'],
  ['CONFIG', 'SET', 'appendonly', 'no'],
  ['SHUTDOWN', 'NOSAVE'],
  ['DEBUG', 'SLEEP', '0'],
  ['REPLICAOF', '127.0.0.1', '1'],
  ['FUNCTION', 'FLUSH'],
  ['FUNCTION', 'DELETE', 'countersign'],
  ['SCRIPT', 'FLUSH'],
  ['ACL', 'SETUSER', 'x'],
  ['MODULE', 'LIST'],
  ['KEYS', '*'],
];

/** What one role may not do on top: the sealer's lists belong to the sealer, the log to everyone else. */
const FORBIDDEN_TO: Record<RedisRole, readonly (readonly string[])[]> = {
  web: [['RPUSH', CHECKPOINTS_KEY, 'x']],
  investigator: [['RPUSH', CHECKPOINTS_KEY, 'x']],
  repairer: [['RPUSH', CHECKPOINTS_KEY, 'x']],
  sealer: [['RPUSH', LOG, 'x']],
};

/** Rights that came with later versions: users that were loaded before do not have them. */
const NEEDED: Partial<Record<RedisRole, readonly (readonly string[])[]>> = {
  web: [
    ['HVALS', LINEAGE_KEY],
    ['HGETALL', chatThreadKey('slack', 'x')],
    ['HSET', '{csq}:chat:x', 'x', 'x'],
    ['HSET', '{csq}:chat-teams:x', 'x', 'x'],
  ],
  investigator: [['HVALS', LINEAGE_KEY]],
};

export interface SelfCheckOptions {
  /** Start although something is weaker than needed (managed Redis); each finding is logged at every start. */
  override: boolean;
  processLog: ProcessLog;
}

/**
 * Refuses to run on a Redis that could lose or change the log: wrong eviction policy, no append-only file, a user with wider rights than
 * the role needs, another function library. @throws AppError `misconfigured` with every finding in one text.
 */
export async function selfCheck(redis: Redis, role: RedisRole, options: SelfCheckOptions): Promise<void> {
  await checkLibrary(redis);
  await checkNeeds(redis, role);
  const findings = [...(await weakServer(redis)), ...(await wideRights(redis, role))];
  if (findings.length === 0) return;
  const text = findings.join('; ');
  if (options.override) {
    options.processLog.warn(
      { findings },
      'Redis is set up less strictly than needed; allowed by COUNTERSIGN_ALLOW_WEAK_REDIS',
    );
    return;
  }
  throw new AppError('misconfigured', {
    safeText: `Redis is not safe for the log: ${text}. Set COUNTERSIGN_ALLOW_WEAK_REDIS=true to run all the same.`,
  });
}

/** Not to be overridden: without the functions nothing can be written. */
async function checkLibrary(redis: Redis): Promise<void> {
  const version = await withRedis(() => redis.call('FCALL_RO', 'cs_version', 0));
  if (version === LIBRARY_VERSION) return;
  throw new AppError('misconfigured', {
    safeText: 'The function library in Redis is of another version of Countersign.',
  });
}

/** Not to be overridden either. Where rights can not be examined, that is a finding of its own. */
async function checkNeeds(redis: Redis, role: RedisRole): Promise<void> {
  for (const command of NEEDED[role] ?? []) {
    const answer = await dryRun(redis, command);
    if (answer === undefined || answer === 'OK') continue;
    const what = command.slice(0, 2).join(' ');
    throw new AppError('misconfigured', {
      safeText: `The Redis user of role ${role} lacks a right of this version (${what}). Load the users that \`countersign acl\` prints.`,
    });
  }
}

/** What ACL DRYRUN answers; undefined where the server does not let us ask. */
async function dryRun(redis: Redis, command: readonly string[]): Promise<string | undefined> {
  try {
    return String(await redis.call('ACL', 'DRYRUN', String(await redis.call('ACL', 'WHOAMI')), ...command));
  } catch (error) {
    if (/^(NOPERM|ERR unknown)/.test((error as Error).message)) return undefined;
    throw redisError(error);
  }
}

async function weakServer(redis: Redis): Promise<string[]> {
  const info = await withRedis(() => redis.info());
  const value = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const findings: string[] = [];
  const policy = value('maxmemory_policy');
  if (policy !== 'noeviction') findings.push(`maxmemory-policy is ${policy ?? 'unknown'}, not noeviction`);
  if (value('aof_enabled') !== '1') findings.push('appendonly is not yes');
  const sync = await appendfsync(redis);
  if (sync === 'no') findings.push('appendfsync is no');
  return findings;
}

/** Only the sealer's user may read the configuration; for the others this is undefined. */
async function appendfsync(redis: Redis): Promise<string | undefined> {
  try {
    const [, found] = (await redis.call('CONFIG', 'GET', 'appendfsync')) as string[];
    return found;
  } catch (error) {
    // Managed services hide CONFIG altogether, under one of these answers.
    if (/^(NOPERM|ERR unknown)/.test((error as Error).message)) return undefined;
    throw redisError(error);
  }
}

async function wideRights(redis: Redis, role: RedisRole): Promise<string[]> {
  try {
    const user = String(await redis.call('ACL', 'WHOAMI'));
    const tried = [...FORBIDDEN, ...FORBIDDEN_TO[role]];
    const dryRun = redis.pipeline();
    for (const command of tried) dryRun.call('ACL', 'DRYRUN', user, ...command);
    const answers = (await dryRun.exec()) ?? [];
    const failed = answers.find(([error]) => error)?.[0];
    if (failed) throw failed;
    const allowed = tried.filter((_, i) => answers[i]?.[1] === 'OK').map(([name]) => name);
    const names = [...new Set(allowed)].slice(0, 6).join(', ');
    const wide = `user ${user} may do more than role ${role} needs (${names}); expected ${redisUser(role)}`;
    return [...(allowed.length === 0 ? [] : [wide]), ...(await lossyDefaultUser(redis))];
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (/^(NOPERM|ERR unknown)/.test(message)) return ['the rights of this user can not be examined (ACL DRYRUN)'];
    throw redisError(error);
  }
}

/** See DEFAULT_USER in acl.ts: without these rights a restart of Redis would lose every append. */
async function lossyDefaultUser(redis: Redis): Promise<string[]> {
  const answer = await redis.call('ACL', 'DRYRUN', 'default', 'RPUSH', LOG, 'x');
  return answer === 'OK'
    ? []
    : ['user default has no rights, so Redis would skip transactions when it loads its append-only file'];
}
