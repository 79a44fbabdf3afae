import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { OPEN_ALERT } from '../../src/domain/alert-form.js';
import type { Action, Card, Tone } from '../../src/domain/card.js';
import type { ClickPreview } from '../../src/domain/decision.js';
import type { Form } from '../../src/domain/form.js';
import { Carried, carried as carriedText, VIEW } from './action-ids.js';
import { essentialBlocks, titleBlock } from './card-blocks.js';
import { diffLines } from './diff-lines.js';
import { blockIdOf, faultBlocks, fieldBlocks, fieldOf, INPUT_ACTION, valueIn } from './form-inputs.js';
import { withLocalTimes } from './local-times.js';
import { code, inPieces, line, rich, said, shortened, TEXT_MAX, toneIcon } from './text.js';
import { modal } from './view-frame.js';

export interface FormViewArgs {
  action: Action;
  /** Travels in `private_metadata`: incident, digest, verdict, card, channel, thread. */
  carried: Carried;
  /** The card that is decided on; its essentials stand above the form. */
  card?: Card;
  /** What is wrong, by field name. */
  faults?: Record<string, string>;
  /** What was typed so far, by field name (`words` too). */
  draft?: Record<string, string>;
}

const ESSENTIALS_ROOM = 6000;

/** The form of one button as a modal; `callback_id` is `VIEW.form`. A fault of no field stands above the form. */
export function formView(args: FormViewArgs): ModalView {
  const { action, carried, card, faults = {}, draft = {} } = args;
  const form = formOf(action);
  const { above, below } = card === undefined ? { above: [], below: [] } : essentialBlocks(card, ESSENTIALS_ROOM);
  const title = card === undefined ? [] : [titleBlock(card)];
  const timed = (blocks: KnownBlock[]): KnownBlock[] =>
    card?.at === undefined ? blocks : withLocalTimes(blocks, card.at);
  return modal({
    callback: VIEW.form,
    title: form.title,
    submit: form.submit,
    metadata: carriedText(carried),
    blocks: [
      ...timed([...title, ...above]),
      ...(card === undefined ? [] : [divider()]),
      ...faultBlocks(form, faults),
      ...fieldBlocks(form, draft, faults),
      ...(below.length === 0 ? [] : [divider(), ...timed(below)]),
    ],
  });
}

/** A button without a form of its own is asked nothing. */
function formOf({ form, label }: Action): Form {
  return form ?? { title: label, submit: label, fields: [] };
}

export interface ConfirmEditArgs {
  preview: Extract<ClickPreview, { counts: true }>;
  carried: Carried;
  /** The action whose form was filled: its fields are shown again when the values are too long to be carried. */
  action: Action;
  words?: string;
  values: Record<string, string>;
}

const DIFF_ROOM = 2800;

/**
 * The edit as a diff, to be confirmed; `callback_id` is `VIEW.confirmEdit`. The values travel in `private_metadata`, or, where it
 * has no room for them, in the form's own inputs once more. Read it back with `readConfirmed`.
 */
export function confirmEditView({ preview, carried, action, words = '', values }: ConfirmEditArgs): ModalView {
  const packed = JSON.stringify({ ...carried, words, values });
  const fits = packed.length <= TEXT_MAX;
  const form = formOf(action);
  const again: KnownBlock[] = fits
    ? []
    : [
        rich(line(said('What you entered. What stands here is what is sent.', { bold: true }))),
        ...fieldBlocks(form, { ...values, words }, {}),
      ];
  return modal({
    callback: VIEW.confirmEdit,
    title: 'Confirm the change',
    submit: form.submit,
    metadata: fits ? packed : carriedText(carried),
    blocks: [...editBlocks(preview), ...again],
  });
}

function editBlocks({ text, edit }: ConfirmEditArgs['preview']): KnownBlock[] {
  const told = rich(line(said(shortened(text, DIFF_ROOM, 'the web page'))));
  if (edit === undefined) return [told];
  const lines = diffLines(edit.before, edit.after)
    .map((one) => one.text)
    .join('\n');
  return [
    told,
    rich(line(said('What changes', { bold: true })), code(shortened(lines, DIFF_ROOM, 'the web page'))),
    rich(line(said('Risk after the change: ', { bold: true }), said(shortened(edit.risk, DIFF_ROOM, 'the web page')))),
  ];
}

