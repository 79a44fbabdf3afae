import type { Core } from './core.js';
import type { Element } from './elements.js';
import { elementsOf, stateKey, stateOf } from './elements.js';
import { buttonReaction, deliverGesture, payloadBase } from './interactivity.js';
import type { ClickOptions, Reaction } from './server-types.js';
import type { SlackBlock, SlackChannel, SlackMessage, SlackUser, SlackView } from './types.js';

/** A button of a message, as it stands or as an old screen (`snapshot`) still shows it. */
export async function pressInMessage(
  core: Core,
  user: SlackUser,
  at: { channel: SlackChannel; ts: string; actionId: string },
  options: ClickOptions,
): Promise<Reaction> {
  const { channel, ts, actionId } = at;
  const shown = core.workspace.ephemerals.find(
    (one) => one.channel === channel.id && one.user === user.id && one.message.ts === ts,
  );
  const message = options.snapshot ?? shown?.message ?? core.workspace.message(channel.id, ts);
  if (message === undefined) throw new Error('there is no such message');
  const blocks = blocksOf(message);
  const found = elementAt(blocks, actionId, options.blockId);
  const values = { ...stateOf(blocks), ...options.values };
  const action = actionOf(core, found, options.chosen);
  const key = stateKey(found.element.type);
  if (key !== undefined && options.chosen !== undefined) {
    values[found.blockId] = { ...values[found.blockId], [actionId]: { type: found.element.type, ...options.chosen } };
  }
  const payload = (): Record<string, unknown> => ({
    type: 'block_actions',
    ...payloadBase(core, user.id),
    container: containerOf(channel, message, shown !== undefined),
    trigger_id: core.triggers.issue(user.id),
    channel: { id: channel.id, name: channel.isIm ? 'directmessage' : channel.name },
    // Slack sends no copy of an ephemeral message.
    ...(shown === undefined ? { message: structuredClone(message) } : {}),
    state: { values },
    response_url: core.responseUrls.issue({ user: user.id, channel: channel.id, ts }),
    actions: [action],
  });
  return deliverPress(core, payload, options.double === true);
}

/** A button of an open modal or of the home: no channel, no message, no `response_url`. */
export async function pressInView(
  core: Core,
  user: SlackUser,
  view: SlackView,
  actionId: string,
  options: ClickOptions,
): Promise<Reaction> {
  const found = elementAt(view.blocks, actionId, options.blockId);
  Object.assign(view.state.values, options.values);
  if (options.chosen !== undefined && stateKey(found.element.type) !== undefined) {
    view.state.values[found.blockId] = {
      ...view.state.values[found.blockId],
      [actionId]: { type: found.element.type, ...options.chosen },
    };
  }
  const action = actionOf(core, found, options.chosen);
  const payload = (): Record<string, unknown> => ({
    type: 'block_actions',
    ...payloadBase(core, user.id),
    container: { type: 'view', view_id: view.id },
    trigger_id: core.triggers.issue(user.id, view.type === 'modal' ? view.id : undefined),
    view: structuredClone(view),
    actions: [action],
  });
  return deliverPress(core, payload, options.double === true);
}

async function deliverPress(core: Core, payload: () => Record<string, unknown>, double: boolean): Promise<Reaction> {
  if (!core.workspace.app.interactivity) return { ok: false, error: 'This app has no interactivity.', ms: 0 };
  const sent = [deliverGesture(core, 'block_actions', payload())];
  if (double) sent.push(deliverGesture(core, 'block_actions', payload()));
  const reactions = (await Promise.all(sent)).map(buttonReaction);
  return reactions.find(({ ok }) => !ok) ?? (reactions[0] as Reaction);
}

function blocksOf(message: SlackMessage): SlackBlock[] {
  const attached = (message.attachments ?? []).flatMap(({ blocks }) => (blocks as SlackBlock[] | undefined) ?? []);
  return [...(message.blocks ?? []), ...attached];
}

function elementAt(blocks: SlackBlock[], actionId: string, blockId: string | undefined): Element {
  const found = elementsOf(blocks).find(
    (one) => one.element.action_id === actionId && (blockId === undefined || one.blockId === blockId),
  );
  if (found === undefined) throw new Error(`there is no button "${actionId}"`);
  return found;
}

function actionOf(
  core: Core,
  { blockId, element }: Element,
  chosen: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const taken = ['type', 'action_id', 'text', 'value', 'style', 'url'].flatMap((key) =>
    element[key] === undefined ? [] : [[key, element[key]] as const],
  );
  return {
    ...Object.fromEntries(taken),
    ...chosen,
    block_id: blockId,
    action_ts: (core.clock.now() / 1000).toFixed(6),
  };
}

function containerOf(channel: SlackChannel, message: SlackMessage, ephemeral: boolean): Record<string, unknown> {
  return {
    type: 'message',
    message_ts: message.ts,
    channel_id: channel.id,
    is_ephemeral: ephemeral,
    ...(message.thread_ts === undefined ? {} : { thread_ts: message.thread_ts }),
  };
}
