import { sayReply } from '../replies.js';
import { messageOf } from './answers.js';
import type { Inbound } from './context.js';
import type { Pressed } from './pressed.js';
import { COPY } from './texts.js';

/**
 * Teams may keep a message whose answer was lost on the way, and an app can not look for it: it was sent twice then. Whoever presses a
 * button of the one that nobody keeps up to date is answered all the same, and it is marked.
 */
export async function markCopy(inbound: Inbound, { where, message, carried }: Pressed): Promise<void> {
  const { delivery, incident } = carried;
  if (delivery === undefined || message === undefined || where.personal) return;
  if (!delivery.startsWith(`${incident}/`)) return;
  const known = (await inbound.store.of(incident)).get(delivery.slice(incident.length + 1));
  // While its post is under way this message may be the very one.
  if (known?.state !== 'posted' || known.message === undefined || known.message === message) return;
  await inbound.connector.edit(where.conversation, message, messageOf(sayReply(COPY)));
}
