import type { ChatMessage, Delivery, Place, Urgency } from '../domain/chat.js';

/** The next call that a thread needs. `urgency` is that of the most urgent message which waits for it. */
export type Step<Body> =
  | { call: 'find'; place: Place; unknown: Delivery[]; since: Date; urgency: Urgency; keys: string[] }
  | {
      call: 'post';
      place: Place;
      message: ChatMessage<Body>;
      /** Of the delivery: the message's own, or with a suffix when an earlier one was deleted. */
      key: string;
      attempt: number;
      headline: boolean;
      urgency: Urgency;
      keys: string[];
    }
  | { call: 'edit'; place: Place; message: ChatMessage<Body>; delivery: Delivery; urgency: Urgency; keys: string[] };

export interface Plan<Body> {
  /** Messages are posted one after the other: the one post, or the search for one whose fate is not known. */
  next?: Extract<Step<Body>, { call: 'find' | 'post' }>;
  /** Messages that stand there but show something else, in the order of the thread. */
  edits: Extract<Step<Body>, { call: 'edit' }>[];
  /** Keys of all messages that are not there as they should be. */
  waiting: string[];
}

export interface PlanInput<Body> {
  messages: readonly ChatMessage<Body>[];
  deliveries: ReadonlyMap<string, Delivery>;
  /** Where the thread goes or lives; without `root` until the headline is there. */
  place: Place;
  finished: boolean;
  /** Earliest time at which a message of an unknown date can have been sent. */
  openedAt: string;
}

/** A message that people delete again and again is left alone after this many. */
const MOST_POSTED = 3;
/** Clocks of ours and theirs differ, and a claim is made a moment before its post. */
const SEARCH_BEFORE_MS = 5 * 60_000;
const URGENCIES: readonly Urgency[] = ['decision', 'state', 'progress'];

interface Missing<Body> {
  message: ChatMessage<Body>;
  headline: boolean;
  /** Sent, and its fate not known. */
  unknown?: Delivery;
  key: string;
  attempt: number;
}

/** What is to be done so that the chat shows these messages. Pure; decided anew before every call. */
export function planOf<Body>({ messages, deliveries, place, finished, openedAt }: PlanInput<Body>): Plan<Body> {
  const edits: Plan<Body>['edits'] = [];
  const absent: Missing<Body>[] = [];
  const gone: Missing<Body>[] = [];
  for (const [at, message] of messages.entries()) {
    const known = newest(deliveries, message.key);
    const headline = at === 0;
    if (known?.state === 'posted') {
      if (known.digest !== message.digest) edits.push(editOf(message, known, place));
    } else if (known?.state === 'gone') {
      const again = { message, headline, ...successor(message.key, known) };
      if (known.key !== again.key) gone.push(again);
    } else {
      absent.push({
        message,
        headline,
        ...(known?.state === 'posting' ? { unknown: known } : {}),
        key: known?.key ?? message.key,
        attempt: (known?.attempt ?? 0) + 1,
      });
    }
  }
  const revived = gone.filter(({ message, headline }) =>
    headline ? !finished || absent.length > 0 : message.urgency === 'decision',
  );
  const missing = inOrder(messages, [...absent, ...revived]);
  const next = nextOf(missing, place, openedAt);
  const waiting = [...missing.map((one) => one.message.key), ...edits.map((one) => one.message.key)];
  return { edits, waiting, ...(next === undefined ? {} : { next }) };
}

/** The delivery of a key that counts: of those posted anew the last. */
export function newest(deliveries: ReadonlyMap<string, Delivery>, key: string): Delivery | undefined {
  for (let count = MOST_POSTED; count > 1; count--) {
    const again = deliveries.get(`${key}~${count}`);
    if (again !== undefined) return again;
  }
  return deliveries.get(key);
}

/** The headline below which new messages go: the newest that was posted, also when it is gone since. */
export function headlineOf(deliveries: ReadonlyMap<string, Delivery>): Delivery | undefined {
  return [...deliveries.values()]
    .filter(({ headline, message }) => headline && message !== undefined)
    .sort((a, b) => a.key.localeCompare(b.key))
    .at(-1);
}

/** Where the thread stands; undefined until its headline is there. */
export function standingAt(deliveries: ReadonlyMap<string, Delivery>): Place | undefined {
  const headline = headlineOf(deliveries);
  if (headline?.message === undefined) return undefined;
  return { channel: headline.channel, root: headline.message };
}

/** The same key when it was posted often enough. */
function successor(key: string, gone: Delivery): { key: string; attempt: number } {
  const count = gone.key === key ? 1 : Number(gone.key.slice(key.length + 1));
  return { key: count < MOST_POSTED ? `${key}~${count + 1}` : gone.key, attempt: 1 };
}

function inOrder<Body>(messages: readonly ChatMessage<Body>[], missing: Missing<Body>[]): Missing<Body>[] {
  const order = new Map(messages.map(({ key }, at) => [key, at]));
  return missing.sort((a, b) => (order.get(a.message.key) ?? 0) - (order.get(b.message.key) ?? 0));
}

function nextOf<Body>(missing: Missing<Body>[], place: Place, openedAt: string): Plan<Body>['next'] {
  const [first] = missing;
  if (first === undefined) return undefined;
  const urgency = mostUrgent(missing.map(({ message }) => message.urgency));
  const keys = missing.map(({ message }) => message.key);
  const search = (where: Place, unknown: Delivery[]): Plan<Body>['next'] => ({
    call: 'find',
    place: where,
    unknown,
    since: earliest(unknown, openedAt),
    urgency,
    keys,
  });
  const { root, ...channel } = place;
  const sentBelow = missing.flatMap((one) => (one.headline ? [] : (one.unknown ?? [])));
  if (first.headline && first.unknown !== undefined)
    return search({ ...channel, channel: first.unknown.channel || place.channel }, [first.unknown]);
  // What was sent below a headline is searched for there before the thread gets a new headline.
  if (sentBelow.length > 0 && (first.unknown !== undefined || (first.headline && root !== undefined)))
    return search(place, sentBelow);
  const { message, key, attempt, headline } = first;
  return { call: 'post', place: headline ? channel : place, message, key, attempt, headline, urgency, keys };
}

function earliest(unknown: readonly Delivery[], openedAt: string): Date {
  const sent = unknown.map(({ at }) => Date.parse(at === '' ? openedAt : at));
  return new Date(Math.min(...sent) - SEARCH_BEFORE_MS);
}

function editOf<Body>(message: ChatMessage<Body>, delivery: Delivery, place: Place): Plan<Body>['edits'][number] {
  const target = { ...place, channel: delivery.channel };
  return { call: 'edit', place: target, message, delivery, urgency: message.urgency, keys: [message.key] };
}

function mostUrgent(urgencies: readonly Urgency[]): Urgency {
  return URGENCIES.find((urgency) => urgencies.includes(urgency)) ?? 'progress';
}
