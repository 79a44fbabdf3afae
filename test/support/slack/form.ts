import type { Element } from './elements.js';
import { elementsOf, optionOf, stateKey } from './elements.js';
import type { SlackView, ViewValues } from './types.js';

/** What a person enters by `block_id`: a text, an option's `value`, or several of them. */
export type Entries = Record<string, string | string[]>;

/** @throws when there is no such field, or no such option in it: a test that fills in what is not there. */
export function enter(view: SlackView, entries: Entries): void {
  for (const [blockId, entry] of Object.entries(entries)) {
    const found = elementsOf(view.blocks).find((one) => one.blockId === blockId && stateKey(one.element.type));
    if (found === undefined) throw new Error(`the form has no field "${blockId}"`);
    view.state.values[blockId] = {
      ...view.state.values[blockId],
      [found.element.action_id]: entered(found, entry),
    };
  }
}

function entered({ element, blockId }: Element, entry: string | string[]): Record<string, unknown> {
  const key = stateKey(element.type) as string;
  const option = (value: string): Record<string, unknown> => {
    const chosen = optionOf(element, value);
    if (chosen === undefined) throw new Error(`the field "${blockId}" has no option "${value}"`);
    return chosen;
  };
  if (key === 'selected_options') return { type: element.type, [key]: [entry].flat().map(option) };
  if (key === 'selected_users') return { type: element.type, [key]: [entry].flat() };
  const value = [entry].flat()[0] ?? '';
  if (key === 'selected_option') return { type: element.type, [key]: value === '' ? null : option(value) };
  return { type: element.type, [key]: value === '' ? null : value };
}

/** What Slack's own window says before it sends anything: fields left empty, too long, too short, no number. */
export function clientErrors(view: SlackView): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const found of elementsOf(view.blocks)) {
    if (found.input === undefined || stateKey(found.element.type) === undefined) continue;
    const error = errorOf(found, view.state.values);
    if (error !== undefined) errors[found.blockId] = error;
  }
  return errors;
}

function errorOf({ blockId, element, input }: Element, values: ViewValues): string | undefined {
  const value = values[blockId]?.[element.action_id]?.[stateKey(element.type) as string];
  const empty = value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  if (empty) return input?.['optional'] === true ? undefined : 'Please complete this required field.';
  if (typeof value !== 'string') return undefined;
  const length = [...value].length;
  const most = element.type === 'plain_text_input' ? ((element['max_length'] as number | undefined) ?? 3000) : Infinity;
  if (length > most) return `Must be at most ${most} characters.`;
  const least = (element['min_length'] as number | undefined) ?? 0;
  if (length < least) return `Must be at least ${least} characters.`;
  return element.type === 'number_input' ? numberError(element, value) : undefined;
}

function numberError(element: Record<string, unknown>, value: string): string | undefined {
  const shape = element['is_decimal_allowed'] === true ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!shape.test(value)) return 'Must be a valid number.';
  const least = element['min_value'] as string | undefined;
  const most = element['max_value'] as string | undefined;
  if (least !== undefined && Number(value) < Number(least)) return `Must be at least ${least}.`;
  if (most !== undefined && Number(value) > Number(most)) return `Must be at most ${most}.`;
  return undefined;
}
