import { z } from 'zod';
import type { ReferenceStore } from '../../src/domain/chat-references.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { chatReferencesKey } from './keys.js';

const Service = z.object({ serviceUrl: z.string(), botId: z.string(), tenantId: z.string(), at: z.string() });
const Chat = z.object({ conversation: z.string(), user: z.string(), at: z.string() });
const Team = z.object({ team: z.string(), at: z.string() });

/**
 * How one chat and its people are reached, in one hash beside the log. Nothing expires: some 200 bytes for each person and channel.
 * What another version wrote and can not be read counts as unknown, until the chat says it again.
 */
export function createReferenceStore(redis: Redis, chat: 'teams'): ReferenceStore {
  const key = chatReferencesKey(chat);
  const read = async <T>(field: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const text = await withRedis(() => redis.hget(key, field));
    return text === null ? undefined : parsed(text, schema);
  };
  const write = async (field: string, value: object): Promise<void> => {
    await withRedis(() => redis.hset(key, field, JSON.stringify(value)));
  };
  return {
    service: (app) => read(`service:${app}`, Service),
    saveService: (app, service) => write(`service:${app}`, service),
    personalChat: (person) => read(`person:${person}`, Chat),
    savePersonalChat: (person, known) => write(`person:${person}`, known),
    teamOf: (channel) => read(`channel:${channel}`, Team),
    saveTeam: (channel, team) => write(`channel:${channel}`, team),
  };
}

function parsed<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
