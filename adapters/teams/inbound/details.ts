import { within } from '../../../src/domain/gesture.js';
import { NOTHING_TO_SEE } from '../../../src/domain/talk.js';
import type { Carried } from '../action-data.js';
import { evidenceDigests } from '../detail-cards.js';
import type { Inbound } from './context.js';
import type { Reply } from './reply.js';

/** Of the five seconds that a dialog may take to open. */
const WITHIN_MS = 3500;

/** One page of the trace, the evidence or all of it, with as much of the stored answers as can be read. */
export async function detailReply(inbound: Inbound, carried: Carried): Promise<Reply> {
  const reply = await within(WITHIN_MS, read(inbound, carried));
  if (reply !== undefined) return reply;
  const text = 'This could not be read in time. Click again.';
  return { show: 'words', words: { title: 'Not read', text, tone: 'bad' }, carried };
}

async function read(inbound: Inbound, carried: Carried): Promise<Reply> {
  const { incident, card, detail = 'all', page = 0 } = carried;
  const thread = await inbound.backend.thread(incident);
  if (thread === undefined)
    return { show: 'words', words: { title: 'Not found', text: NOTHING_TO_SEE, tone: 'neutral' }, carried };
  const digests = detail === 'trace' ? [] : evidenceDigests(thread, card);
  const reads = digests.map(async (digest) => [digest, await inbound.backend.observation(digest)] as const);
  // One answer that can not be read leaves its quote without its surroundings, and the others as they are.
  const texts = (await Promise.allSettled(reads)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const observations = new Map(
    texts.flatMap(([digest, text]) => (text === undefined ? [] : [[digest, text] as const])),
  );
  const whose = card === undefined ? {} : { card };
  return { show: 'detail', args: { thread, detail, ...whose, page, observations, carried } };
}
