import { valuesIn } from '../../adapters/teams/form-inputs.js';
import { asObject, type Json } from '../support/teams/core.js';
import { cardLines } from '../support/teams/rendering.js';
import type { Answer, GestureOptions, Reaction, TeamsPerson, TeamsServer } from '../support/teams/server-types.js';
import type { CardJson, TeamsMessage } from '../support/teams/types.js';
import { partsOf } from '../support/teams/valid-card.js';
import type { Gesture, SeenCard, Told, Who } from './chat.js';
import { PATIENCE_MS } from './chat-role.js';
import { type Carrying, carriedIn, type Handle, readable, textOf, verdictButton, viewText } from './chat-teams-seen.js';

/** What people do on a card in Teams, step by step as it asks for more, and what they are told last. */
export interface Presser {
  /** One answer for each delivery of the last step; `undefined` for one that was given no answer of its own. */
  press(by: Who, on: SeenCard, gesture: Gesture, options?: GestureOptions): Promise<Told[]>;
  /** All pages of a full view, from the button that opens it. */
  pages(by: Who, message: TeamsMessage, title: string): Promise<string>;
}

interface PresserDeps {
  teams: TeamsServer;
  person(who: Who): TeamsPerson;
  /** Resolves when no gesture is being worked on. */
  idle(): Promise<void>;
  channel: string;
}

const MOST_PAGES = 60;
/** The answer is still to come. */
const UNDER_WAY = /being (?:written|recorded)|is being|Reading the log/i;

export function createPresser({ teams, person, idle, channel }: PresserDeps): Presser {
  const taken = new Set<string>();
  /** What this person was told in their own chat, or by name in a thread, and has not read yet. */
  const words = (who: Who): TeamsMessage[] => {
    const { user } = person(who);
    const named = teams.tenant.messages.filter(
      (one) => one.channel === channel && one.from === teams.tenant.bot.id && isTo(one, user.id),
    );
    return [...person(who).direct(), ...named].filter(({ id }) => !taken.has(`${who} ${id}`));
  };
  const newWord = (who: Who): string | undefined => {
    const [one] = words(who);
    if (one === undefined) return undefined;
    taken.add(`${who} ${one.id}`);
    return textOf(one);
  };
  /** In the answer itself; or, when that said that it is under way, in what comes after it. */
  const told = async (by: Who, answer: Answer): Promise<Told> => {
    const faults = faultsIn(answer.card);
    if (Object.keys(faults).length > 0) return { text: '', faults };
    const deadline = Date.now() + PATIENCE_MS;
    let text = textIn(answer);
    while (UNDER_WAY.test(text) || text === '') {
      await idle();
      text = newWord(by) ?? text;
      if (Date.now() > deadline) throw new Error(`${by} was told nothing more than: ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { text, faults: {} };
  };
  const press: Presser['press'] = async (by, on, gesture, options = {}) => {
    const { message, card } = on.handle as Handle;
    while (newWord(by) !== undefined);
    const button = verdictButton(card, gesture.verdict);
    if (button === undefined) throw new Error(`the card has no button to ${gesture.verdict}`);
    const step = (at: Carrying, shown: CardJson, more: GestureOptions): Promise<Reaction> =>
      person(by).clickExecute(message, at.title, { ...more, card: shown });
    const all = async (reaction: Reaction): Promise<Told[]> => {
      const answers = reaction.answers.length > 0 ? reaction.answers : [reaction];
      const found: Told[] = [];
      for (const answer of answers) found.push(await told(by, answer));
      return found;
    };
    if (button.carried.verb === 'decide') return all(await step(button, card, options));
    const form = await step(button, card, {});
    const submit = submitIn(form.card);
    if (form.card === undefined || submit === undefined) return all(form);
    const typed = { ...(gesture.words === undefined ? {} : { words: gesture.words }), ...gesture.values };
    const inputs = Object.fromEntries(Object.entries(typed).map(([name, value]) => [inputOf(form.card, name), value]));
    const checked = submit.carried.verb === 'check';
    const filled = await step(submit, form.card, { inputs, ...(checked ? {} : options) });
    if (Object.keys(filled.blocked).length > 0) return [{ text: '', faults: byField(filled.blocked) }];
    if (!checked) return all(filled);
    const confirm = carriedIn(filled.card).find(({ carried }) => carried.verb === 'decide');
    if (confirm === undefined || filled.card === undefined) return all(filled);
    const shown = viewText(filled.card);
    for (const value of Object.values(gesture.values ?? {}))
      if (!shown.includes(value)) throw new Error(`the change to ${value} is not shown before it counts: ${shown}`);
    return all(await step(confirm, filled.card, options));
  };
  const pages: Presser['pages'] = async (by, message, title) => {
    const read: string[] = [];
    let shown = await person(by).clickExecute(message.id, title, { card: message.card as CardJson });
    for (let page = 1; page <= MOST_PAGES; page++) {
      if (shown.card === undefined) throw new Error(`no page of a full view: ${shown.text}`);
      read.push(viewText(shown.card));
      const next = carriedIn(shown.card).find(({ carried }) => carried.verb === 'show' && (carried.page ?? 0) === page);
      if (next === undefined) return read.join('\n');
      shown = await person(by).clickExecute(message.id, next.title, { card: shown.card });
    }
    throw new Error(`a full view has more than ${MOST_PAGES} pages`);
  };
  return { press, pages };
}

/** A message that calls this person. */
function isTo({ activity, card }: TeamsMessage, user: string): boolean {
  return JSON.stringify([activity['entities'], asObject(card?.['msteams'])?.['entities']]).includes(`"${user}"`);
}

/** The button that sends a form; a form has a field. */
function submitIn(card: CardJson | undefined): Carrying | undefined {
  if (card === undefined || !JSON.stringify(card).includes('"Input.')) return undefined;
  return carriedIn(card).find(({ type, carried }) => type === 'Action.Execute' && /decide|check/.test(carried.verb));
}

function textIn({ text, card }: Answer): string {
  return card === undefined ? (text ?? '') : readable(viewText(card));
}

/** The field that an input is of: what comes back of it is read under this name. */
const fieldOf = (id: string): string => Object.keys(valuesIn({ [id]: '' }))[0] ?? id;

function byField(faults: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(faults).map(([id, fault]) => [fieldOf(id), fault]));
}

function inputOf(card: CardJson | undefined, field: string): string {
  const ids = partsOf(card ?? {}).flatMap(({ type, id }) => (/^Input\./.test(String(type)) ? [String(id)] : []));
  return ids.find((id) => fieldOf(id) === field) ?? field;
}

/** What stands in red right below a field, by the field's name. */
export function faultsIn(card: CardJson | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of partsOf(card ?? {}))
    for (const name of ['body', 'items']) {
      const siblings = (part[name] as Json[] | undefined) ?? [];
      siblings.forEach((one, at) => {
        const above = siblings[at - 1];
        if (isRed(one) && /^Input\./.test(String(above?.['type'])))
          found[fieldOf(String(above?.['id']))] = cardLines(one).join(' ');
      });
    }
  return found;
}

function isRed({ color, inlines }: Json): boolean {
  return color === 'Attention' || ((inlines as Json[] | undefined) ?? []).some((run) => run['color'] === 'Attention');
}
