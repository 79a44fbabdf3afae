import type { InputBlock, KnownBlock } from '@slack/types';
import type { Field, Form } from '../../src/domain/form.js';
import { clean } from '../../src/domain/visible-text.js';
import { line, rich, said, shortened, toneIcon } from './text.js';

/** Neutral fields as Slack inputs. Block ids are stable for a field, so what somebody typed stays when a view is updated. */

const BLOCK_PREFIX = 'cs_field.';
const ACTION = 'value';
/** An option may be empty with us, and not with Slack. */
const EMPTY = 'cs_empty';
const OPTION = 75;
const OPTIONS_MOST = 100;
const LABEL = 2000;
const INPUT_MOST = 3000;
const FIELDS_MOST = 40;
const NUMBER = /^-?\d+(\.\d+)?$/;

type Of<K extends Field['kind']> = Extract<Field, { kind: K }>;
type Element = InputBlock['element'];

export function blockIdOf(field: string): string {
  return `${BLOCK_PREFIX}${field}`;
}

/** The field name of a block id of ours; undefined for others. */
export function fieldOf(blockId: string): string | undefined {
  return blockId.startsWith(BLOCK_PREFIX) ? blockId.slice(BLOCK_PREFIX.length) : undefined;
}

/** What stands in an input of ours, as the form's own value. */
export function valueIn(state: { value?: string | null; selected_option?: { value?: string } | null }): string {
  const value = state.selected_option?.value ?? state.value ?? '';
  return value === EMPTY ? '' : value;
}

export const INPUT_ACTION = ACTION;

/** The inputs of a form, with what was typed so far and what is wrong with it. */
export function fieldBlocks(form: Form, draft: Record<string, string>, faults: Record<string, string>): KnownBlock[] {
  const { fields } = form;
  const shown = fields
    .slice(0, FIELDS_MOST)
    .flatMap((field) => inputBlock(field, draft[field.name], faults[field.name]));
  const left = fields.length - FIELDS_MOST;
  if (left <= 0) return shown;
  return [...shown, rich(line(said(`${left} more fields can be changed on the web page only.`, { italic: true })))];
}

/** Faults that belong to no field of the form. */
export function faultBlocks(form: Form, faults: Record<string, string>): KnownBlock[] {
  const known = new Set(form.fields.map(({ name }) => name));
  return Object.entries(faults)
    .filter(([name]) => !known.has(name))
    .slice(0, 10)
    .map(([, fault]) => faultBlock(fault));
}

function faultBlock(fault: string): KnownBlock {
  return rich(line(...toneIcon('bad'), said(shortened(fault, 500, 'the web page'))));
}

/** The input of a field, with what is wrong with it above. `typed` stands in it instead of the field's own value. */
function inputBlock(field: Field, typed: string | undefined, fault: string | undefined): KnownBlock[] {
  const value = typed ?? field.value;
  const { element, hint } = elementOf(field, value);
  const hints = [field.hint, hint].flatMap((one) => (one === undefined || one === '' ? [] : asSentence(one))).join(' ');
  const input: InputBlock = {
    type: 'input',
    block_id: blockIdOf(field.name),
    label: { type: 'plain_text', text: within(field.label, LABEL) || field.name, emoji: false },
    ...(hints === '' ? {} : { hint: { type: 'plain_text', text: within(hints, LABEL), emoji: false } }),
    optional: !field.required,
    element,
  };
  return fault === undefined ? [input] : [faultBlock(fault), input];
}

function elementOf(field: Field, value: string): { element: Element; hint?: string } {
  switch (field.kind) {
    case 'text':
      return textElement(field, value);
    case 'number':
      return { element: numberElement(field, value), ...numberHint(field) };
    case 'choice':
      return choiceElement(field, value);
  }
}

function textElement(field: Of<'text'>, value: string): { element: Element; hint?: string } {
  const longest = Math.min(INPUT_MOST, field.maxLength);
  // A value that does not fit is left out whole: half a value would be taken for all of it.
  const fits = [...value].length <= longest;
  const { minLength } = field;
  return {
    element: {
      type: 'plain_text_input',
      action_id: ACTION,
      multiline: field.multiline,
      max_length: longest,
      ...(minLength === undefined || minLength > longest ? {} : { min_length: minLength }),
      ...(fits && value !== '' ? { initial_value: clean(value) } : {}),
    },
    ...(fits ? {} : { hint: 'The value of now is too long for Slack: change it on the web page.' }),
  };
}

function numberElement(field: Of<'number'>, value: string): Element {
  const { minimum, maximum } = field;
  const text = value.trim();
  const inside = NUMBER.test(text) && Number(text) >= (minimum ?? -Infinity) && Number(text) <= (maximum ?? Infinity);
  return {
    type: 'number_input',
    action_id: ACTION,
    is_decimal_allowed: true,
    ...bound('min_value', minimum),
    ...bound('max_value', maximum),
    ...(inside ? { initial_value: text } : {}),
  };
}

/** Slack reads no exponents. */
function bound(name: 'min_value' | 'max_value', value: number | undefined): Record<string, string> {
  return value !== undefined && NUMBER.test(String(value)) ? { [name]: String(value) } : {};
}

function numberHint({ unit, minimum, maximum }: Of<'number'>): { hint?: string } {
  const range =
    minimum !== undefined && maximum !== undefined
      ? `From ${minimum} to ${maximum}`
      : maximum !== undefined
        ? `At most ${maximum}`
        : minimum !== undefined
          ? `At least ${minimum}`
          : '';
  const hint = [range, unit].filter((one) => one !== undefined && one !== '').join(' ');
  return hint === '' ? {} : { hint: `${hint}.` };
}

function choiceElement(field: Of<'choice'>, value: string): { element: Element; hint?: string } {
  const { options } = field;
  const tooLong = options.some((one) => one.value.length > OPTION);
  if (options.length === 0 || options.length > OPTIONS_MOST || tooLong) return typedChoice(field, value);
  const asOption = (one: { value: string; label: string }) => ({
    text: {
      type: 'plain_text' as const,
      text: within(one.label, OPTION) || within(one.value, OPTION) || '-',
      emoji: false,
    },
    value: one.value === '' ? EMPTY : one.value,
  });
  const initial = options.find((one) => one.value === value);
  return {
    element: {
      type: 'static_select',
      action_id: ACTION,
      options: options.map(asOption),
      ...(initial === undefined ? {} : { initial_option: asOption(initial) }),
    },
  };
}

/** Values that no menu of Slack holds are typed; the gate checks them either way. */
function typedChoice(field: Of<'choice'>, value: string): { element: Element; hint?: string } {
  const hint = `One of: ${field.options.map((one) => one.value).join('; ')}`;
  const { kind: _, options: __, ...common } = field;
  const element = textElement({ ...common, kind: 'text', maxLength: INPUT_MOST, multiline: true }, value);
  return { hint: within(hint, LABEL / 2), ...element };
}

function asSentence(text: string): string {
  return /[.?…]$/.test(text) ? text : `${text}.`;
}

function within(text: string, most: number): string {
  const points = [...clean(text)];
  return points.length <= most ? points.join('') : `${points.slice(0, most - 1).join('')}…`;
}
