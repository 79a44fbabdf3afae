import { z } from 'zod';
import { within } from '../../../src/domain/gesture.js';
import { readCarried, withDelivery } from '../action-data.js';
import { placeIn } from '../connector.js';
import { messageNow } from '../messages.js';
import { type InvokeActivity, whereOf } from './activities.js';
import type { Inbound } from './context.js';
import { markCopy } from './copies.js';
import { onPressed } from './gestures.js';
import { investigateMessage } from './open-alert.js';
import type { Pressed } from './pressed.js';
import type { MessageNow, Reply } from './reply.js';

const Execute = z.object({ action: z.object({ type: z.literal('Action.Execute'), data: z.unknown().optional() }) });
const Task = z.object({ data: z.unknown().optional() });
const Extension = z.object({
  commandId: z.string().max(100),
  messagePayload: z.unknown().optional(),
});

/** Of the message's menu, as the manifest names it. */
export const COMMAND_INVESTIGATE = 'cs_investigate_alert';

/** How long a reply waits for the work: a click in a card has fifteen seconds, a dialog five, and some of it is the way. */
const CARD_PATIENCE_MS = 3000;
const TASK_PATIENCE_MS = 2000;
const THREAD_WITHIN_MS = 600;

type Read = (inbound: Inbound, invoke: InvokeActivity) => Promise<Reply | undefined>;

/** By name; undefined for what is not ours or of an older version. */
const KNOWN: Record<string, Read> = {
  async 'adaptiveCard/action'(inbound, invoke) {
    const value = Execute.safeParse(invoke.value).data;
    const pressed = value && pressedIn(invoke, value.action.data, CARD_PATIENCE_MS);
    if (pressed === undefined) return undefined;
    inbound.background(markCopy(inbound, pressed));
    return onPressed(inbound, pressed);
  },
  'task/fetch': onTask,
  'task/submit': onTask,
  async 'composeExtension/fetchTask'(inbound, invoke) {
    const value = Extension.safeParse(invoke.value).data;
    if (value?.commandId !== COMMAND_INVESTIGATE) return undefined;
    return investigateMessage(inbound, invoke.id, value.messagePayload);
  },
  'composeExtension/submitAction': onTask,
};

async function onTask(inbound: Inbound, invoke: InvokeActivity): Promise<Reply | undefined> {
  const value = Task.safeParse(invoke.value).data;
  const pressed = value && pressedIn(invoke, value.data, TASK_PATIENCE_MS);
  return pressed && onPressed(inbound, pressed);
}

function pressedIn(invoke: InvokeActivity, data: unknown, patienceMs: number): Pressed | undefined {
  const carried = readCarried(data);
  if (carried === undefined) return undefined;
  return { id: invoke.id, where: whereOf(invoke), message: invoke.replyToId ?? undefined, carried, data, patienceMs };
}

export const onInvoke = {
  knows: (name: string): boolean => Object.hasOwn(KNOWN, name),
  reply: async (inbound: Inbound, invoke: InvokeActivity): Promise<Reply | undefined> =>
    KNOWN[invoke.name]?.(inbound, invoke),
  messageNow:
    (inbound: Inbound, invoke: InvokeActivity): MessageNow =>
    async (carried) => {
      const { incident, message, delivery } = carried;
      if (message === undefined) return undefined;
      const thread = await within(THREAD_WITHIN_MS, inbound.backend.thread(incident));
      const now = thread && messageNow(thread, placeIn(invoke.conversation.id), message);
      return now && (delivery === undefined ? now : withDelivery(now, delivery)).card;
    },
};
