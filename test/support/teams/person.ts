import { payloadOf, type Spot, writtenBy } from './activities.js';
import type { Core, Json } from './core.js';
import { asObject } from './core.js';
import { buttonNamed, buttonsOf, gather, sentData } from './inputs.js';
import { deliverGesture, type Gesture } from './invokes.js';
import { handOver, recorded } from './sender.js';
import type { Dialog, GestureOptions, Reaction, TeamsPerson } from './server-types.js';
import { chatIdOf, placeOf, threadId } from './tenant.js';
import type { CardJson, TeamsMessage, TeamsUser } from './types.js';

const MESSAGE_MS = 15_000;
/** Open dialogs, by server and person: they outlive the handle that a test asked for. */
const dialogs = new WeakMap<Core, Map<string, Dialog>>();

export function createPerson(core: Core, user: TeamsUser): TeamsPerson {
  const open = dialogs.get(core) ?? new Map<string, Dialog>();
  dialogs.set(core, open);
  const messageOf = (id: string): TeamsMessage => {
    const found = core.tenant.messages.find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no message ${id}`);
    mustSee(core, user, found);
    return found;
  };
  const view = (id: string): CardJson | undefined => {
    const message = messageOf(id);
    return message.views.get(user.id) ?? message.card;
  };
  const cardOf = (id: string, options: GestureOptions): CardJson => {
    const card = options.card ?? view(id);
    if (card === undefined) throw new Error(`message ${id} has no card`);
    return card;
  };
  const write = async (
    message: TeamsMessage,
    mention: boolean,
    more: { times?: number; activityId?: string },
  ): Promise<void> => {
    const activity = writtenBy(core, user, spotOf(core, message), { id: message.id, text: message.text, mention });
    if (more.activityId !== undefined) activity['id'] = more.activityId;
    message.activity = activity;
    const once = async (): Promise<void> => {
      const sent = await handOver(core, activity, MESSAGE_MS);
      recorded(core, activity, sent, sent.outcome === 'ok' ? [] : [`${sent.outcome} ${sent.status ?? ''}`], sent.text);
    };
    await core.track(Promise.all(Array.from({ length: more.times ?? 1 }, once)));
  };
  const took = (reaction: Reaction): Reaction => {
    if (reaction.kind === 'dialog' && reaction.dialog !== undefined) open.set(user.id, reaction.dialog);
    else if (reaction.kind !== 'none') open.delete(user.id);
    return reaction;
  };
  const execute = async (
    message: TeamsMessage,
    action: Json,
    data: unknown,
    trigger: string,
    options: GestureOptions,
  ): Promise<Reaction> => {
    const { verb, id, title } = action;
    const value = { action: { type: 'Action.Execute', id, title, verb, data }, trigger };
    const gesture = { name: 'adaptiveCard/action', value, ...at(core, message), from: nowhere } as const;
    const reaction = await deliverGesture(core, user, gesture, options);
    // Clients show what arrives last: also over an edit for everybody that came while the answer was on its way.
    if (reaction.kind === 'card' && reaction.card !== undefined) message.views.set(user.id, reaction.card);
    return reaction;
  };

  return {
    user,
    view,
    buttons: (id) => buttonsOf(view(id) ?? { type: 'AdaptiveCard' }).map(({ action }) => String(action['title'])),
    async say(channel, text, options = {}) {
      const message = written(core, user, channel, text, options.thread);
      // In a channel the bot hears nothing that does not call it.
      if (options.mention !== false) await write(message, true, options);
      return message.id;
    },
    async chat(text, options = {}) {
      const message = written(core, user, chatIdOf(user.id), text, undefined);
      await write(message, false, options);
      return message.id;
    },
    postQuietly: (channel, text, { card, thread } = {}) => written(core, user, channel, text, thread, card).id,
    async clickExecute(id, verbOrTitle, options = {}) {
      const button = buttonNamed(cardOf(id, options), verbOrTitle, 'Action.Execute');
      const { values, blocked } = gather(button, options.inputs ?? {});
      if (Object.keys(blocked).length > 0) return stopped(blocked);
      return execute(messageOf(id), button.action, sentData(button.action, values), 'manual', options);
    },
    async refresh(id) {
      const refresh = asObject(view(id)?.['refresh']);
      const action = asObject(refresh?.['action']);
      const users = refresh?.['userIds'];
      if (action === undefined || (Array.isArray(users) && !users.includes(user.id))) return undefined;
      return execute(messageOf(id), action, action['data'] ?? {}, 'automatic', {});
    },
    async openDialog(id, title, options = {}) {
      const button = buttonNamed(cardOf(id, options), title, 'Action.Submit');
      if (asObject(asObject(button.action['data'])?.['msteams'])?.['type'] !== 'task/fetch')
        throw new Error(`"${title}" opens no dialog`);
      const { values, blocked } = gather(button, options.inputs ?? {});
      if (Object.keys(blocked).length > 0) return stopped(blocked);
      const value = { data: sentData(button.action, values), context: { theme: 'default' } };
      const message = messageOf(id);
      const gesture: Gesture = {
        name: 'task/fetch',
        value,
        ...at(core, message),
        from: { message: id, command: undefined },
      };
      return took(await deliverGesture(core, user, gesture, options));
    },
    dialog: () => open.get(user.id),
    async submitDialog(inputs = {}, options = {}) {
      const dialog = open.get(user.id);
      if (dialog === undefined) throw new Error(`${user.name} has no dialog open`);
      const button = buttonNamed(dialog.card, options.title, 'Action.Submit');
      const { values, blocked } = gather(button, { ...options.inputs, ...inputs });
      if (Object.keys(blocked).length > 0) return stopped(blocked);
      const data = sentData(button.action, values);
      const message = dialog.from.message === undefined ? undefined : messageOf(dialog.from.message);
      return took(await deliverGesture(core, user, submission(core, dialog, data, message), options));
    },
    closeDialog: () => void open.delete(user.id),
    async investigate(id, commandId, options = {}) {
      const message = messageOf(id);
      const context = { theme: 'default' };
      const value = { commandId, commandContext: 'message', messagePayload: payloadOf(core, message), context };
      const from = { message: id, command: commandId };
      const spot = spotOf(core, message);
      return took(await deliverGesture(core, user, { name: 'composeExtension/fetchTask', value, spot, from }, options));
    },
    direct: () => core.tenant.chatOf(user.id).filter(({ from, deleted }) => from === core.tenant.bot.id && !deleted),
    async invoke(name, value, more = {}, times = 1) {
      const { conversation, replyToId } = more as { conversation?: string; replyToId?: string };
      const { base, root } = placeOf(conversation ?? chatIdOf(user.id));
      const spot: Spot = root === undefined ? 'chat' : { channel: base, root };
      return deliverGesture(core, user, { name, value, spot, replyToId, from: nowhere }, { times });
    },
  };
}

const nowhere: Dialog['from'] = { message: undefined, command: undefined };

function stopped(blocked: Record<string, string>): Reaction {
  const text = Object.values(blocked).join('\n');
  const answer = { kind: 'none', text, card: undefined, dialog: undefined, ms: 0, raw: '' } as const;
  return { ...answer, ok: false, answers: [], blocked };
}

function submission(core: Core, dialog: Dialog, data: unknown, message: TeamsMessage | undefined): Gesture {
  const context = { theme: 'default' };
  const where = message === undefined ? { spot: 'chat' as Spot } : at(core, message);
  const { command } = dialog.from;
  if (command === undefined) return { name: 'task/submit', value: { data, context }, ...where, from: dialog.from };
  const payload = message === undefined ? {} : { messagePayload: payloadOf(core, message) };
  const value = { commandId: command, commandContext: 'message', data, ...payload, context };
  return { name: 'composeExtension/submitAction', value, spot: where.spot, from: dialog.from };
}

function at(core: Core, message: TeamsMessage): Pick<Gesture, 'spot' | 'replyToId'> {
  return { spot: spotOf(core, message), replyToId: message.id };
}

function spotOf(core: Core, message: TeamsMessage): Spot {
  return core.tenant.chats.has(message.channel) ? 'chat' : { channel: message.channel, root: message.root };
}

function mustSee(core: Core, user: TeamsUser, message: TeamsMessage): void {
  const sees =
    core.tenant.chats.get(message.channel) === user.id ||
    core.tenant.channels.get(message.channel)?.members.has(user.id);
  if (!sees) throw new Error(`${user.name} does not see message ${message.id}`);
}

/** A message of a person, stored as Teams stores it. */
function written(
  core: Core,
  user: TeamsUser,
  base: string,
  text: string,
  thread: string | undefined,
  card?: CardJson,
): TeamsMessage {
  const channel = core.tenant.channels.get(base);
  if (channel !== undefined && !channel.members.has(user.id)) throw new Error(`${user.name} is not in ${channel.name}`);
  if (thread !== undefined && core.tenant.message(base, thread)?.root !== thread)
    throw new Error(`there is no thread ${thread}`);
  const id = core.nextId();
  const message: TeamsMessage = {
    id,
    conversation: channel === undefined ? base : threadId(base, thread ?? id),
    channel: base,
    root: thread ?? id,
    from: user.id,
    text,
    summary: undefined,
    card,
    activity: {},
    views: new Map(),
    createdAt: core.clock.now(),
    editedAt: undefined,
    edits: 0,
    deleted: false,
  };
  core.tenant.messages.push(message);
  return message;
}
