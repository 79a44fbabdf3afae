import type { Core } from './core.js';
import type { Entries } from './form.js';
import { clientErrors, enter } from './form.js';
import { buttonReaction, commandReaction, deliverGesture, payloadBase, submissionReaction } from './interactivity.js';
import { removeMessage, storeMessage } from './messages.js';
import { pressInMessage, pressInView } from './press.js';
import type { Reaction, SlackPerson } from './server-types.js';
import { escaped, typedBlocks, typedText } from './typed-text.js';
import type { SlackChannel, SlackMessage, SlackUser, SlackView, ViewValues } from './types.js';
import { closeModals } from './views.js';
import { directChannel } from './workspace.js';

/** One person at their Slack window: what they can do here is what they could do there, no more. */
export function createPerson(core: Core, user: SlackUser): SlackPerson {
  const { workspace } = core;
  const top = (): SlackView | undefined => workspace.modals.get(user.id)?.at(-1);
  const channelOf = (name: string): SlackChannel => memberChannel(core, user, name);
  return {
    user,
    post: async (name, text, threadTs) => write(core, user, channelOf(name), text, threadTs, crypto.randomUUID()),
    async postTwice(name, text, threadTs) {
      const gesture = crypto.randomUUID();
      const once = (): string => write(core, user, channelOf(name), text, threadTs, gesture);
      return [once(), once()];
    },
    click: async (name, ts, actionId, options = {}) =>
      pressInMessage(core, user, { channel: channelOf(name), ts, actionId }, options),
    async clickInView(actionId, options = {}) {
      const view = options.home === true ? workspace.homes.get(user.id) : top();
      if (view === undefined) throw new Error('nothing is open');
      return pressInView(core, user, view, actionId, options);
    },
    view: top,
    home: () => workspace.homes.get(user.id),
    submitView: (values = {}) => submit(core, user, top(), values),
    closeView: (all = false) => close(core, user, all),
    slash: async (name, command, text = '') => slash(core, user, channelOf(name), command, text),
    messageShortcut: async (callbackId, name, ts) => messageShortcut(core, user, callbackId, channelOf(name), ts),
    async openHome(tab = 'home') {
      core.events.homeOpened(user.id, directChannel(workspace, user.id).id, tab, workspace.homes.get(user.id));
    },
    ephemerals(name) {
      const channel = name === undefined ? undefined : channelOf(name).id;
      return workspace.ephemerals
        .filter((one) => one.user === user.id && (channel === undefined || one.channel === channel))
        .map(({ message }) => message);
    },
    reload() {
      workspace.ephemerals = workspace.ephemerals.filter((one) => one.user !== user.id);
      workspace.changed({ kind: 'ephemeral', user: user.id });
    },
    async deleteMessage(name, ts) {
      const channel = channelOf(name);
      const message = workspace.message(channel.id, ts);
      if (message === undefined) throw new Error('there is no such message');
      removeMessage(core, channel, message);
    },
  };
}

function write(
  core: Core,
  user: SlackUser,
  channel: SlackChannel,
  text: string,
  threadTs: string | undefined,
  clientMsgId: string,
): string {
  if (channel.isArchived) throw new Error(`#${channel.name} is archived`);
  if (channel.isIm && core.workspace.app.messagesTab !== 'on') throw new Error('the app takes no direct messages');
  if (threadTs !== undefined && core.workspace.message(channel.id, threadTs) === undefined) {
    throw new Error('there is no such thread');
  }
  const draft = { user: user.id, text: typedText(text), blocks: typedBlocks(text), clientMsgId };
  return storeMessage(core, channel, threadTs === undefined ? draft : { ...draft, threadTs }).ts;
}

function memberChannel(core: Core, user: SlackUser, name: string): SlackChannel {
  if (core.faults.isDown()) throw new Error('Slack is down');
  const channel =
    name.startsWith('D') && name === `D${user.id.slice(1)}`
      ? directChannel(core.workspace, user.id)
      : core.workspace.channelByName(name);
  if (!channel.members.has(user.id)) throw new Error(`${user.name} is no member of #${channel.name}`);
  return channel;
}

