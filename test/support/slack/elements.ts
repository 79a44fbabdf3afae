import type { SlackBlock, ViewValues } from './types.js';

/** Anything with an `action_id`, and the block that it stands in. */
export interface Element {
  blockId: string;
  element: Record<string, unknown> & { type: string; action_id: string };
  /** Its block when that is an `input`. */
  input?: SlackBlock;
}

/** All interactive elements of a message or view, also in cards, containers and accessories. */
export function elementsOf(blocks: readonly SlackBlock[]): Element[] {
  return blocks.flatMap((block) => walk(block, block.block_id ?? '', block.type === 'input' ? block : undefined));
}

function walk(value: unknown, blockId: string, input: SlackBlock | undefined): Element[] {
  if (Array.isArray(value)) return value.flatMap((item) => walk(item, blockId, input));
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Record<string, unknown>;
  const own = typeof node['block_id'] === 'string' ? node['block_id'] : blockId;
  const inner = Object.values(node).flatMap((item) => walk(item, own, input));
  if (typeof node['action_id'] !== 'string' || typeof node['type'] !== 'string') return inner;
  const found: Element = { blockId: own, element: node as Element['element'] };
  return [input === undefined ? found : { ...found, input }, ...inner];
}

/** Key under which the state holds what was entered, and the key of the value that stands there at first. */
const STATE_KEYS: Record<string, [string, string]> = {
  plain_text_input: ['value', 'initial_value'],
  number_input: ['value', 'initial_value'],
  email_text_input: ['value', 'initial_value'],
  url_text_input: ['value', 'initial_value'],
  rich_text_input: ['rich_text_value', 'initial_value'],
  static_select: ['selected_option', 'initial_option'],
  external_select: ['selected_option', 'initial_option'],
  radio_buttons: ['selected_option', 'initial_option'],
  multi_static_select: ['selected_options', 'initial_options'],
  checkboxes: ['selected_options', 'initial_options'],
  users_select: ['selected_user', 'initial_user'],
  multi_users_select: ['selected_users', 'initial_users'],
  conversations_select: ['selected_conversation', 'initial_conversation'],
  channels_select: ['selected_channel', 'initial_channel'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  datetimepicker: ['selected_date_time', 'initial_date_time'],
};
const LISTS = new Set(['selected_options', 'selected_users']);

/** The key of an element's value in `state.values`; undefined for what holds no state, e.g. a button. */
export function stateKey(type: string): string | undefined {
  return STATE_KEYS[type]?.[0];
}

/** State of all inputs; what was entered under the same block and action stays. */
export function stateOf(blocks: readonly SlackBlock[], kept: ViewValues = {}): ViewValues {
  const values: ViewValues = {};
  for (const { blockId, element } of elementsOf(blocks)) {
    const keys = STATE_KEYS[element.type];
    if (keys === undefined) continue;
    const [key, initial] = keys;
    const before = kept[blockId]?.[element.action_id];
    const fresh = { type: element.type, [key]: element[initial] ?? (LISTS.has(key) ? [] : null) };
    values[blockId] ??= {};
    values[blockId][element.action_id] = before?.['type'] === element.type ? before : fresh;
  }
  return values;
}

/** One of the element's own options. */
export function optionOf(element: Record<string, unknown>, value: string): Record<string, unknown> | undefined {
  const groups = (element['option_groups'] as { options: Record<string, unknown>[] }[] | undefined) ?? [];
  const options = (element['options'] as Record<string, unknown>[] | undefined) ?? groups.flatMap((g) => g.options);
  return options.find((option) => option['value'] === value);
}
