import { asObject, type Json } from './core.js';
import type { CardJson } from './types.js';
import { partsOf } from './valid-card.js';

/** A button of a card, and the card whose inputs it sends. */
export interface Button {
  action: Json;
  /** The card itself, and the ShowCards around the button. */
  cards: Json[];
}

/** Buttons in the order in which they stand, those of ShowCards after the one that opens them. */
export function buttonsOf(card: Json, around: Json[] = []): Button[] {
  const cards = [...around, card];
  const found: Button[] = [];
  const walk = (part: Json): void => {
    for (const name of ['body', 'items', 'columns', 'rows', 'cells', 'selectAction', 'inlineAction', 'actions']) {
      const value = part[name];
      for (const one of Array.isArray(value) ? value : [value]) {
        const json = asObject(one);
        if (json === undefined) continue;
        if (String(json['type']).startsWith('Action.')) {
          found.push({ action: json, cards });
          const inner = asObject(json['card']);
          if (inner !== undefined) found.push(...buttonsOf(inner, cards));
        } else walk(json);
      }
    }
  };
  walk(card);
  return found;
}

/** Inputs of these cards as they would be sent: all as text. */
function inputsOf(cards: readonly Json[]): Json[] {
  return cards.flatMap((card) => partsOf({ ...card, actions: [] }).filter(({ type }) => /^Input\./.test(String(type))));
}

export interface Gathered {
  /** What is sent with the button's data. */
  values: Record<string, string>;
  /** What the client does not let pass, by input, in the words that it shows. */
  blocked: Record<string, string>;
}

/** What stands in the inputs once these values are typed. @throws for a value of an input that is not there. */
export function gather(button: Button, typed: Record<string, string>): Gathered {
  if (button.action['associatedInputs'] === 'none') return { values: {}, blocked: {} };
  const inputs = inputsOf(button.cards);
  for (const id of Object.keys(typed))
    if (!inputs.some((input) => input['id'] === id)) throw new Error(`there is no input "${id}"`);
  const values: Record<string, string> = {};
  const blocked: Record<string, string> = {};
  for (const input of inputs) {
    const id = String(input['id']);
    const value = limited(input, typed[id] ?? String(input['value'] ?? ''));
    values[id] = value;
    if (isRefused(input, value)) blocked[id] = String(input['errorMessage'] ?? 'This field is required.');
  }
  return { values, blocked };
}

/** Nobody can type more than the input takes. */
function limited(input: Json, value: string): string {
  const most = input['maxLength'];
  return typeof most === 'number' ? value.slice(0, most) : value;
}

/** Only what the clients of Teams check themselves. */
function isRefused(input: Json, value: string): boolean {
  if (value === '') return input['isRequired'] === true;
  if (input['type'] === 'Input.Number') {
    const number = Number(value);
    const { min, max } = input as { min?: number; max?: number };
    return Number.isNaN(number) || (min !== undefined && number < min) || (max !== undefined && number > max);
  }
  if (input['type'] === 'Input.ChoiceSet')
    return !((input['choices'] as Json[] | undefined) ?? []).some((choice) => choice['value'] === value);
  const regex = input['regex'];
  return typeof regex === 'string' && !new RegExp(regex).test(value);
}

/** By verb or title; `type` narrows it. @throws when there is none. */
export function buttonNamed(card: CardJson, name: string | undefined, type: string): Button {
  const all = buttonsOf(card).filter(({ action }) => action['type'] === type);
  const found =
    name === undefined ? all[0] : all.find(({ action: { verb, title } }) => verb === name || title === name);
  if (found !== undefined) return found;
  const there = all.map(({ action: { verb, title } }) => `${String(title)} (${String(verb)})`).join(', ');
  throw new Error(`there is no button "${name ?? type}" among: ${there || 'none'}`);
}

/** What goes back: the button's data and the inputs on top, as clients merge them. */
export function sentData(action: Json, values: Record<string, string>): unknown {
  const data = action['data'];
  return typeof data === 'string' ? data : { ...asObject(data), ...values };
}