async function submit(
  core: Core,
  user: SlackUser,
  view: SlackView | undefined,
  values: Entries | ViewValues,
): Promise<Reaction> {
  if (view === undefined) throw new Error('no form is open');
  if (view.submit === null || view.submit === undefined) throw new Error('this view has nothing to submit');
  if (isWhole(values)) Object.assign(view.state.values, values);
  else enter(view, values);
  const errors = clientErrors(view);
  if (Object.keys(errors).length > 0) return { ok: false, errors, ms: 0 };
  const sent = await deliverGesture(core, 'view_submission', {
    type: 'view_submission',
    ...payloadBase(core, user.id),
    trigger_id: core.triggers.issue(user.id, view.id),
    view: structuredClone(view),
    response_urls: [],
  });
  return submissionReaction(core, user.id, view, sent);
}

function isWhole(values: Entries | ViewValues): values is ViewValues {
  const first = Object.values(values)[0];
  return typeof first === 'object' && !Array.isArray(first);
}

async function close(core: Core, user: SlackUser, all: boolean): Promise<Reaction> {
  const top = core.workspace.modals.get(user.id)?.at(-1);
  const cleared = all || top?.clear_on_close === true;
  const closed = closeModals(core, user.id, cleared).filter((view) => view.notify_on_close);
  let reaction: Reaction = { ok: true, ms: 0 };
  for (const view of closed) {
    const sent = await deliverGesture(core, 'view_closed', {
      type: 'view_closed',
      ...payloadBase(core, user.id),
      view: structuredClone(view),
      is_cleared: cleared,
    });
    reaction = buttonReaction(sent);
  }
  return reaction;
}

async function slash(
  core: Core,
  user: SlackUser,
  channel: SlackChannel,
  command: string,
  text: string,
): Promise<Reaction> {
  const { app, team } = core.workspace;
  if (command === '/invite' || command === '/remove') return changeMembers(core, channel, command, text);
  const granted = app.scopes.includes('commands') && app.commands.includes(command);
  if (!granted) return { ok: false, error: `${command} is not a valid command.`, ms: 0 };
  const sent = await deliverGesture(core, 'command', {
    token: 'local-verification-token',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.isIm ? 'directmessage' : channel.isPrivate ? 'privategroup' : channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text: app.escapesCommands ? typedText(text) : escaped(text),
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url: core.responseUrls.issue({ user: user.id, channel: channel.id }),
    trigger_id: core.triggers.issue(user.id),
  });
  return commandReaction(core, { user: user.id, channel, command }, sent);
}

/** Slack's own commands; the app hears nothing of them. */
function changeMembers(core: Core, channel: SlackChannel, command: '/invite' | '/remove', text: string): Reaction {
  const name = /^<@(\w+)>$/.exec(text.trim())?.[1] ?? text.trim().replace(/^@/, '');
  const whom = [...core.workspace.users.values()].find(
    (user) => user.id === name || [user.name, user.realName].some((one) => one.toLowerCase() === name.toLowerCase()),
  );
  if (whom === undefined || channel.isIm) return { ok: false, error: `${command}: nobody is called "${name}".`, ms: 0 };
  if (command === '/invite') channel.members.add(whom.id);
  else channel.members.delete(whom.id);
  core.workspace.changed({ kind: 'channel', channel: channel.id });
  return { ok: true, ms: 0 };
}

async function messageShortcut(
  core: Core,
  user: SlackUser,
  callbackId: string,
  channel: SlackChannel,
  ts: string,
): Promise<Reaction> {
  const message: SlackMessage | undefined = core.workspace.message(channel.id, ts);
  if (message === undefined) throw new Error('there is no such message');
  const { interactivity, messageShortcuts, scopes } = core.workspace.app;
  if (
    !interactivity ||
    !scopes.includes('commands') ||
    !messageShortcuts.some((shortcut) => shortcut.callbackId === callbackId)
  ) {
    throw new Error(`the app has no message shortcut "${callbackId}"`);
  }
  const sent = await deliverGesture(core, 'message_action', {
    type: 'message_action',
    ...payloadBase(core, user.id),
    action_ts: core.workspace.nextTs(channel.id),
    callback_id: callbackId,
    trigger_id: core.triggers.issue(user.id),
    response_url: core.responseUrls.issue({ user: user.id, channel: channel.id, ts }),
    message_ts: ts,
    channel: { id: channel.id, name: channel.name },
    message: structuredClone(message),
  });
  return buttonReaction(sent);
}
