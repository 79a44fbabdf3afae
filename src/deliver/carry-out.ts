import type { ChatPlatform, Delivery, DeliveryStore, Sleep } from '../domain/chat.js';
import { type AppError, asAppError } from '../domain/errors.js';
import type { Clock } from '../domain/ports.js';
import type { ProcessLog } from '../log.js';
import type { Buckets } from './buckets.js';
import { type Gates, SLOWLY_MS } from './gates.js';
import type { Step } from './plan.js';
import { MAX_CALL_MS, timed } from './timed.js';
import { attemptOf, backOff, editOf, inTrouble, type Work } from './work.js';

export interface Hands<Body> {
  platform: ChatPlatform<Body>;
  store: DeliveryStore;
  buckets: Buckets;
  gates: Gates;
  clock: Clock;
  sleep: Sleep;
  processLog: ProcessLog;
  /** This process may call now. */
  leading(): boolean;
  /** Aborts when this process must end. */
  ending: AbortSignal;
}

type Find = Extract<Step<never>, { call: 'find' }>;
type Post<Body> = Extract<Step<Body>, { call: 'post' }>;
type Edit<Body> = Extract<Step<Body>, { call: 'edit' }>;

/** A call that ended without an answer may still be carried out for so long. */
const LATE_MS = 5000;
/** After this long a message is there or never will be, whoever sent it: no call lasts longer. */
export const SETTLED_MS = MAX_CALL_MS + LATE_MS;
const SAVE_AGAIN_MS = 1000;
/** When a platform says stop and not for how long. */
const PAUSE_MS = 10_000;

/** What the message carries, so that it is recognised when the answer to its post is lost. */
export function deliveryId(incident: string, key: string): string {
  return `${incident}/${key}`;
}

/** Makes the one call and stores what came of it. @returns false when no call was made. @throws AppError of the store. */
export function carryOut<Body>(hands: Hands<Body>, work: Work, step: Step<Body>, version: number): Promise<boolean> {
  if (step.call === 'find') return search(hands, work, step as Find, version);
  return step.call === 'post' ? post(hands, work, step, version) : edit(hands, work, step, version);
}

async function post<Body>(hands: Hands<Body>, work: Work, step: Post<Body>, version: number): Promise<boolean> {
  const { platform, store, clock } = hands;
  const { key, attempt, headline, message, place } = step;
  const at = clock.now();
  const claimed: Delivery = {
    ...{ key, attempt, headline, version, state: 'posting', channel: place.channel },
    ...{ digest: message.digest, at: at.toISOString() },
  };
  if (!(await store.claim(work.incident, claimed))) return false;
  work.settledAt.set(attemptOf(claimed), at.getTime() + SETTLED_MS);
  // It stays `posting`: whoever leads now finds out that it was not sent.
  if (!hands.leading()) return false;
  let name: string;
  try {
    name = await timed(hands, (signal) =>
      platform.post(place, bodyOf(work, step), deliveryId(work.incident, key), signal),
    );
  } catch (thrown) {
    const error = asAppError(thrown);
    if (isUnknown(error)) work.settledAt.set(attemptOf(claimed), clock.now().getTime() + LATE_MS);
    postFailed(hands, work, step, error);
    if (!isUnknown(error)) await note(hands, work, { ...claimed, state: 'missing' });
    return true;
  }
  passed(hands, work, place.channel);
  await keep(hands, work.incident, { ...claimed, state: 'posted', message: name });
  return true;
}

async function edit<Body>(hands: Hands<Body>, work: Work, step: Edit<Body>, version: number): Promise<boolean> {
  const { platform, store, clock } = hands;
  const { delivery, message, place } = step;
  const { digest: _, ...rest } = delivery;
  const underWay: Delivery = { ...rest, version, at: clock.now().toISOString() };
  // Before the call: should this process die in it, nobody may take what was there before for what is there now.
  await store.save(work.incident, underWay);
  work.settledAt.set(editOf(delivery), 0);
  if (!hands.leading()) return false;
  const id = deliveryId(work.incident, delivery.key);
  try {
    await timed(hands, (signal) => platform.edit(place, delivery.message ?? '', bodyOf(work, step), id, signal));
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.kind === 'not_found') {
      hands.gates.answered();
      work.doubtful = false;
      work.aside.delete(message.key);
      await note(hands, work, { ...underWay, state: 'gone' });
    } else editFailed(hands, work, step, error);
    return true;
  }
  passed(hands, work, place.channel);
  work.aside.delete(message.key);
  if (work.doubtful && delivery.headline) headlineStands(hands, work);
  await note(hands, work, { ...underWay, digest: message.digest });
  return true;
}

