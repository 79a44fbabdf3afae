import { asObject, type Core, type Json, refusal } from './core.js';
import { chatIdOf, placeOf, threadId } from './tenant.js';
import type { CardJson, TeamsMessage } from './types.js';
import { faultsOf } from './valid-card.js';

/** 100 KB of UTF-16 is where Teams stops; 28 KB of UTF-8 where we do. */
const MOST_UTF16 = 100 * 1024;
const BUDGET = 28 * 1024;
export const CARD = 'application/vnd.microsoft.card.adaptive';

/** A new root in a channel, or the personal chat with one person. */
export function createConversation(core: Core, body: Json): Json {
  const channelData = asObject(body['channelData']);
  const channel = asObject(channelData?.['channel'])?.['id'];
  const activity = asObject(body['activity']);
  if (typeof channel === 'string') {
    if (body['isGroup'] !== true) throw refusal(400, 'BadArgument', 'A channel conversation is a group.');
    if (activity === undefined) throw refusal(400, 'BadSyntax', 'Activity is required.');
    const id = send(core, channel, activity);
    return { id: threadId(channel, id), activityId: id, serviceUrl: core.serviceUrl() };
  }
  const members = Array.isArray(body['members']) ? body['members'] : [];
  const user = core.tenant.users.get(String(asObject(members[0])?.['id'] ?? ''));
  if (user === undefined || members.length !== 1) throw refusal(400, 'BadArgument', 'Unknown member.');
  const tenant = body['tenantId'] ?? asObject(channelData?.['tenant'])?.['id'];
  if (tenant !== core.tenant.tenantId) throw refusal(403, 'Forbidden', 'The bot is not installed in that tenant.');
  mustBeInstalled(core, user.id);
  const id = chatIdOf(user.id);
  return { id, ...(activity === undefined ? {} : { activityId: send(core, id, activity) }) };
}

function mustBeInstalled(core: Core, user: string): void {
  if (core.options.installedFor?.includes(user) === false)
    throw refusal(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
}

/** @returns the new message's id. */
export function send(core: Core, conversation: string, activity: Json): string {
  const { base, root } = placeOf(conversation);
  const person = core.tenant.chats.get(base);
  const channel = core.tenant.channels.get(base);
  if (person !== undefined) mustBeInstalled(core, person);
  else if (channel === undefined) throw refusal(404, 'ConversationNotFound', 'Conversation not found.');
  else if (channel.archived) throw refusal(403, 'Forbidden', 'The team is archived.');
  if (root !== undefined && core.tenant.message(base, root)?.root !== root)
    throw refusal(404, 'ConversationNotFound', 'There is no such thread.');
  const id = core.nextId();
  if (activity['type'] === 'typing') return id;
  judge(core, activity);
  const message: TeamsMessage = {
    id,
    conversation: channel === undefined ? base : threadId(base, root ?? id),
    channel: base,
    root: root ?? id,
    from: core.tenant.bot.id,
    ...shownOf(activity),
    views: new Map(),
    createdAt: core.clock.now(),
    editedAt: undefined,
    edits: 0,
    deleted: false,
  };
  core.tenant.messages.push(message);
  return id;
}

export function update(core: Core, message: TeamsMessage, activity: Json): void {
  judge(core, activity);
  Object.assign(message, shownOf(activity));
  message.views.clear();
  message.editedAt = core.clock.now();
  message.edits += 1;
}

export function ownMessage(core: Core, conversation: string, activity: string): TeamsMessage {
  const found = core.tenant.message(conversation, activity);
  if (found === undefined || found.deleted)
    throw refusal(404, 'ActivityNotFoundInConversation', 'Activity not found in the conversation.');
  if (found.from !== core.tenant.bot.id) throw refusal(403, 'Forbidden', 'Not the author of this message.');
  return found;
}

function shownOf(activity: Json): Pick<TeamsMessage, 'text' | 'summary' | 'card' | 'activity'> {
  const attachments = Array.isArray(activity['attachments']) ? (activity['attachments'] as Json[]) : [];
  const card = attachments.find(({ contentType }) => contentType === CARD)?.['content'] as CardJson | undefined;
  const summary = activity['summary'] as string | undefined;
  return { text: String(activity['text'] ?? ''), summary, card, activity: structuredClone(activity) };
}

/** What Teams refuses is refused; what it would show badly is a warning. */
function judge(core: Core, activity: Json): void {
  const text = JSON.stringify(activity);
  if (text.length * 2 > MOST_UTF16) throw refusal(413, 'MessageSizeTooBig', 'Message size too large.');
  if (activity['type'] !== 'message') throw refusal(400, 'BadArgument', 'Unknown activity type.');
  const attachments = Array.isArray(activity['attachments']) ? (activity['attachments'] as Json[]) : [];
  if (attachments.length === 0 && String(activity['text'] ?? '') === '')
    throw refusal(400, 'BadSyntax', 'Bot activities must have text or an attachment.');
  for (const { contentType, content } of attachments) {
    if (contentType !== CARD) throw refusal(400, 'BadArgument', 'Unknown attachment type.');
    if (asObject(content)?.['type'] !== 'AdaptiveCard')
      throw refusal(400, 'BadArgument', 'Unknown attachment content.');
    for (const fault of faultsOf(content)) core.warn(`a card of a message: ${fault}`);
  }
  if (attachments.length > 1) core.warn(`${attachments.length} cards in one message`);
  if (attachments.length > 0 && String(activity['summary'] ?? '') === '')
    core.warn('a card without a summary: its notification says "Sent a card"');
  const bytes = Buffer.byteLength(text);
  const budget = core.options.budget ?? BUDGET;
  if (bytes > budget) core.warn(`a message of ${bytes} bytes, ${budget} are our own limit`);
}
