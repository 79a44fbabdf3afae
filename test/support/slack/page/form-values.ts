import { elementsOf, optionOf, stateKey } from '../elements.js';
import type { SlackBlock, ViewValues } from '../types.js';

/** What the page's fields hold: texts as typed and options by their value, by `block_id` and `action_id`. */
export type RawValues = Record<string, Record<string, string | string[]>>;

/** The fields of the page as Slack sends them in `state.values`. */
export function valuesOf(blocks: readonly SlackBlock[], raw: RawValues): ViewValues {
  const out: ViewValues = {};
  for (const { blockId, element } of elementsOf(blocks)) {
    const key = stateKey(element.type);
    const value = raw[blockId]?.[element.action_id];
    if (key === undefined || value === undefined) continue;
    out[blockId] = { ...out[blockId], [element.action_id]: { type: element.type, [key]: held(element, key, value) } };
  }
  return out;
}

/** What was chosen in an element that is sent at once, as the fields of its action; undefined for a button. */
export function chosenOf(
  blocks: readonly SlackBlock[],
  blockId: string,
  action: string,
  value: string | string[] | undefined,
): Record<string, unknown> | undefined {
  const found = elementsOf(blocks).find((one) => one.blockId === blockId && one.element.action_id === action);
  if (found === undefined || value === undefined) return undefined;
  const { element } = found;
  if (element.type === 'feedback_buttons') return { value };
  const key = element.type === 'overflow' ? 'selected_option' : stateKey(element.type);
  return key === undefined ? undefined : { [key]: held(element, key, value) };
}

function held(element: Record<string, unknown>, key: string, value: string | string[]): unknown {
  const one = [value].flat()[0] ?? '';
  const many = [value].flat().filter((each) => each !== '');
  if (key === 'selected_options')
    return many.map((each) => optionOf(element, each)).filter((option) => option !== undefined);
  if (key === 'selected_option') return one === '' ? null : (optionOf(element, one) ?? null);
  if (key.endsWith('s')) return many;
  if (key === 'selected_date_time') return one === '' ? null : Date.parse(`${one}Z`) / 1000;
  return one === '' ? null : one;
}
