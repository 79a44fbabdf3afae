import type { Core, Json } from './core.js';
import { chatIdOf, threadId } from './tenant.js';
import type { TeamsMessage, TeamsUser } from './types.js';

/** Where a person does something: in a channel's thread, or in the chat with the bot. */
export type Spot = { channel: string; root: string } | 'chat';

/** What all activities of one person have in common, as Teams sends them. */
export function activityFrom(core: Core, user: TeamsUser, spot: Spot, more: Json): Json {
  const { tenantId, bot, team } = core.tenant;
  const at = new Date(core.clock.now()).toISOString();
  const tenant = { id: user.tenantId };
  const inChannel = spot !== 'chat';
  return {
    type: 'message',
    id: core.nextId(),
    timestamp: at,
    localTimestamp: at,
    localTimezone: 'Europe/Zurich',
    locale: 'en-US',
    serviceUrl: core.serviceUrl(),
    channelId: 'msteams',
    from: { id: user.id, name: user.name, aadObjectId: user.aadObjectId },
    recipient: { id: bot.id, name: bot.name },
    conversation: inChannel
      ? { isGroup: true, conversationType: 'channel', tenantId, id: threadId(spot.channel, spot.root) }
      : { conversationType: 'personal', tenantId, id: chatIdOf(user.id) },
    channelData: inChannel
      ? {
          teamsChannelId: spot.channel,
          teamsTeamId: team.id,
          channel: { id: spot.channel },
          team: { id: team.id },
          tenant,
        }
      : { tenant },
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/Zurich' }],
    ...more,
  };
}

/** A written message: with the mention at its head when there is one. */
export function writtenBy(
  core: Core,
  user: TeamsUser,
  spot: Spot,
  said: { id: string; text: string; mention: boolean },
): Json {
  const { bot } = core.tenant;
  const call = `<at>${bot.name}</at>`;
  const text = said.mention ? `${call} ${said.text}` : said.text;
  const base = activityFrom(core, user, spot, {});
  const mention = { type: 'mention', mentioned: { id: bot.id, name: bot.name }, text: call };
  const html = text.replace(
    call,
    `<span itemscope itemtype="http://schema.skype.com/Mention" itemid="0">${bot.name}</span>`,
  );
  return {
    ...base,
    id: said.id,
    text,
    textFormat: 'plain',
    attachments: [{ contentType: 'text/html', content: `<div>${html}</div>` }],
    entities: [...(said.mention ? [mention] : []), ...(base['entities'] as Json[])],
  };
}

/** A message as message extensions get it. */
export function payloadOf(core: Core, message: TeamsMessage): Json {
  const author = core.tenant.users.get(message.from);
  const at = new Date(message.createdAt).toISOString();
  const card = message.card;
  return {
    id: message.id,
    ...(message.root === message.id ? {} : { replyToId: message.root }),
    createdDateTime: at,
    lastModifiedDateTime: null,
    deleted: message.deleted,
    subject: null,
    summary: message.summary ?? null,
    importance: 'normal',
    locale: 'en-us',
    linkToMessage: `https://teams.example/l/message/${message.channel}/${message.id}`,
    from: author
      ? { user: { userIdentityType: 'aadUser', id: author.aadObjectId, displayName: author.name } }
      : { application: { applicationIdentityType: 'bot', id: message.from.slice(3), displayName: message.from } },
    body: { contentType: 'html', content: `<div>${escaped(message.text)}</div>` },
    attachmentLayout: 'list',
    attachments:
      card === undefined
        ? []
        : [{ id: 'card', contentType: 'application/vnd.microsoft.card.adaptive', content: JSON.stringify(card) }],
    mentions: [],
    reactions: [],
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br>');
}
