import { jobId } from '../../../src/domain/gesture.js';
import { sayReply } from '../replies.js';
import type { Inbound } from './context.js';
import type { JobOf, Where } from './job.js';
import { OPENED_LATE } from './texts.js';

/** Longer than a trigger lives and a call of Slack may take. */
const SEEN_WITHIN_MS = 15_000;
const REMEMBERED_SECONDS = 600;

/**
 * A form can only be opened in the seconds after the click, by this process; a word can be said later, by any. So before the click is
 * acknowledged it is noted that a form is due, and whoever works on that note tells the person when nothing came of it.
 */
export async function promiseForm(
  inbound: Inbound,
  { gesture, where }: { gesture: string; where: Where },
  open: () => Promise<void>,
): Promise<void> {
  const seen = jobId('form', gesture);
  // A gesture that is delivered twice must not put a second, empty form over the one that is being filled in.
  const before = await inbound.once.begin(seen, REMEMBERED_SECONDS).catch(() => undefined);
  if (before !== undefined) return;
  const opened = open().then(() => inbound.once.settle(seen, 'seen', REMEMBERED_SECONDS).catch(() => undefined));
  inbound.background(opened);
  const noted = inbound.inbox.put({ kind: 'form', id: seen, where, seen }, SEEN_WITHIN_MS);
  await noted.catch((error: unknown) => inbound.processLog.warn({ error }, 'a form could not be watched'));
}

/** The form came, or the person hears that it did not. */
export async function workForm(inbound: Inbound, { seen, where }: JobOf<'form'>): Promise<void> {
  const known = await inbound.once.begin(seen, REMEMBERED_SECONDS);
  if (typeof known !== 'object') await inbound.answers.say(where, sayReply(OPENED_LATE));
}
