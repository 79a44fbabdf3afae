import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { aclRules, REDIS_ROLES, type RedisRole, redisUser } from './acl.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';

const BODY = readFileSync(new URL('./library.lua', import.meta.url), 'utf8');

/** Names the exact library text: roles refuse to start on another one. */
export const LIBRARY_VERSION = createHash('sha256').update(BODY).digest('hex').slice(0, 16);

const LIBRARY = `#!lua name=countersign
${BODY}
redis.register_function{function_name = 'cs_version', callback = function() return '${LIBRARY_VERSION}' end, flags = {'no-writes'}}
`;

/** Loads the function library, replacing an older one. Needs an administrator's connection; may be repeated. */
export async function loadLibrary(admin: Redis): Promise<void> {
  await withRedis(() => admin.function('LOAD', 'REPLACE', LIBRARY));
}

/** Makes or resets the users of all roles. Needs an administrator's connection; lost at a restart unless Redis has an ACL file. */
export async function createUsers(admin: Redis, passwords: Record<RedisRole, string>): Promise<void> {
  for (const role of REDIS_ROLES) {
    await withRedis(() => admin.acl('SETUSER', redisUser(role), ...aclRules(role, passwords[role])));
  }
}

/** The URL by which a role logs in: that of the server with the role's user and password. */
export function roleUrl(serverUrl: string, role: RedisRole, password: string): string {
  const url = new URL(serverUrl);
  url.username = redisUser(role);
  url.password = password;
  return url.href;
}
