import type { Option } from '@slack/types';
import type { ViewValues } from '../types.js';

/** What the page's fields hold: texts as typed and options by their value, by `block_id` and `action_id`. */
export type RawValues = Record<string, Record<string, string | string[]>>;

interface Field {
  blockId: string;
  element: { type: string; action_id?: string } & Record<string, unknown>;
  inForm: boolean;
  optional: boolean;
}

/** Every interactive element of these blocks, attachments' blocks included by the caller. */
export function fieldsOf(blocks: readonly unknown[]): Field[] {
  return blocks.flatMap((given, at) => {
    const block = given as Record<string, unknown>;
    const blockId = typeof block['block_id'] === 'string' ? block['block_id'] : `#${at}`;
    const inForm = block['type'] === 'input';
    const found = [block['element'], block['accessory'], ...((block['elements'] as unknown[] | undefined) ?? [])];
    return found
      .filter(
        (element): element is Field['element'] => typeof (element as { action_id?: unknown })?.action_id === 'string',
      )
      .map((element) => ({ blockId, element, inForm, optional: block['optional'] === true }));
  });
}

/** The fields as Slack sends them in `state.values`; buttons and menus have no state. */
export function stateOf(blocks: readonly unknown[], raw: RawValues): ViewValues {
  const out: ViewValues = {};
  for (const { blockId, element } of fieldsOf(blocks)) {
    if (/button|overflow/.test(element.type) && element.type !== 'radio_buttons') continue;
    const action = element.action_id ?? '';
    const value = raw[blockId]?.[action];
    out[blockId] = { ...out[blockId], [action]: { type: element.type, ...held(element, value ?? '') } };
  }
  return out;
}

/** What was chosen in an element that is sent at once, as the fields of its action; undefined for a button. */
export function chosenOf(
  blocks: readonly unknown[],
  blockId: string,
  action: string,
  value: string | string[] | undefined,
): Record<string, unknown> | undefined {
  const found = fieldsOf(blocks).find((field) => field.blockId === blockId && field.element.action_id === action);
  if (found === undefined || value === undefined) return undefined;
  if (found.element.type === 'feedback_buttons') return { value };
  if (/button$/.test(found.element.type)) return undefined;
  return held(found.element, value);
}

/** One element's value under the names that Slack gives it. */
function held(element: Field['element'], value: string | string[]): Record<string, unknown> {
  const one = Array.isArray(value) ? (value[0] ?? '') : value;
  const many = Array.isArray(value) ? value : value === '' ? [] : [value];
  const kind = /(?:multi_)?(users|channels|conversations)_select$/.exec(element.type)?.[1]?.slice(0, -1);
  if (kind !== undefined)
    return element.type.startsWith('multi_') ? { [`selected_${kind}s`]: many } : { [`selected_${kind}`]: one || null };
  if (element.type === 'checkboxes' || element.type.startsWith('multi_'))
    return { selected_options: many.map((each) => optionOf(element, each)).filter((each) => each !== undefined) };
  if (/select$|radio_buttons|overflow/.test(element.type)) return { selected_option: optionOf(element, one) ?? null };
  if (element.type === 'datepicker') return { selected_date: one || null };
  if (element.type === 'timepicker') return { selected_time: one || null };
  if (element.type === 'datetimepicker')
    return { selected_date_time: one === '' ? null : Date.parse(`${one}Z`) / 1000 };
  return { value: one === '' ? null : one };
}

function optionOf(element: Field['element'], value: string): Option | undefined {
  const groups = (element['option_groups'] ?? []) as { options: Option[] }[];
  const options = [...((element['options'] ?? []) as Option[]), ...groups.flatMap((group) => group.options)];
  return options.find((option) => option.value === value);
}

/** What Slack's own form says before it sends anything, by `block_id`; empty when the form may go. */
export function complaintsOf(blocks: readonly unknown[], raw: RawValues): Record<string, string> {
  const out: Record<string, string> = {};
  for (const { blockId, element, inForm, optional } of fieldsOf(blocks)) {
    if (!inForm) continue;
    const value = raw[blockId]?.[element.action_id ?? ''] ?? '';
    const complaint =
      value.length === 0
        ? optional
          ? undefined
          : 'Please complete this required field.'
        : complaintOf(element, value);
    if (complaint !== undefined) out[blockId] = complaint;
  }
  return out;
}

function complaintOf(element: Field['element'], value: string | string[]): string | undefined {
  if (Array.isArray(value)) return undefined;
  const limit = (name: string): number | undefined => (element[name] === undefined ? undefined : Number(element[name]));
  const length = [...value].length;
  if (length < (limit('min_length') ?? 0)) return `Please enter at least ${limit('min_length')} characters.`;
  if (length > (limit('max_length') ?? 3000)) return `Please enter at most ${limit('max_length') ?? 3000} characters.`;
  if (element.type === 'number_input')
    return numberComplaint(value, element['is_decimal_allowed'] === true, limit('min_value'), limit('max_value'));
  if (element.type === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(value))
    return 'Please enter a valid email address.';
  if (element.type === 'url_text_input' && !/^https?:\/\/\S+$/.test(value)) return 'Please enter a valid URL.';
  return undefined;
}

function numberComplaint(
  value: string,
  decimal: boolean,
  least: number | undefined,
  most: number | undefined,
): string | undefined {
  if (!(decimal ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/).test(value))
    return decimal ? 'Please enter a number.' : 'Please enter a whole number.';
  if (least !== undefined && Number(value) < least) return `Please enter a number of at least ${least}.`;
  if (most !== undefined && Number(value) > most) return `Please enter a number of at most ${most}.`;
  return undefined;
}
