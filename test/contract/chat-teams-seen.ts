import { readCarried } from '../../adapters/teams/action-data.js';
import type { Verdict } from '../../src/domain/decision.js';
import type { Json } from '../support/teams/core.js';
import { buttonsOf } from '../support/teams/inputs.js';
import { cardText, messageText, readings } from '../support/teams/rendering.js';
import type { CardJson, TeamsMessage } from '../support/teams/types.js';
import type { Seen, SeenCard } from './chat.js';

/** What stands in the simulated Teams, as a person there reads it. */

/** Of a card: where it stands, and how it looked when it was seen. */
export interface Handle {
  message: string;
  card: CardJson;
}

/** One button: what it means, and how it is pressed. */
export interface Carrying {
  title: string;
  type: string;
  carried: NonNullable<ReturnType<typeof readCarried>>;
}

/** The buttons of a card that are ours, in their order. */
export function carriedIn(card: CardJson | undefined): Carrying[] {
  if (card === undefined) return [];
  return buttonsOf(card as Json).flatMap(({ action }) => {
    const carried = readCarried(action['data']);
    return carried === undefined ? [] : [{ title: String(action['title']), type: String(action['type']), carried }];
  });
}

/** As it reads, without the marks that stand before boxes and bullets. */
export function readable(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*[┃▒•] ?/, ''))
    .join('\n');
}

export function textOf(message: TeamsMessage): string {
  return readable(messageText(message));
}

export function viewText(card: CardJson | undefined): string {
  return readable(cardText(card));
}

/** The button that a verdict is given with. */
export function verdictButton(card: CardJson | undefined, verdict: Verdict): Carrying | undefined {
  return carriedIn(card).find(
    ({ type, carried }) =>
      type === 'Action.Execute' && carried.verdict === verdict && ['ask', 'decide'].includes(carried.verb),
  );
}

const VERDICTS: Verdict[] = ['approve', 'modify', 'reject'];

function cardIn(incident: string, message: TeamsMessage): SeenCard {
  const text = textOf(message);
  const actions = VERDICTS.filter((verdict) => verdictButton(message.card, verdict) !== undefined);
  const handle: Handle = { message: message.id, card: structuredClone(message.card) as CardJson };
  return { incident, title: text.split('\n').find((line) => line.trim() !== '') ?? '', text, actions, handle };
}

export function seenIn(
  incident: string,
  messages: Map<string, TeamsMessage>,
  channel: readonly TeamsMessage[],
  bot: string,
): Seen {
  const root = messages.get('headline');
  const of = (prefix: string): TeamsMessage[] =>
    [...messages].flatMap(([key, one]) => (key.startsWith(prefix) ? [one] : []));
  const byTime = (all: TeamsMessage[]): TeamsMessage[] => [...all].sort((a, b) => Number(a.id) - Number(b.id));
  const thread = byTime(channel.filter((one) => one.root === root?.id && !one.deleted));
  const people = thread.filter(({ from, id }) => from !== bot && id !== root?.id);
  const tops = channel.filter(({ id, root: top, from }) => id === top && from === bot);
  return {
    headline: root === undefined ? '' : textOf(root),
    headlines: tops.filter((one) => isHeadlineOf(incident, one)).length,
    cards: byTime(of('card-')).map((one) => cardIn(incident, one)),
    trace: byTime(of('trace-')).map(textOf).join('\n'),
    notes: byTime([...of('note-'), ...people]).map(textOf),
    questions: byTime(of('question-')).map(textOf),
    text: thread.map(textOf).join('\n'),
    alive: [...messages.values()].flatMap(({ activity }) => readings(activity)),
  };
}

function isHeadlineOf(incident: string, message: TeamsMessage): boolean {
  return JSON.stringify(message.card ?? message.text).includes(incident);
}
