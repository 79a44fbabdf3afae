import { z } from 'zod';
import type { Where } from './job.js';

/** Activities of Teams in the fields that are used. What else they hold is not looked at; what is used is bounded. */

const Id = z.string().min(1).max(500);
const Tenant = z.object({ id: z.string().max(100) }).nullish();

const common = {
  id: z.string().min(1).max(200),
  channelId: z.string().max(50),
  serviceUrl: z.string().min(1).max(500),
  from: z.object({
    id: Id,
    name: z.string().max(1000).nullish().catch(undefined),
    aadObjectId: z.string().max(100).nullish(),
  }),
  recipient: z.object({ id: Id }),
  conversation: z.object({
    id: Id,
    conversationType: z.string().max(50).nullish(),
    tenantId: z.string().max(100).nullish(),
  }),
  channelData: z.object({ tenant: Tenant }).nullish().catch(undefined),
  replyToId: z.string().max(200).nullish(),
};

export const MessageActivity = z.object({
  ...common,
  type: z.literal('message'),
  text: z.string().max(100_000).nullish(),
  entities: z.array(z.unknown()).max(500).nullish(),
});
export type MessageActivity = z.infer<typeof MessageActivity>;

export const InvokeActivity = z.object({
  ...common,
  type: z.literal('invoke'),
  name: z.string().max(100),
  value: z.unknown().optional(),
});
export type InvokeActivity = z.infer<typeof InvokeActivity>;

/** Where any activity comes from, of which only that matters. */
export const AnyActivity = z.object({
  type: z.string().min(1).max(50),
  channelId: z.string().max(50),
  conversation: z
    .object({ tenantId: z.string().max(100).nullish() })
    .nullish()
    .catch(undefined),
  channelData: z.object({ tenant: Tenant }).nullish().catch(undefined),
});
export type AnyActivity = z.infer<typeof AnyActivity>;

const Mention = z.object({
  type: z.literal('mention'),
  mentioned: z.object({ id: z.string() }),
  text: z.string().max(1000).nullish(),
});

/** What was said to the bot, without its name; undefined when it was not called. */
export function saidToBot({ text, entities, recipient }: MessageActivity, personal: boolean): string | undefined {
  const calls = (entities ?? []).flatMap((entity) => {
    const mention = Mention.safeParse(entity).data;
    return mention?.mentioned.id === recipient.id ? [mention.text ?? ''] : [];
  });
  if (calls.length === 0 && !personal) return undefined;
  let said = text ?? '';
  for (const call of calls) if (call !== '') said = said.replaceAll(call, ' ');
  return plainSaid(said);
}

// Control characters, and the invisible ones that turn the direction of text or hide it.
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;

/** Teams writes others' mentions as tags, and a few letters as entities. */
function plainSaid(text: string): string {
  return text
    .slice(0, 20_000)
    .replaceAll('\r\n', '\n')
    .replaceAll(/<at(?: id="[^"<>]{0,200}")?>([^<>]{0,250})<\/at>/g, '@$1')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll(INVISIBLE, '')
    .replaceAll(/[ \t\u00a0]{2,}/g, ' ')
    .trim();
}

export function whereOf({ from, conversation }: MessageActivity | InvokeActivity): Where {
  const { id: user, aadObjectId: aad, name } = from;
  return {
    user,
    ...(aad == null || aad === '' ? {} : { aad }),
    ...(name == null || name === '' ? {} : { name: name.slice(0, 250) }),
    conversation: conversation.id,
    personal: conversation.conversationType === 'personal',
  };
}
