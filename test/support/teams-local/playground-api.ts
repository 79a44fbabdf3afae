import type { Page } from 'playwright-core';
import { z } from 'zod';

/** The Playground beside its page: what it told the page, and what other people do over its (undocumented) HTTP interface. */

export type Card = Record<string, unknown>;

export interface ShownMessage {
  id: string;
  /** `<channel>;messageid=<root>` in a thread; the channel's own id for its root. */
  conversation: string;
  card: Card | undefined;
}

const Frame = z.object({
  action: z.enum(['createMessage', 'updateMessage']),
  actionConversationId: z.string(),
  message: z.object({
    messageId: z.string(),
    attachments: z.array(z.object({ content: z.record(z.string(), z.unknown()).optional() })).optional(),
  }),
});

/** All messages of the bot that the page is told of, each as it is now. To be called before the page is opened. */
export function watchMessages(page: Page): () => ShownMessage[] {
  const shown = new Map<string, ShownMessage>();
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const frame = Frame.safeParse(parsed(payload.toString())).data;
      if (frame === undefined) return;
      const { messageId: id, attachments } = frame.message;
      shown.set(id, { id, conversation: frame.actionConversationId, card: attachments?.[0]?.content });
    }),
  );
  return () => [...shown.values()];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Button {
  type: string;
  title: string;
  verb?: string;
  data: Record<string, unknown>;
}

/** Every action of a card, wherever it stands in it. */
export function buttonsOf(part: unknown): Button[] {
  if (Array.isArray(part)) return part.flatMap(buttonsOf);
  if (typeof part !== 'object' || part === null) return [];
  const { type } = part as Record<string, unknown>;
  const own = typeof type === 'string' && type.startsWith('Action.') ? [part as Button] : [];
  return [...own, ...Object.values(part).flatMap(buttonsOf)];
}

/** The Playground takes the status code off. */
const Answer = z.object({ type: z.string(), value: z.unknown() });
type Answer = z.infer<typeof Answer>;

/**
 * Somebody else than the one before the page presses a button of a card; their page would show the answer, ours does not.
 * @throws Error when the card has no such button, or the bot gave no answer in the form of one.
 */
export async function pressAs(
  url: string,
  user: string,
  on: { message: ShownMessage; card: unknown },
  title: string,
  inputs: Record<string, string> = {},
): Promise<Answer> {
  const button = buttonsOf(on.card).find((one) => one.type === 'Action.Execute' && one.title === title);
  if (button === undefined) throw new Error(`there is no button "${title}"`);
  const action = { type: button.type, title, verb: button.verb, data: { ...button.data, ...inputs } };
  const response = await fetch(`${url}/_conversation/v1/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'adaptiveCard/action',
      value: { action, trigger: 'manual' },
      from: { id: user },
      conversation: { id: on.message.conversation },
      replyToId: on.message.id,
    }),
  });
  const body = await response.text();
  const answer = Answer.safeParse(parsed(body)).data;
  if (answer === undefined) throw new Error(`the Playground answered ${response.status}: ${body.slice(0, 500)}`);
  return answer;
}
