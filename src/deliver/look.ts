import type { Thread } from '../domain/card.js';
import type { ChatMessage, ChatPlatform, Delivery, DeliveryStore, Place } from '../domain/chat.js';
import { SETTLED_MS } from './carry-out.js';
import { newest, type Plan, planOf, type Step, standingAt } from './plan.js';
import { attemptOf, type Candidate, editOf, noteWaiting, rankOf, type Work } from './work.js';

export interface LookDeps<Body> {
  platform: ChatPlatform<Body>;
  store: DeliveryStore;
  /** The thread as it is now, e.g. `ChatBackend.thread`; undefined when there is no such incident. */
  threadOf: (incident: string) => Promise<Thread | undefined>;
  /** Where a new thread goes; undefined when this chat does not show it. */
  placeOf: (thread: Thread) => Place | undefined;
}

export interface Seen<Body> {
  plan: Plan<Body>;
  version: number;
  finished: boolean;
}

/** Renders the newest state and compares it with what stands in the chat. @returns undefined when there is nothing to show here. */
export async function look<Body>(deps: LookDeps<Body>, work: Work): Promise<Seen<Body> | undefined> {
  work.stale = false;
  const thread = await deps.threadOf(work.incident);
  if (thread === undefined) return undefined;
  const deliveries = await deps.store.of(work.incident);
  // While the log is read again from its beginning, a thread is older than what the chat shows already.
  if ([...deliveries.values()].some(({ version }) => version > thread.version)) return undefined;
  const place = placeNow(deps, thread, deliveries);
  if (place === undefined) return undefined;
  const { finished, openedAt } = thread.summary;
  const messages = deps.platform.messagesOf(thread, place);
  const plan = planOf({ messages, deliveries, place, finished, openedAt });
  const doubted = work.doubtful ? headlineEdit(messages[0], deliveries, place) : undefined;
  work.doubtful = doubted !== undefined;
  const seen = doubted === undefined ? plan : { waiting: [...plan.waiting, doubted.message.key], edits: [doubted] };
  return { plan: seen, version: thread.version, finished };
}

/** A thread stays in the channel where it began, whatever the routes say since. */
function placeNow<Body>(
  { placeOf }: LookDeps<Body>,
  thread: Thread,
  deliveries: ReadonlyMap<string, Delivery>,
): Place | undefined {
  const routed = placeOf(thread);
  const standing = standingAt(deliveries);
  return standing === undefined ? routed : { ...routed, ...standing };
}

/** The headline as an edit, whether or not it changes: it tells whether it is still there. */
function headlineEdit<Body>(
  message: ChatMessage<Body> | undefined,
  deliveries: ReadonlyMap<string, Delivery>,
  place: Place,
): Plan<Body>['edits'][number] | undefined {
  if (message === undefined) return undefined;
  const delivery = newest(deliveries, message.key);
  if (delivery?.state !== 'posted') return undefined;
  return { call: 'edit', place, message, delivery, urgency: 'decision', keys: [message.key] };
}

/** What the thread could do next: a post and an edit stand side by side, as their limits differ. */
export function candidatesOf<Body>(
  platform: ChatPlatform<Body>,
  work: Work,
  plan: Plan<Body>,
  now: number,
): Candidate[] {
  noteWaiting(work, plan.waiting);
  const edit = bestEdit(work, plan, now);
  return [plan.next, edit].flatMap((step) => {
    if (step === undefined) return [];
    return {
      call: step.call,
      channel: step.place.channel,
      paces: platform.paceOf(step.call, step.place),
      rank: rankOfStep(work, step),
      notBefore: notBefore(work, step, now),
    };
  });
}

/** The edit that goes first; one that was refused waits until its time. */
export function bestEdit<Body>(
  work: Work,
  { edits }: Plan<Body>,
  now: number,
): Plan<Body>['edits'][number] | undefined {
  const open = edits.filter(({ message }) => (work.aside.get(message.key)?.until ?? 0) <= now);
  const [best] = (open.length > 0 ? open : edits).toSorted((a, b) => rankOfStep(work, a) - rankOfStep(work, b));
  return best;
}

function rankOfStep(work: Work, step: Step<unknown>): number {
  const since = Math.min(...step.keys.map((key) => work.since.get(key) ?? work.changedAt));
  return rankOf(step.urgency, since);
}

function notBefore(work: Work, step: Step<unknown>, now: number): number {
  if (step.call === 'edit') {
    // No digest, and not by us: another process was editing it, and an older state may still be on its way.
    const foreign = step.delivery.digest === undefined ? settledAt(work, editOf(step.delivery), now) : 0;
    return Math.max(work.notBefore, work.aside.get(step.message.key)?.until ?? 0, foreign);
  }
  if (step.call === 'post') return work.notBefore;
  return Math.max(work.notBefore, ...step.unknown.map((delivery) => settledAt(work, attemptOf(delivery), now)));
}

/** What another process sent may still be on its way: its clock is not ours, so the time runs from when it is first seen here. */
function settledAt(work: Work, call: string, now: number): number {
  const at = work.settledAt.get(call) ?? now + SETTLED_MS;
  work.settledAt.set(call, at);
  return at;
}
