import { createHash } from 'node:crypto';
import { within } from '../../../src/domain/gesture.js';
import { CARD_TOO_OLD, TRY_AGAIN } from '../../../src/domain/talk.js';
import type { IncomingActivity, InvokeAnswer } from '../bot-adapter.js';
import { AnyActivity, InvokeActivity, MessageActivity } from './activities.js';
import type { Inbound } from './context.js';
import { onInvoke } from './invokes.js';
import { executeAnswer, type Reply, taskAnswer } from './reply.js';
import { onMessage } from './talk.js';
import { OTHER_TENANT } from './texts.js';

/** The one door for everything that Teams sends; who sends it was checked. Invokes always get an answer in their form. */
export type Dispatch = (activity: IncomingActivity) => Promise<InvokeAnswer | undefined>;

/** Deliveries of one gesture come within seconds; afterwards its effects know it by its name. */
const REMEMBERED_MS = 10 * 60_000;
const MOST_REMEMBERED = 2000;
/** Teams gives a card's button about fifteen seconds, a dialog five. */
const EXECUTE_WITHIN_MS = 10_000;
const TASK_WITHIN_MS = 4500;

export function createDispatch(inbound: Inbound): Dispatch {
  const answers = new Map<string, { at: number; answer: Promise<InvokeAnswer> }>();
  /** The same gesture delivered again gets the very same answer, also while the first is being made. */
  const once = (invoke: InvokeActivity, make: () => Promise<InvokeAnswer>): Promise<InvokeAnswer> => {
    const now = performance.now();
    for (const [key, { at }] of answers) {
      if (now - at < REMEMBERED_MS && answers.size <= MOST_REMEMBERED) break;
      answers.delete(key);
    }
    const key = gestureKey(invoke);
    const known = answers.get(key);
    if (known !== undefined) return known.answer;
    const answer = make();
    answers.set(key, { at: now, answer });
    return answer;
  };
  return async (activity) => {
    const any = AnyActivity.safeParse(activity);
    if (!any.success) return refused(inbound, 400, 'not an activity');
    if (any.data.channelId !== 'msteams') return refused(inbound, 403, 'another channel');
    const tenant = tenantOf(any.data, inbound.settings);
    if (tenant === 'foreign') return refused(inbound, 403, 'another tenant');
    // What it tells of where Teams is reached is known to this process at once; only the store may be late.
    inbound.background(inbound.references.remember(activity));
    switch (any.data.type) {
      case 'invoke': {
        const invoke = InvokeActivity.safeParse(activity);
        if (!invoke.success) return refused(inbound, 400, 'not an invoke');
        return once(invoke.data, () => invoked(inbound, invoke.data, tenant));
      }
      case 'message': {
        const message = MessageActivity.safeParse(activity);
        if (!message.success) return refused(inbound, 400, 'not a message');
        if (tenant === 'ours') await onMessage(inbound, message.data);
        return undefined;
      }
      default:
        return undefined;
    }
  };
}

/** `guest`: a person of another tenant in a conversation of ours, as in a shared channel. They are told; nothing else happens. */
function tenantOf(activity: AnyActivity, { tenantId, local }: Inbound['settings']): 'ours' | 'guest' | 'foreign' {
  const told = [activity.conversation?.tenantId, activity.channelData?.tenant?.id].flatMap((one) =>
    one == null || one === '' ? [] : [one.toLowerCase()],
  );
  const ours = told.filter((one) => one === tenantId.toLowerCase());
  if (told.length === 0) return local === undefined ? 'foreign' : 'ours';
  if (ours.length === told.length) return 'ours';
  return ours.length > 0 ? 'guest' : 'foreign';
}

function gestureKey({ id, name, value, from, conversation }: InvokeActivity): string {
  const hash = createHash('sha256').update(JSON.stringify([id, name, from.id, conversation.id, value ?? null]));
  return hash.digest('base64url');
}

/** Whatever fails, the person is told: Teams would show them an error of its own, and send it again. */
async function invoked(inbound: Inbound, invoke: InvokeActivity, tenant: 'ours' | 'guest'): Promise<InvokeAnswer> {
  const inCard = invoke.name === 'adaptiveCard/action';
  const answerOf = (reply: Reply): Promise<InvokeAnswer> =>
    inCard ? executeAnswer(reply, onInvoke.messageNow(inbound, invoke)) : Promise.resolve(taskAnswer(reply));
  const told = (title: string, text: string): Reply => ({ show: 'words', words: { title, text, tone: 'bad' } });
  if (!onInvoke.knows(invoke.name)) return { status: 501, body: { error: 'not implemented' } };
  if (tenant === 'guest') return answerOf(told('Not counted', OTHER_TENANT));
  const made = async (): Promise<InvokeAnswer> => {
    const reply = await onInvoke.reply(inbound, invoke);
    return answerOf(reply ?? told('Not counted', CARD_TOO_OLD));
  };
  try {
    const answer = await Promise.race([made(), tooLate(inCard ? EXECUTE_WITHIN_MS : TASK_WITHIN_MS)]);
    if (answer !== undefined) return answer;
    inbound.processLog.warn({ name: invoke.name }, 'something a person did was not answered in time');
  } catch (error) {
    inbound.processLog.error({ name: invoke.name, error }, 'something a person did could not be taken in');
  }
  return answerOf(told('Not certain', TRY_AGAIN));
}

async function tooLate(ms: number): Promise<undefined> {
  return within(ms, new Promise<undefined>(() => undefined));
}

function refused({ processLog }: Inbound, status: number, because: string): InvokeAnswer {
  processLog.warn({ because }, 'an activity of Teams was refused');
  return { status, body: {} };
}
