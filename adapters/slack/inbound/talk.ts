import { bounded } from '../../../src/domain/bounded.js';
import { AppError } from '../../../src/domain/errors.js';
import { jobId } from '../../../src/domain/gesture.js';
import type { Inbound } from './context.js';
import { type EventEnvelope, type HomeOpened, KnownEvent, type MessageEvent } from './payloads.js';
import { mentions } from './plain-text.js';

/** Messages of people. All other subtypes are edits, joins, topics and the like. */
const SPOKEN = new Set([undefined, 'file_share', 'thread_broadcast', 'me_message']);
/** Slack sends an event again for up to a day, where that is switched on. */
const REMEMBER_SECONDS = 25 * 3600;
const CLAIM_SECONDS = 20;
const LOOKS = 8;
const LOOK_EVERY_MS = 25;

/** Resolves when the event is in the inbox, or is none of ours. @throws when that is not sure, so that Slack sends it again. */
export async function onEvent(inbound: Inbound, envelope: EventEnvelope): Promise<void> {
  const event = KnownEvent.safeParse(envelope.event);
  if (!event.success) return;
  if (event.data.type === 'app_home_opened') await onHome(inbound, envelope, event.data);
  else await onMessage(inbound, envelope, event.data);
}

async function onHome(inbound: Inbound, { event_id: eventId }: EventEnvelope, event: HomeOpened): Promise<void> {
  if (event.tab !== 'home') return;
  const hash = event.view?.hash;
  const id = jobId('home', eventId);
  await once(inbound, [`slack:event:${eventId}`], id, () =>
    inbound.inbox.put({ kind: 'home', id, where: { user: event.user }, ...(hash === undefined ? {} : { hash }) }),
  );
}

/**
 * A mention arrives as `message` and as `app_mention`, with different event ids and the same channel and ts: one gesture, so one job.
 */
async function onMessage(inbound: Inbound, { event_id: eventId }: EventEnvelope, event: MessageEvent): Promise<void> {
  const { channel, ts, thread_ts: thread, user, client_msg_id: gesture } = event;
  const markup = event.text ?? '';
  if (user === undefined || event.bot_id != null || user === inbound.bot.botUserId) return;
  if (event.hidden === true || !SPOKEN.has(event.subtype) || markup.trim() === '') return;
  const mention =
    event.type === 'app_mention' || event.channel_type === 'im' || mentions(markup, inbound.bot.botUserId);
  const inThread = thread !== undefined && thread !== ts;
  // What people say among themselves is none of ours, except below an incident.
  if (!mention && !(inThread && (await inbound.store.incidentAt(channel, thread)) !== undefined)) return;
  const id = jobId('said', channel, ts);
  const keys = [
    `slack:event:${eventId}`,
    ...(gesture === undefined ? [] : [`slack:gesture:${channel}:${user}:${gesture}`]),
  ];
  const where = { user, channel, ...(inThread ? { thread } : {}) };
  await once(inbound, keys, id, () =>
    inbound.inbox.put({ kind: 'said', id, where, ts, markup: bounded(markup, 12_000), mention }),
  );
}

/**
 * Does it once for all of these keys. A key belongs to the job that had it first: another job with it is the same gesture under
 * another name. Until it is known to be in the inbox the same job is put again, which is harmless.
 */
async function once(inbound: Inbound, keys: string[], job: string, put: () => Promise<void>): Promise<void> {
  const owners = await Promise.all(keys.map((key) => ownerOf(inbound, key, job)));
  if (owners.some((owner) => owner !== `?${job}`)) return;
  await put();
  await Promise.all(keys.map((key) => inbound.once.settle(key, `=${job}`, REMEMBER_SECONDS)));
}

/** `?job` while it is being put, `=job` once it is there. The twin of a delivery often comes at the same instant: it waits a little. */
async function ownerOf({ once: store }: Inbound, key: string, job: string): Promise<string> {
  for (let look = 0; look < LOOKS; look++) {
    const before = await store.begin(key, CLAIM_SECONDS);
    if (typeof before === 'object') return before.answer;
    if (before === undefined) {
      await store.settle(key, `?${job}`, REMEMBER_SECONDS);
      return `?${job}`;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new AppError('conflict', { safeText: 'Another delivery of this event is being taken in at this moment.' });
}
