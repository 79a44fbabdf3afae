import { z } from 'zod';
import type { Reaction, SlackPerson, SlackServer } from '../server-types.js';
import type { SlackBlock, SlackView } from '../types.js';
import { slashOf, withTokens } from './composing.js';
import { chosenOf, valuesOf } from './form-values.js';
import { KINDS, OFTEN, type Weather } from './weather.js';

const Value = z.union([z.string().max(40_000), z.array(z.string().max(300)).max(100)]);
const Values = z.record(z.string(), z.record(z.string(), Value));
const Pressed = { action: z.string(), block: z.string(), value: Value.optional(), values: Values };
const here = { channel: z.string(), ts: z.string() };

/** What a person does at the page, as the client script says it. */
export const Gesture = z.discriminatedUnion('do', [
  z.object({ do: z.literal('post'), channel: z.string(), thread: z.string().optional(), text: z.string().max(40_000) }),
  z.object({ do: z.literal('click'), ...here, ...Pressed }),
  z.object({ do: z.literal('view-click'), home: z.boolean(), ...Pressed }),
  z.object({ do: z.literal('submit'), values: Values }),
  z.object({ do: z.literal('close'), all: z.boolean() }),
  z.object({ do: z.literal('shortcut'), id: z.string(), ...here }),
  z.object({ do: z.literal('delete'), ...here }),
  z.object({ do: z.literal('reload') }),
  z.object({ do: z.literal('open-home') }),
  z.object({ do: z.literal('read'), channel: z.string(), thread: z.string().optional(), ts: z.string() }),
  z.object({
    do: z.literal('weather'),
    what: z.enum(['add', 'remove', 'clear', 'down', 'up']),
    kind: z.enum(Object.keys(KINDS) as [keyof typeof KINDS]).optional(),
    often: z.enum(Object.keys(OFTEN) as [keyof typeof OFTEN]).optional(),
    fault: z.number().optional(),
  }),
]);
export type Gesture = z.infer<typeof Gesture>;

/** What the page shows of the answer: `error` in a bar, `errors` below the fields. */
export type GestureAnswer = Pick<Reaction, 'ok' | 'error' | 'errors'>;

export interface Hands {
  server: SlackServer;
  weather: Weather;
  /** The newest `ts` seen, by person and then by `channel` or `channel/thread`. */
  read: Map<string, Map<string, string>>;
}

const DONE: GestureAnswer = { ok: true };

/** Does it as this person. Never throws for what Slack refuses: that is an answer. */
export async function perform(hands: Hands, userId: string, gesture: Gesture): Promise<GestureAnswer> {
  const person = hands.server.person(userId);
  try {
    return await performAs(hands, person, gesture);
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : 'That did not work.' };
  }
}

async function performAs(hands: Hands, person: SlackPerson, gesture: Gesture): Promise<GestureAnswer> {
  switch (gesture.do) {
    case 'post':
      return write(hands.server, person, gesture);
    case 'click':
      return press(hands.server, person, gesture);
    case 'view-click':
      return pressInView(person, gesture);
    case 'submit':
      return submit(person, gesture.values);
    case 'close':
      return person.closeView(gesture.all);
    case 'shortcut':
      return person.messageShortcut(gesture.id, gesture.channel, gesture.ts);
    case 'delete':
      await person.deleteMessage(gesture.channel, gesture.ts);
      return DONE;
    case 'reload':
      person.reload();
      return DONE;
    case 'open-home':
      await person.openHome('home');
      return DONE;
    case 'read':
      return markRead(hands, person.user.id, gesture);
    case 'weather':
      return change(hands, gesture);
  }
}

type Of<Kind extends Gesture['do']> = Extract<Gesture, { do: Kind }>;

async function write(server: SlackServer, person: SlackPerson, gesture: Of<'post'>): Promise<GestureAnswer> {
  const { workspace } = server;
  const slash = slashOf(gesture.text);
  if (slash === undefined) {
    await person.post(gesture.channel, withTokens(workspace, gesture.text), gesture.thread);
    return DONE;
  }
  if (gesture.thread !== undefined) return { ok: false, error: `${slash.command} is not supported in threads. Sorry!` };
  return person.slash(gesture.channel, slash.command, slash.text);
}

async function press(server: SlackServer, person: SlackPerson, gesture: Of<'click'>): Promise<GestureAnswer> {
  const { channel, ts, action, block, value, values } = gesture;
  const message =
    server.workspace.message(channel, ts) ?? person.ephemerals(channel).find((ephemeral) => ephemeral.ts === ts);
  if (message === undefined) return { ok: false, error: 'This message is not there any more.' };
  const inside = (message.attachments ?? []).map(({ blocks }) => (blocks as SlackBlock[] | undefined) ?? []);
  const blocks = [...(message.blocks ?? []), ...inside.flat()];
  const chosen = chosenOf(blocks, block, action, value);
  return person.click(channel, ts, action, {
    blockId: block,
    values: valuesOf(blocks, values),
    ...(chosen === undefined ? {} : { chosen }),
  });
}

async function pressInView(person: SlackPerson, gesture: Of<'view-click'>): Promise<GestureAnswer> {
  const { action, block, value, values, home } = gesture;
  const view: SlackView | undefined = home ? person.home() : person.view();
  if (view === undefined) return { ok: false, error: 'This view is not there any more.' };
  const chosen = chosenOf(view.blocks, block, action, value);
  return person.clickInView(action, {
    home,
    blockId: block,
    values: valuesOf(view.blocks, values),
    ...(chosen === undefined ? {} : { chosen }),
  });
}

async function submit(person: SlackPerson, values: Of<'submit'>['values']): Promise<GestureAnswer> {
  const view = person.view();
  if (view === undefined) return { ok: false, error: 'This form is not there any more.' };
  return person.submitView(valuesOf(view.blocks, values));
}

function markRead({ read }: Hands, user: string, { channel, thread, ts }: Of<'read'>): GestureAnswer {
  const mine = read.get(user) ?? new Map<string, string>();
  mine.set(thread === undefined ? channel : `${channel}/${thread}`, ts);
  read.set(user, mine);
  return DONE;
}

function change({ server, weather }: Hands, { what, kind, often, fault }: Of<'weather'>): GestureAnswer {
  if (what === 'add' && kind !== undefined && often !== undefined) weather.add(kind, often);
  if (what === 'remove' && fault !== undefined) weather.remove(fault);
  if (what === 'clear') weather.clear();
  if (what === 'down' || what === 'up') server.faults.down(what === 'down');
  server.workspace.changed({ kind: 'notice' });
  return DONE;
}