/** What a click or a command is answered with; `callback_id` is `VIEW.answer`. */
export function answerView({ title, text, tone }: { title: string; text: string; tone: Tone }): ModalView {
  const [first = '', ...more] = inPieces(text, 2800).slice(0, 4);
  return modal({
    callback: VIEW.answer,
    title,
    close: 'Close',
    blocks: [rich(line(...toneIcon(tone), said(first))), ...more.map((piece) => rich(line(said(piece))))],
  });
}

/** Opened at once, as a trigger lives for three seconds; replaced by `views.update`. */
export function loadingView(title: string): ModalView {
  return modal({ callback: VIEW.answer, title, close: 'Close', blocks: [rich(line(said('Reading the log.')))] });
}

export interface OpenAlertArgs {
  draft?: Record<string, string>;
  faults?: Record<string, string>;
  /** The caller's own, at most 3000 characters. */
  metadata?: string;
}

/** An incident opened by hand; `callback_id` is `VIEW.openAlert`, fields `title`, `text`, `severity`, `dag`, `table`. */
export function openAlertView({ draft = {}, faults = {}, metadata }: OpenAlertArgs = {}): ModalView {
  return modal({
    callback: VIEW.openAlert,
    title: OPEN_ALERT.title,
    submit: OPEN_ALERT.submit,
    ...(metadata === undefined ? {} : { metadata }),
    blocks: [...faultBlocks(OPEN_ALERT, faults), ...fieldBlocks(OPEN_ALERT, draft, faults)],
  });
}

function divider(): KnownBlock {
  return { type: 'divider' };
}

/** `view.state.values` of a submission: by block id, then by action id. */
export type FormState = Record<
  string,
  Record<string, { value?: string | null; selected_option?: { value?: string } | null }>
>;

export interface FormAnswer {
  words: string;
  values: Record<string, string>;
}

/** What was typed: `words` is the field of that name, `values` all others by field name. */
export function readForm(state: FormState): FormAnswer {
  const values: Record<string, string> = {};
  for (const [block, inputs] of Object.entries(state)) {
    const name = fieldOf(block);
    const input = inputs[INPUT_ACTION];
    if (name !== undefined && input !== undefined) values[name] = valueIn(input);
  }
  const { words = '', ...others } = values;
  return { words, values: others };
}

/**
 * Faults by field name as Slack's `response_action: errors` wants them: by the block id of the input. Slack refuses the whole answer
 * when it names a block that is no input of the view, so with `view` a fault of no field goes to the first input.
 */
export function fieldErrors(
  faults: Record<string, string>,
  view?: { blocks: readonly { type: string; block_id?: string }[] },
): Record<string, string> {
  const inputs = view?.blocks.flatMap((block) => (block.type === 'input' ? (block.block_id ?? []) : []));
  const errors: Record<string, string> = {};
  for (const [name, fault] of Object.entries(faults)) {
    const own = blockIdOf(name);
    const block = inputs === undefined || inputs.includes(own) ? own : inputs[0];
    if (block !== undefined) errors[block] = [errors[block], fault].filter((one) => one !== undefined).join(' ');
  }
  return errors;
}

/** What `confirmEditView` puts into `private_metadata`, bounded by Slack's 3000 characters. */
const Packed = z.strictObject({
  ...Carried.shape,
  words: z.string().max(3000).optional(),
  values: z.record(z.string().max(250), z.string().max(3000)).optional(),
});

/** What a confirmed edit carries; undefined for what is not ours. */
export function readConfirmed(
  privateMetadata: string | undefined,
  state: FormState,
): ({ carried: Carried } & FormAnswer) | undefined {
  try {
    const read = Packed.safeParse(JSON.parse(privateMetadata ?? '')).data;
    if (read === undefined) return undefined;
    const { words, values, ...carried } = read;
    return { carried, ...(values === undefined ? readForm(state) : { words: words ?? '', values }) };
  } catch {
    return undefined;
  }
}
