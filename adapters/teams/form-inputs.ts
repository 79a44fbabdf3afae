import type { Field, Form } from '../../src/domain/form.js';
import { clean } from '../../src/domain/visible-text.js';
import type { CardElement, InputChoiceSet, InputNumber, InputText } from './body.js';
import { bytesOf, inert, row, run, shortened, toneIcon } from './text.js';

/** Neutral fields as inputs of a card; their ids come back beside the data of the action that sends them. */

const PREFIX = 'field.';
/** An option may be empty with us; an empty value of a choice means that nothing was chosen. */
const EMPTY = 'cs_empty';
const OPTIONS_MOST = 100;
const FIELDS_MOST = 40;
const INPUT_MOST = 3000;
const LABEL = 300;
const NUMBER = /^-?\d+(\.\d+)?$/;
/** A number with more digits would come back as another one. */
const DIGITS = 15;

type Of<K extends Field['kind']> = Extract<Field, { kind: K }>;
type InputElement = InputText | InputNumber | InputChoiceSet;

/** What stands in the inputs of a form, by field name; other data is left alone. */
export function valuesIn(data: unknown): Record<string, string> {
  const values: Record<string, string> = {};
  if (typeof data !== 'object' || data === null) return values;
  for (const [id, value] of Object.entries(data)) {
    if (!id.startsWith(PREFIX) || !['string', 'number', 'boolean'].includes(typeof value)) continue;
    const text = String(value).slice(0, INPUT_MOST + 1);
    values[id.slice(PREFIX.length, PREFIX.length + 250)] = text === EMPTY ? '' : text;
  }
  return values;
}

/** The inputs of a form, with what was typed so far and what is wrong with it, as far as there is room. */
export function fieldElements(
  form: Form,
  draft: Record<string, string>,
  faults: Record<string, string>,
  room: number,
): CardElement[] {
  const found: CardElement[] = [];
  let left = room;
  let shown = 0;
  for (const field of form.fields.slice(0, FIELDS_MOST)) {
    const elements = inputElements(field, draft[field.name], faults[field.name]);
    left -= bytesOf(elements);
    if (left < 0) break;
    found.push(...elements);
    shown += 1;
  }
  const more = form.fields.length - shown;
  if (more === 0) return found;
  return [...found, row(run(`${more} more fields can be changed on the web page only.`, { italic: true }))];
}

/** Faults that belong to no field of the form. */
export function faultElements(form: Form, faults: Record<string, string>): CardElement[] {
  const known = new Set(form.fields.map(({ name }) => name));
  return Object.entries(faults)
    .filter(([name]) => !known.has(name))
    .slice(0, 10)
    .map(([, fault]) => faultRow(fault));
}

function faultRow(fault: string): CardElement {
  return row(run(`${toneIcon('bad')}${shortened(fault, 500, 'the web page')}`, { color: 'Attention' }));
}

/** The input of a field, with what is wrong with it and the hint below. `typed` stands in it instead of the field's own value. */
function inputElements(field: Field, typed: string | undefined, fault: string | undefined): CardElement[] {
  const { input, hint } = inputOf(field, typed ?? field.value);
  const hints = [field.hint, hint].filter((one) => one !== undefined && one !== '').join(' ');
  const below = (element: CardElement): CardElement => ({ ...element, spacing: 'None' });
  return [
    input,
    ...(fault === undefined ? [] : [below(faultRow(fault))]),
    ...(hints === '' ? [] : [below(row(run(within(hints, LABEL * 3), { isSubtle: true, size: 'Small' })))]),
  ];
}

function inputOf(field: Field, value: string): { input: InputElement; hint?: string } {
  switch (field.kind) {
    case 'text':
      return textInput(field, value);
    case 'number':
      return numberInput(field, value);
    case 'choice':
      return choiceInput(field, value);
  }
}

function named(field: Field, missing: string): Pick<InputElement, 'id' | 'label' | 'isRequired' | 'errorMessage'> {
  return {
    id: `${PREFIX}${field.name}`,
    label: within(field.label, LABEL) || field.name,
    ...(field.required ? { isRequired: true } : {}),
    errorMessage: missing,
  };
}

function textInput(field: Of<'text'>, value: string): { input: InputText; hint?: string } {
  const longest = Math.min(INPUT_MOST, field.maxLength);
  // A value that does not fit is left out whole: half a value would be taken for all of it.
  const fits = [...value].length <= longest;
  const least = field.required ? Math.max(1, field.minLength ?? 1) : 0;
  return {
    input: {
      type: 'Input.Text',
      ...named(field, least > 1 ? `Write at least ${least} characters.` : 'Write something here.'),
      ...(field.multiline ? { isMultiline: true } : {}),
      maxLength: longest,
      ...(least > 1 ? { regex: `^[\\s\\S]{${least},}$` } : {}),
      ...(fits && value !== '' ? { value: clean(value) } : {}),
    },
    ...(fits ? {} : { hint: 'The value of now is too long for Teams: change it on the web page.' }),
  };
}

function numberInput(field: Of<'number'>, value: string): { input: InputNumber | InputText; hint?: string } {
  const { minimum, maximum, unit } = field;
  const text = value.trim();
  const range =
    minimum !== undefined && maximum !== undefined
      ? `From ${minimum} to ${maximum}`
      : maximum !== undefined
        ? `At most ${maximum}`
        : minimum !== undefined
          ? `At least ${minimum}`
          : '';
  const told = [range, unit].filter((one) => one !== undefined && one !== '').join(' ');
  const hint = told === '' ? {} : { hint: `${told}.` };
  if (text.length > DIGITS) {
    const { kind: _, minimum: __, maximum: ___, unit: ____, ...common } = field;
    return { ...textInput({ ...common, kind: 'text', maxLength: 100, multiline: false }, value), ...hint };
  }
  const inside = NUMBER.test(text) && Number(text) >= (minimum ?? -Infinity) && Number(text) <= (maximum ?? Infinity);
  return {
    input: {
      type: 'Input.Number',
      ...named(field, told === '' ? 'Write a number.' : `Write a number. ${told}.`),
      ...(minimum === undefined ? {} : { min: minimum }),
      ...(maximum === undefined ? {} : { max: maximum }),
      ...(inside ? { value: Number(text) } : {}),
    },
    ...hint,
  };
}

function choiceInput(field: Of<'choice'>, value: string): { input: InputElement; hint?: string } {
  const { options } = field;
  if (options.length === 0 || options.length > OPTIONS_MOST) {
    const { kind: _, options: __, ...common } = field;
    const hint = within(`One of: ${options.map((one) => one.value).join('; ')}`, LABEL * 3);
    return { hint, ...textInput({ ...common, kind: 'text', maxLength: INPUT_MOST, multiline: false }, value) };
  }
  const asValue = (text: string): string => (text === '' ? EMPTY : text);
  return {
    input: {
      type: 'Input.ChoiceSet',
      ...named(field, 'Choose one.'),
      style: 'compact',
      choices: options.map((one) => ({
        title: within(one.label || one.value, LABEL) || '-',
        value: asValue(one.value),
      })),
      ...(options.some((one) => one.value === value) ? { value: asValue(value) } : {}),
    },
  };
}

function within(text: string, most: number): string {
  const points = [...inert(text)];
  return points.length <= most ? points.join('') : `${points.slice(0, most - 1).join('')}…`;
}
