import { OPEN_ALERT } from '../../src/domain/alert-form.js';
import type { Action, Card, Tone } from '../../src/domain/card.js';
import type { ClickPreview } from '../../src/domain/decision.js';
import type { Form } from '../../src/domain/form.js';
import { code, line, said } from '../../src/domain/rich-text.js';
import { type Carried, readCarried } from './action-data.js';
import type { AdaptiveCardJson, CardAction, CardElement, TeamsDialog } from './body.js';
import { essentials } from './card-elements.js';
import { faultElements, fieldElements, valuesIn } from './form-inputs.js';
import { cardOf, dialogOf, execute, openDialog, roomBeside, submit, titleElement } from './frame.js';
import { withLocalTimes } from './local-times.js';
import { PAPER, written } from './paper.js';
import { bytesOf, shortened } from './text.js';

export interface FormArgs {
  action: Action;
  /** What every action of the form carries on: incident, message, delivery, digest, card, verdict, form. Its verb is set here. */
  carried: Carried;
  /** The card that is decided on; its essentials stand above the form. */
  card?: Card;
  /** What is wrong, by field name. One of no field stands above the form. */
  faults?: Record<string, string>;
  /** What was typed so far, by field name (`words` too). */
  draft?: Record<string, string>;
}

/** The form of one button as a dialog; it is sent as `decide`, or as `check` when it is the form of Modify. */
export function formDialog(args: FormArgs): TeamsDialog {
  const form = formOf(args.action);
  const carried = withoutTyped(args.carried);
  const send = submit(sendLabel(args.action, form), { ...carried, verb: sentAs(args.action) }, args.action.style);
  return dialogOf(form.title, cardOf({ summary: form.title, body: formElements(args), actions: [send] }));
}

/**
 * The same within the message, for the one who clicked: `decide` or `check`, `ask` in a dialog, and `cancel`. It works where dialogs
 * do not.
 */
export function formCard(args: FormArgs): AdaptiveCardJson {
  const { action } = args;
  const carried = withoutTyped(args.carried);
  const form = formOf(action);
  return cardOf({
    summary: form.title,
    body: formElements(args),
    actions: [
      execute(sendLabel(action, form), { ...carried, verb: sentAs(action) }, action.style),
      openDialog('Open as a dialog', { ...carried, verb: 'ask' }),
      back(carried),
    ],
  });
}

function formOf({ form, label }: Action): Form {
  return form ?? { title: label, submit: label, fields: [] };
}

/** An edit is seen as a diff before it counts. */
function sentAs({ verdict }: Action): 'check' | 'decide' {
  return verdict === 'modify' ? 'check' : 'decide';
}

function sendLabel({ verdict }: Action, form: Form): string {
  return verdict === 'modify' ? 'See the change' : form.submit;
}

function back(carried: Carried): CardAction {
  return { ...execute('Back to the card', { ...withoutTyped(carried), verb: 'cancel' }), associatedInputs: 'none' };
}

/** What stands in the inputs counts, not what an earlier form carried. */
function withoutTyped({ words: _, values: __, ...carried }: Carried): Carried {
  return carried;
}

const ESSENTIALS_ROOM = 9000;

function formElements({ action, card, faults = {}, draft = {} }: FormArgs): CardElement[] {
  const form = formOf(action);
  const read = card === undefined ? [] : essentials(card, ESSENTIALS_ROOM);
  const timed = card?.at === undefined ? read : withLocalTimes(read, card.at);
  const above = [...(card === undefined ? [] : [titleElement(card)]), ...timed];
  const wrong = faultElements(form, faults);
  const fields = fieldElements(form, draft, faults, roomBeside([...above, ...wrong]) - BUTTONS_ROOM);
  // What is typed stands beside the button that sends it: on a phone nothing else is in sight then.
  return [...above, ...apart([...wrong, ...fields])];
}

function apart([first, ...others]: CardElement[]): CardElement[] {
  return first === undefined ? [] : [{ ...first, separator: true, spacing: 'Medium' }, ...others];
}

/** Three buttons with all that they carry. */
const BUTTONS_ROOM = 3000;

export interface ConfirmEditArgs {
  preview: Extract<ClickPreview, { counts: true }>;
  carried: Carried;
  /** The action whose form was filled: its fields are shown again when the values are too long to be carried. */
  action: Action;
  words?: string;
  values: Record<string, string>;
}

/** The edit as a diff; `decide` confirms it, `ask` leads back to the form. `readForm` reads what was entered. */
export function confirmEditDialog(args: ConfirmEditArgs): TeamsDialog {
  const { send, again, body } = confirmation(args);
  return dialogOf(CONFIRM, cardOf({ summary: CONFIRM, body, actions: [submit(...send), submit(...again)] }));
}

export function confirmEditCard(args: ConfirmEditArgs): AdaptiveCardJson {
  const { send, again, body } = confirmation(args);
  return cardOf({
    summary: CONFIRM,
    body,
    actions: [execute(...send), execute(...again), back(args.carried)],
  });
}

const CONFIRM = 'Confirm the change';
const DIFF_ROOM = 5000;
/** What is typed travels in two buttons. */
const TYPED_ROOM = 5000;

type Button = [title: string, carried: Carried, style?: Action['style']];

