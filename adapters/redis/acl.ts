import { createHash } from 'node:crypto';
import {
  APPENDED_CHANNEL,
  CHAT_PREFIX,
  CHECKPOINTS_KEY,
  chatLeaseKey,
  LEASE_KEY,
  LINEAGE_KEY,
  LOG_PREFIX,
  SEALED_CHANNEL,
  TILES_KEY,
} from './keys.js';

/** The processes that have a Redis user of their own. */
export const REDIS_ROLES = ['web', 'investigator', 'repairer', 'sealer'] as const;
export type RedisRole = (typeof REDIS_ROLES)[number];

/** The name of a role's Redis user. */
export function redisUser(role: RedisRole): string {
  return `cs-${role}`;
}

// A selector must allow a command and all its keys together, so rights on one family of keys never mix with those on another.
const CONNECT = ['+ping', '+info', '+hello', '+client|setname', '+acl|whoami', '+acl|dryrun'];
const LISTEN = [`&${APPENDED_CHANNEL}`, `&${SEALED_CHANNEL}`, '+publish', '+subscribe', '+unsubscribe'];
const VERSION = ['+fcall_ro|cs_version'];
// RPUSH has no destructive form: a list under these rules can only grow.
const APPEND = `(~${LOG_PREFIX}* ~{cs}:subject:* ~{cs}:outbox:* +fcall|cs_append +rpush +llen)`;
const READ_LOG = `(%R~${LOG_PREFIX}* %R~{cs}:subject:* %R~${CHECKPOINTS_KEY} %R~${TILES_KEY} +fcall_ro|cs_read_subject +lrange +llen +lindex)`;
const READ_OBSERVATIONS = '(%R~{cs}:obs:* +get)';
// SETNX can not overwrite what is stored.
const STORE_OBSERVATIONS = '(~{cs}:obs:* +setnx +get)';
const ONCE = '(~{cs}:once:* +set +get)';
const KEEP_LINEAGE = `(~${LINEAGE_KEY} +hset +hdel +hvals)`;
// The repairer acts on what was approved, whatever was seen since: a cache must not be able to stop it.
const READ_LINEAGE = `(%R~${LINEAGE_KEY} +hvals)`;
// What stands in which chat: it is read, added and overwritten, never removed.
const DELIVER = [
  `(~${CHAT_PREFIX}* +hset +hget +hgetall +hsetnx +hincrby)`,
  `(~${chatLeaseKey('*')} +fcall|cs_lease +get +set)`,
];
const SPEND = '(~{cs}:spend:* +incrbyfloat +expire +get)';

/** What BullMQ's scripts need, on the keys of one queue. */
function queueRights(queue: string): string {
  const data = '+@hash +@list +@set +@sortedset +@stream +@string';
  const keys = '+del +exists +expire +pexpire +pttl +type +rename';
  return `(~{csq}:${queue}:* ${data} ${keys} +eval +evalsha +script|load +time +multi +exec)`;
}

/** A queue that is filled from the outbox by the role that works on it. */
function workQueue(queue: string): string[] {
  return [queueRights(queue), `(~{cs}:outbox:${queue} +lrange +lrem)`];
}

const RULES: Record<RedisRole, readonly string[]> = {
  web: [
    ...[...LISTEN, APPEND, READ_LOG, READ_OBSERVATIONS, ONCE, KEEP_LINEAGE, ...DELIVER],
    ...[queueRights('chat'), queueRights('chat-teams')],
  ],
  investigator: [...LISTEN, APPEND, READ_LOG, STORE_OBSERVATIONS, SPEND, READ_LINEAGE, ...workQueue('investigate')],
  repairer: [...LISTEN, APPEND, READ_LOG, READ_OBSERVATIONS, ...workQueue('repair'), ...workQueue('verify')],
  sealer: [
    // The sealer alone may read the configuration: it checks for all that appendfsync is not `no`.
    ...LISTEN,
    '+config|get',
    `(%R~${LOG_PREFIX}* +lrange +llen)`,
    `(~${LEASE_KEY} ~${CHECKPOINTS_KEY} ~${TILES_KEY} +fcall|cs_publish_checkpoint +rpush +llen +lrange)`,
    `(~${LEASE_KEY} +fcall|cs_lease +fcall|cs_publish_checkpoint +get +set)`,
  ],
};

/** The rules of a role's user as arguments of ACL SETUSER; the password is kept as its SHA-256. */
export function aclRules(role: RedisRole, password: string): string[] {
  const hash = createHash('sha256').update(password).digest('hex');
  return ['reset', 'on', `#${hash}`, 'resetchannels', '-@all', ...CONNECT, ...VERSION, ...RULES[role]];
}

/**
 * Nobody can log in as the default user, yet it keeps all rights: Redis replays its append-only file in that user's name, and without
 * rights it silently skips every MULTI/EXEC in it, which is every append (redis/redis#14541, valkey-io/valkey#3983; seen on 7.0.15).
 */
export const DEFAULT_USER = 'user default off resetpass ~* &* +@all';

/** The users of all roles as lines of an ACL file, for operators and the embedded start-up. The default user is left to who provisions. */
export function aclLines(passwords: Record<RedisRole, string>): string[] {
  return REDIS_ROLES.map((role) => {
    const [, ...rules] = aclRules(role, passwords[role]);
    return `user ${redisUser(role)} ${rules.join(' ')}`;
  });
}