/** Settles all messages of the thread whose fate is not known: they are adopted, or free to be sent again. */
async function search<Body>(hands: Hands<Body>, work: Work, step: Find, version: number): Promise<boolean> {
  const { platform, clock } = hands;
  let found: Map<string, string>;
  try {
    found = await timed(hands, (signal) => platform.find(step.place, step.since, signal));
  } catch (thrown) {
    const error = asAppError(thrown);
    if (error.kind !== 'not_found') {
      postFailed(hands, work, step, error);
      return true;
    }
    // The headline is gone, and with it all that stood below it.
    found = new Map();
    work.doubtful = true;
  }
  passed(hands, work, step.place.channel);
  for (const { digest, ...unknown } of step.unknown) {
    const message = found.get(deliveryId(work.incident, unknown.key));
    const at = unknown.at === '' ? clock.now().toISOString() : unknown.at;
    const known = { ...unknown, channel: step.place.channel, headline: step.place.root === undefined, at };
    if (message === undefined) await note(hands, work, { ...known, state: 'missing' });
    else {
      // An earlier attempt may have carried another text.
      work.settledAt.set(editOf(unknown), 0);
      const sure = unknown.attempt === 1 && digest !== undefined ? { digest } : {};
      await keep(hands, work.incident, { ...known, ...sure, state: 'posted', message });
      hands.processLog.info({ incident: work.incident, key: unknown.key, version }, 'a lost message was found');
    }
  }
  return true;
}

function bodyOf<Body>(work: Work, { message }: Post<Body> | Edit<Body>): Body {
  return work.plain.get(message.key) === message.digest ? message.plain : message.body;
}

/** A fact that costs a search when it is lost: stored as soon as the store is there again. */
async function keep<Body>(hands: Hands<Body>, incident: string, delivery: Delivery): Promise<void> {
  for (;;) {
    try {
      return await hands.store.save(incident, delivery);
    } catch (error) {
      if (hands.ending.aborted) throw error;
      hands.processLog.warn({ error, incident }, 'what stands in the chat can not be stored');
      await hands.sleep(SAVE_AGAIN_MS, hands.ending);
    }
  }
}

/** What was learned; not over what another process has learned since, which leads now. */
async function note<Body>({ store, leading }: Hands<Body>, work: Work, delivery: Delivery): Promise<void> {
  if (leading()) await store.save(work.incident, delivery);
}

function isUnknown({ kind }: AppError): boolean {
  return kind === 'timeout' || kind === 'unavailable' || kind === 'internal';
}

function passed<Body>({ gates }: Hands<Body>, work: Work, channel: string): void {
  gates.passed(channel);
  work.failures = 0;
  work.trouble = undefined;
}

/** The headline is there and yet nothing can be posted below it. */
function headlineStands<Body>({ clock }: Hands<Body>, work: Work): void {
  const now = clock.now().getTime();
  work.doubtful = false;
  work.notBefore = now + SLOWLY_MS;
  inTrouble(work, 'The chat takes nothing below the headline, although it is there.', now);
}

function postFailed<Body>(hands: Hands<Body>, work: Work, step: Post<Body> | Find, error: AppError): void {
  if (failedAlike(hands, work, step, error)) return;
  const now = hands.clock.now().getTime();
  if (error.kind === 'forbidden') hands.gates.refused(step.place.channel, now, error.safeText);
  if (error.kind === 'not_found' && step.place.root !== undefined) {
    work.doubtful = true;
    return;
  }
  inTrouble(work, error.safeText, now);
  backOff(work, now, SLOWLY_MS);
}

/** An edit that is refused keeps nothing else of the thread waiting. */
function editFailed<Body>(hands: Hands<Body>, work: Work, step: Edit<Body>, error: AppError): void {
  if (failedAlike(hands, work, step, error)) return;
  const now = hands.clock.now().getTime();
  const { since = now } = work.aside.get(step.message.key) ?? {};
  work.aside.set(step.message.key, { since, until: now + SLOWLY_MS, reason: error.safeText });
  hands.processLog.warn({ error, incident: work.incident, key: step.message.key }, 'an edit was refused');
}

/** What is the same for all calls. @returns false when the refusal is about this call alone. */
function failedAlike<Body>(hands: Hands<Body>, work: Work, step: Step<Body>, error: AppError): boolean {
  const { gates, buckets, platform, clock, processLog } = hands;
  const now = clock.now().getTime();
  if (isUnknown(error)) {
    gates.failed(now, error.safeText);
    backOff(work, now, LATE_MS);
    inTrouble(work, error.safeText, now);
    processLog.warn({ error, incident: work.incident, call: step.call }, 'the chat did not answer');
    return true;
  }
  gates.answered();
  if (error.kind === 'rate_limited') {
    buckets.refused(platform.paceOf(step.call, step.place), now, now + (error.retryAfterMs ?? PAUSE_MS));
    return true;
  }
  if (error.kind === 'unauthenticated' || error.kind === 'misconfigured') {
    gates.refusedAll(now, error.safeText);
    return true;
  }
  if (step.call === 'find' || error.kind !== 'invalid_input') return false;
  const { key, digest } = step.message;
  if (work.plain.get(key) === digest) return false;
  work.plain.set(key, digest);
  processLog.error({ error, incident: work.incident, key }, 'the chat refused a message; it is sent as plain text');
  return true;
}
