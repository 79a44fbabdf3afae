import { z } from 'zod';
import type { Delivery, DeliveryReport, DeliveryStore } from '../../src/domain/chat.js';
import type { Redis } from './connect.js';
import { withRedis } from './errors.js';
import { chatLeaseKey, chatReportKey, chatRootsKey, chatShownKey, chatThreadKey } from './keys.js';

const Stored = z.object({
  key: z.string(),
  state: z.enum(['posting', 'missing', 'posted', 'gone']),
  attempt: z.number().int().min(1),
  headline: z.boolean(),
  channel: z.string(),
  message: z.string().optional(),
  digest: z.string().optional(),
  version: z.number().int(),
  at: z.string(),
});

const Report = z.object({
  holder: z.string(),
  at: z.iso.datetime(),
  threads: z.number(),
  messages: z.number(),
  oldest: z.string().optional(),
  blocked: z.array(
    z.object({
      incident: z.string().optional(),
      channel: z.string().optional(),
      reason: z.string(),
      since: z.string(),
    }),
  ),
});

/** Beside a record: how often its key was claimed. No key of a message begins with it. */
const CLAIMS = '#';
const BEGAN = '#began';
const NEWEST = 'newest';

/**
 * What stands in one chat, in Redis: one hash a thread. Nothing expires, since people still see the messages; a message costs some 300
 * bytes, so a thread some 3 KB, which is less than its incident costs in the log, and both grow alike.
 */
export function createDeliveryStore(redis: Redis, chat: 'slack' | 'teams'): DeliveryStore {
  const record = (incident: string, delivery: Delivery): Promise<unknown> =>
    withRedis(() => redis.hset(chatThreadKey(chat, incident), delivery.key, JSON.stringify(delivery)));
  return {
    async of(incident) {
      return deliveriesIn(await withRedis(() => redis.hgetall(chatThreadKey(chat, incident))));
    },
    async claim(incident, delivery) {
      // HINCRBY gives each number once: who gets the one that he read as the next is the only one to send this attempt.
      const number = await withRedis(() => redis.hincrby(chatThreadKey(chat, incident), CLAIMS + delivery.key, 1));
      if (number !== delivery.attempt) return false;
      await record(incident, delivery);
      return true;
    },
    async save(incident, delivery) {
      // First the way back: a headline that is known but leads nowhere would lose what people write below it.
      if (delivery.headline && delivery.message !== undefined) {
        const root = rootField(delivery.channel, delivery.message);
        await withRedis(() => redis.hset(chatRootsKey(chat), root, incident));
      }
      await record(incident, delivery);
    },
    async incidentAt(channel, root) {
      return (await withRedis(() => redis.hget(chatRootsKey(chat), rootField(channel, root)))) ?? undefined;
    },
    async shown() {
      const stored = await withRedis(() => redis.hgetall(chatShownKey(chat)));
      return new Map(
        Object.entries(stored)
          .filter(([incident]) => incident !== BEGAN)
          .map(([incident, version]) => [incident, Number(version)]),
      );
    },
    async saveShown(incident, version) {
      await withRedis(() => redis.hset(chatShownKey(chat), incident, String(version)));
    },
    async began(now) {
      await withRedis(() => redis.hsetnx(chatShownKey(chat), BEGAN, now.toISOString()));
      return new Date((await withRedis(() => redis.hget(chatShownKey(chat), BEGAN))) ?? now);
    },
    async saveReport(report) {
      await withRedis(() => redis.hset(chatReportKey(chat), NEWEST, JSON.stringify(report)));
    },
    async lastReport() {
      return reportIn((await withRedis(() => redis.hget(chatReportKey(chat), NEWEST))) ?? '');
    },
    lead: async (holder, ttlMs) =>
      (await withRedis(() => redis.call('FCALL', 'cs_lease', 1, chatLeaseKey(chat), holder, ttlMs))) === 1,
  };
}

const rootField = (channel: string, root: string): string => `${channel}:${root}`;

/**
 * A claim without its record is a process that died between the two, or has not come so far yet: it counts as on its way, at a time
 * that nobody knows. What can not be read is of a newer version and counts so as well: it is looked for before anything is sent.
 */
function deliveriesIn(stored: Record<string, string>): Map<string, Delivery> {
  const found = new Map<string, Delivery>();
  for (const [field, text] of Object.entries(stored)) {
    if (field.startsWith(CLAIMS)) continue;
    const delivery = deliveryIn(text);
    if (delivery !== undefined) found.set(field, delivery);
  }
  for (const [field, text] of Object.entries(stored)) {
    if (!field.startsWith(CLAIMS)) continue;
    const key = field.slice(CLAIMS.length);
    const known = found.get(key);
    const attempt = Number(text);
    if (known === undefined) found.set(key, claimed(key, attempt));
    else if (known.attempt < attempt) found.set(key, { ...known, ...overtaken(known), attempt });
  }
  return found;
}

/** Claimed again since: a message that is known to stand stays known. */
function overtaken(known: Delivery): Partial<Delivery> {
  return known.state === 'posting' || known.state === 'missing' ? { state: 'posting' } : {};
}

function claimed(key: string, attempt: number): Delivery {
  return { key, state: 'posting', attempt, headline: false, channel: '', version: 0, at: '' };
}

function deliveryIn(text: string): Delivery | undefined {
  try {
    const { message, digest, ...rest } = Stored.parse(JSON.parse(text));
    return { ...rest, ...(message === undefined ? {} : { message }), ...(digest === undefined ? {} : { digest }) };
  } catch {
    return undefined;
  }
}

function reportIn(text: string): DeliveryReport | undefined {
  try {
    const { oldest, blocked, ...rest } = Report.parse(JSON.parse(text));
    const named = blocked.map(({ incident, channel, ...one }) => ({
      ...one,
      ...(incident === undefined ? {} : { incident }),
      ...(channel === undefined ? {} : { channel }),
    }));
    return { ...rest, oldest, blocked: named };
  } catch {
    return undefined;
  }
}
