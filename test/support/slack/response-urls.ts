import { randomBytes } from 'node:crypto';
import type { Core } from './core.js';
import type { MessageDraft } from './messages.js';
import { changeMessage, named, removeMessage, storeEphemeral, storeMessage } from './messages.js';
import type { ResponseAnswer, ResponsePlace, ResponseUrls } from './parts.js';
import type { SlackBlock, SlackChannel, SlackMessage } from './types.js';
import { validateMessage } from './validate/message.js';

const USES = 5;
const LIFETIME_MS = 30 * 60_000;

/** Five uses in thirty minutes; the only way to change an ephemeral message; asks for no membership and no scope. */
export function createResponseUrls(core: () => Core, base: () => string): ResponseUrls {
  const issued = new Map<string, { place: ResponsePlace; at: number; uses: number }>();
  return {
    issue(place) {
      const { team } = core().workspace;
      const path = `/actions/${team.id}/${randomBytes(6).toString('hex')}/${randomBytes(12).toString('hex')}`;
      issued.set(path, { place, at: core().clock.now(), uses: 0 });
      return base() + path;
    },
    use(path, args) {
      const url = issued.get(path);
      if (url === undefined) return no(404, 'no_such_url');
      if (core().clock.now() - url.at > LIFETIME_MS) return no(404, 'expired_url');
      if (url.uses >= USES) return no(404, 'used_url');
      url.uses += 1;
      return args === undefined ? no(400, 'invalid_payload') : respond(core(), url.place, args);
    },
  };
}

function no(status: number, error: string, more: Record<string, unknown> = {}): ResponseAnswer {
  return { status, body: { ok: false, error, ...more } };
}

/** Also what a slash command's immediate answer does. */
export function respond(core: Core, place: ResponsePlace, args: Record<string, unknown>): ResponseAnswer {
  const channel = core.workspace.channels.get(place.channel);
  if (channel === undefined) return no(404, 'channel_not_found');
  if (args['delete_original'] === true || args['delete_original'] === 'true') return remove(core, channel, place);
  const text = typeof args['text'] === 'string' ? args['text'] : undefined;
  const refused = validateMessage({
    method: 'chat.postEphemeral',
    ...(text === undefined ? {} : { text }),
    ...(args['blocks'] === undefined ? {} : { blocks: args['blocks'] }),
    ...(args['attachments'] === undefined ? {} : { attachments: args['attachments'] }),
  });
  // The cumulative limit of a message's blocks does not hold here.
  if (refused !== undefined && refused.error !== 'msg_blocks_too_long') {
    return no(400, refused.error, { response_metadata: { messages: refused.messages } });
  }
  const draft: MessageDraft = {
    text: text ?? '',
    ...(Array.isArray(args['blocks']) ? { blocks: args['blocks'] as SlackBlock[] } : {}),
    ...(Array.isArray(args['attachments']) ? { attachments: args['attachments'] } : {}),
    ...(typeof args['thread_ts'] === 'string' ? { threadTs: args['thread_ts'] } : {}),
  };
  if (args['replace_original'] === true || args['replace_original'] === 'true') {
    return replace(core, channel, place, draft);
  }
  if (args['response_type'] === 'in_channel') storeMessage(core, channel, draft);
  else storeEphemeral(core, channel, place.user, draft);
  return { status: 200, body: { ok: true } };
}

function replace(core: Core, channel: SlackChannel, place: ResponsePlace, draft: MessageDraft): ResponseAnswer {
  const apply = (message: SlackMessage): void => {
    message.text = draft.text;
    delete message.blocks;
    delete message.attachments;
    if (draft.blocks !== undefined) message.blocks = named(draft.blocks);
    if (draft.attachments !== undefined) message.attachments = draft.attachments;
  };
  const shown = ephemeralAt(core, place);
  const message = place.ts === undefined ? undefined : core.workspace.message(channel.id, place.ts);
  if (shown !== undefined) {
    apply(shown.message);
    core.workspace.changed({ kind: 'ephemeral', channel: channel.id, user: place.user });
  } else if (message !== undefined && message.bot_id === core.workspace.app.botId) {
    changeMessage(core, channel, message, apply);
  } else return no(404, 'message_not_found');
  return { status: 200, body: { ok: true } };
}

function remove(core: Core, channel: SlackChannel, place: ResponsePlace): ResponseAnswer {
  const shown = ephemeralAt(core, place);
  const message = place.ts === undefined ? undefined : core.workspace.message(channel.id, place.ts);
  if (shown !== undefined) {
    core.workspace.ephemerals.splice(core.workspace.ephemerals.indexOf(shown), 1);
    core.workspace.changed({ kind: 'ephemeral', channel: channel.id, user: place.user });
  } else if (message !== undefined && message.bot_id === core.workspace.app.botId)
    removeMessage(core, channel, message);
  else return no(404, 'message_not_found');
  return { status: 200, body: { ok: true } };
}

function ephemeralAt(core: Core, place: ResponsePlace): Core['workspace']['ephemerals'][number] | undefined {
  return core.workspace.ephemerals.find(
    ({ channel, user, message }) => channel === place.channel && user === place.user && message.ts === place.ts,
  );
}