/** What was entered travels with the buttons, or, where that would be too much, in the form's own inputs once more. */
function confirmation({ preview, carried, action, words = '', values }: ConfirmEditArgs): {
  send: Button;
  again: Button;
  body: CardElement[];
} {
  const form = formOf(action);
  const typed = { words, values };
  const fits = bytesOf(typed) <= TYPED_ROOM;
  const here: Carried = fits ? { ...carried, ...typed } : withoutTyped(carried);
  const edit = editElements(preview);
  const told = written([line(said('What you entered. What stands here is what is sent.', { bold: true }))]);
  return {
    send: [form.submit, { ...here, verb: 'decide' }, 'primary'],
    again: ['Change it again', { ...here, verb: 'ask' }],
    body: fits
      ? edit
      : [...edit, told, ...fieldElements(form, { ...values, words }, {}, roomBeside(edit) - BUTTONS_ROOM)],
  };
}

function editElements({ text, edit }: ConfirmEditArgs['preview']): CardElement[] {
  const short = (one: string): string => shortened(one, DIFF_ROOM, 'the web page');
  const told = written([line(said(short(text)))]);
  if (edit === undefined) return [told];
  const lines = PAPER.diffLines(edit.before, edit.after)
    .map((one) => one.text)
    .join('\n');
  return [
    told,
    written([line(said('What changes', { bold: true })), code(short(lines))]),
    written([line(said('Risk after the change: ', { bold: true }), said(short(edit.risk)))]),
  ];
}

export interface AnswerArgs {
  title: string;
  text: string;
  tone: Tone;
}

const ANSWER_ROOM = 6000;

function answerElements({ title, text, tone }: AnswerArgs): CardElement[] {
  return [titleElement({ title, tone }), written([line(said(shortened(text, ANSWER_ROOM, 'the web page')))])];
}

/** The core's own words often begin with what is the title here. */
function answerSummary({ title, text }: AnswerArgs): string {
  return text.startsWith(title) ? text : `${title}: ${text}`;
}

/** What a click or a command is answered with, in a dialog. */
export function answerDialog(args: AnswerArgs): TeamsDialog {
  return dialogOf(args.title, cardOf({ summary: answerSummary(args), body: answerElements(args) }));
}

export interface AnswerCardArgs extends AnswerArgs {
  /** Below the answer: the message as it is now (`messageNow(...)?.card`). */
  under?: AdaptiveCardJson | undefined;
  /** The buttons of `under` go, e.g. while a decision is being recorded; what is carried leads back to the card as it is then. */
  instead?: Carried | undefined;
}

/** The same within the message, for the one who clicked. */
export function answerCard(args: AnswerCardArgs): AdaptiveCardJson {
  const { under, instead } = args;
  const answer = answerElements(args);
  const actions = instead === undefined ? (under?.actions ?? []) : [refreshButton(instead)];
  // Beside a card that is full already the answer stands alone; the way back shows the card.
  const fits = under !== undefined && bytesOf(under.body) <= roomBeside(answer, actions);
  const below = fits ? under.body.map((one, at) => (at === 0 ? { ...one, separator: true as const } : one)) : [];
  return cardOf({
    summary: answerSummary(args),
    body: [...answer, ...below],
    actions,
    entities: fits ? (under.msteams.entities ?? []) : [],
  });
}

function refreshButton(carried: Carried): CardAction {
  return execute('Show the card as it is now', { ...withoutTyped(carried), verb: 'cancel' });
}

export interface OpenAlertArgs {
  draft?: Record<string, string>;
  faults?: Record<string, string>;
  /** Travels in `origin`, at most 2000 characters. */
  origin?: string;
}

/** An incident opened by hand; it is sent as `investigate`, fields `title`, `text`, `severity`, `dag`, `table`. */
export function openAlertDialog(args: OpenAlertArgs = {}): TeamsDialog {
  const { title } = OPEN_ALERT;
  const send = submit(OPEN_ALERT.submit, investigate(args), 'primary');
  return dialogOf(title, cardOf({ summary: title, body: openAlertElements(args), actions: [send] }));
}

/** The same as a message, where there are no dialogs. */
export function openAlertCard(args: OpenAlertArgs = {}): AdaptiveCardJson {
  const send = execute(OPEN_ALERT.submit, investigate(args), 'primary');
  return cardOf({ summary: OPEN_ALERT.title, body: openAlertElements(args), actions: [send] });
}

function investigate({ origin }: OpenAlertArgs): Carried {
  return { verb: 'investigate', incident: '', ...(origin === undefined ? {} : { origin }) };
}

function openAlertElements({ draft = {}, faults = {} }: OpenAlertArgs): CardElement[] {
  return [
    titleElement({ title: OPEN_ALERT.title, tone: 'neutral' }),
    ...faultElements(OPEN_ALERT, faults),
    ...fieldElements(OPEN_ALERT, draft, faults, roomBeside([]) - BUTTONS_ROOM),
  ];
}

export interface FormAnswer {
  words: string;
  values: Record<string, string>;
}

/** What was typed: `words` is the field of that name, `values` all others by field name. For a confirmed edit what it carries. */
export function readForm(data: unknown): FormAnswer {
  const carried = readCarried(data);
  if (carried?.values !== undefined) return { words: carried.words ?? '', values: carried.values };
  const { words = '', ...values } = valuesIn(data);
  return { words, values };
}
