import { ACTION, readCarried } from '../../../adapters/slack/action-ids.js';
import type { Time } from '../../../src/roles/system-time.js';
import type { Reaction, SlackPerson, SlackServer } from '../slack/server-types.js';
import type { SlackMessage } from '../slack/types.js';
import type { StormIncident } from './story.js';

/** What became of one gesture. `told` is the text the person got; undefined when nobody told them anything. */
export interface Gesture {
  incident: string;
  who: string;
  what: string;
  told: string | undefined;
  /** How often Slack said that the app did not answer, before it did. */
  refused: number;
  /** What stood on the screen of somebody who was told nothing. */
  screen?: string;
}

export interface Card {
  channel: string;
  ts: string;
  /** As it first stood there, with its buttons. */
  snapshot: SlackMessage;
}

/** The inbox tries again in the time of the wall, for half a minute of it. */
const ANSWER_WITHIN_MS = 600_000;
const LOOK_EVERY_MS = 500;
const AGAIN_AFTER_MS = 5000;
const TRIES = 40;

/** Calls back once for each incident, when its card to decide on is first seen in a channel. */
export function watchCards(slack: SlackServer, onCard: (incident: string, card: Card) => void): () => void {
  const seen = new Set<string>();
  const looked = new Map<string, number>();
  return slack.workspace.onChange(({ kind, channel }) => {
    if (kind !== 'message' || channel === undefined) return;
    const messages = slack.workspace.channels.get(channel)?.messages ?? [];
    for (let at = looked.get(channel) ?? 0; at < messages.length; at++) {
      const message = messages[at] as SlackMessage;
      const incident = incidentToDecide(message);
      if (incident === undefined || seen.has(incident)) continue;
      seen.add(incident);
      onCard(incident, { channel, ts: message.ts, snapshot: structuredClone(message) });
    }
    looked.set(channel, messages.length);
  });
}

function incidentToDecide(message: SlackMessage): string | undefined {
  const elements = (message.blocks ?? []).flatMap((block) =>
    block.type === 'actions' ? (block['elements'] as { action_id?: string; value?: string }[]) : [],
  );
  return readCarried(elements.find(({ action_id }) => action_id === ACTION.approve)?.value)?.incident;
}

export interface PeopleDeps {
  slack: SlackServer;
  time: Time;
  gestures: Gesture[];
}

/** Everything that people do to one card: the stranger, the decision, the double click, the one who comes too late. */
export async function decideOn(deps: PeopleDeps, incident: StormIncident, at: number, card: Card): Promise<void> {
  const { time } = deps;
  await time.sleep(5000 + ((at * 7919) % 40_000));
  const first = `first${at}`;
  const second = `second${at}`;
  if (at % 7 === 0) await approve(deps, incident, 'stranger', card, false);
  if (at % 10 === 3) await reject(deps, incident, first, card);
  else if (incident.level === 'high') {
    await Promise.all([approve(deps, incident, first, card, false), approve(deps, incident, second, card, false)]);
  } else await approve(deps, incident, first, card, at % 5 === 0);
  if (at % 6 !== 0) return;
  await time.sleep(20_000);
  await approve(deps, incident, second, card, false);
}

/** From the card as it stood there first: a person's screen may be old. */
async function approve(
  deps: PeopleDeps,
  incident: StormIncident,
  who: string,
  card: Card,
  double: boolean,
): Promise<void> {
  const person = deps.slack.person(who);
  const gesture: Gesture = { incident: incident.id, who, what: 'approve', told: undefined, refused: 0 };
  deps.gestures.push(gesture);
  const press = (): Promise<Reaction> =>
    person.click(card.channel, card.ts, ACTION.approve, { snapshot: card.snapshot, double });
  // Two people who write the same are asked for words of their own.
  const checked = who.startsWith('second') ? 'no other application runs there' : 'the heap was full before it failed';
  await pressAndAnswer(deps, gesture, press, `${who} looked at ${incident.id}: ${checked}`);
}

async function reject(deps: PeopleDeps, incident: StormIncident, who: string, card: Card): Promise<void> {
  const person = deps.slack.person(who);
  const gesture: Gesture = { incident: incident.id, who, what: 'reject', told: undefined, refused: 0 };
  deps.gestures.push(gesture);
  const press = (): Promise<Reaction> =>
    person.click(card.channel, card.ts, ACTION.reject, { snapshot: card.snapshot });
  await pressAndAnswer(deps, gesture, press, 'This is the wrong application.');
}

/** A press leads to a form, which is filled in, or to a word; a word that asks for another press gets one. */
async function pressAndAnswer(
  deps: PeopleDeps,
  gesture: Gesture,
  press: () => Promise<Reaction>,
  words: string,
): Promise<void> {
  const person = deps.slack.person(gesture.who);
  for (let tried = 0; tried < TRIES; tried++) {
    const before = person.ephemerals().length;
    await untilTaken(deps, gesture, press);
    await untilTold(deps, gesture, () => textOf(person) ?? person.ephemerals()[before]?.text);
    if (person.view() !== undefined) {
      gesture.told = undefined;
      await fillIn(deps, gesture, person, words);
    }
    if (!/again/i.test(gesture.told ?? '')) return;
    gesture.refused += 1;
    await deps.time.sleep(AGAIN_AFTER_MS);
  }
}

/** The form, sent again while the app does not answer; then what the form says, or a message to this person alone. */
async function fillIn(deps: PeopleDeps, gesture: Gesture, person: SlackPerson, words: string): Promise<void> {
  const before = person.ephemerals().length;
  const form = person.view();
  const input = form?.blocks.find((block) => block.type === 'input')?.block_id;
  if (form === undefined || input === undefined) {
    await untilTold(deps, gesture, () => textOf(person) ?? person.ephemerals()[before]?.text);
    return;
  }
  await untilTaken(deps, gesture, () => person.submitView({ [input]: words }));
  await untilTold(deps, gesture, () => {
    const now = person.view();
    const answered = now?.blocks.every((block) => block.type !== 'input') === true;
    const text = answered ? textOf(person) : undefined;
    return (text?.includes('being written to the log') ? undefined : text) ?? person.ephemerals()[before]?.text;
  });
  await person.closeView(true).catch(() => undefined);
}

function textOf(person: SlackPerson): string | undefined {
  const view = person.view();
  return view === undefined ? undefined : JSON.stringify(view.blocks);
}

/** A person whose click shows an error clicks again; that is all that Slack offers them. */
async function untilTaken(deps: PeopleDeps, gesture: Gesture, press: () => Promise<Reaction>): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    const reaction = await press().catch((): Reaction => ({ ok: false, ms: 0 }));
    if (reaction.ok) return;
    gesture.refused += 1;
    await deps.time.sleep(AGAIN_AFTER_MS);
  }
}

async function untilTold(deps: PeopleDeps, gesture: Gesture, look: () => string | undefined): Promise<void> {
  const until = deps.time.clock.now().getTime() + ANSWER_WITHIN_MS;
  while (deps.time.clock.now().getTime() < until) {
    gesture.told = look();
    if (gesture.told !== undefined) return;
    await deps.time.sleep(LOOK_EVERY_MS);
  }
  const person = deps.slack.person(gesture.who);
  const words = person.ephemerals().map(({ text }) => text);
  gesture.screen = `${textOf(person)?.slice(0, 600) ?? 'no form'}; ${words.length} words: ${words.at(-1)?.slice(0, 200)}`;
}
