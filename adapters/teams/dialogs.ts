import type { Action, Card, Tone } from '../../src/domain/card.js';
import type { ClickPreview } from '../../src/domain/decision.js';
import type { Carried } from './action-data.js';
import type { AdaptiveCardJson, TeamsDialog } from './body.js';

export interface FormArgs {
  action: Action;
  /** What every action of the form carries on: incident, message, delivery, digest, card, verdict, form. Its verb is set here. */
  carried: Carried;
  /** The card that is decided on; its essentials stand around the form. */
  card?: Card;
  /** What is wrong, by field name. One of no field stands above the form. */
  faults?: Record<string, string>;
  /** What was typed so far, by field name (`words` too). */
  draft?: Record<string, string>;
}

/** The form of one button as a dialog; it is sent as `decide`, or as `check` when it is the form of Modify. */
export function formDialog(_args: FormArgs): TeamsDialog {
  throw new Error('being written');
}

/**
 * The same within the message, for the one who clicked: `decide` or `check`, `ask` in a dialog, and `cancel`. It works where dialogs
 * do not.
 */
export function formCard(_args: FormArgs): AdaptiveCardJson {
  throw new Error('being written');
}

export interface ConfirmEditArgs {
  preview: Extract<ClickPreview, { counts: true }>;
  carried: Carried;
  /** The action whose form was filled: its fields are shown again when the values are too long to be carried. */
  action: Action;
  words?: string;
  values: Record<string, string>;
}

/** The edit as a diff; `decide` confirms it, `ask` leads back to the form. `readForm` reads what was entered. */
export function confirmEditDialog(_args: ConfirmEditArgs): TeamsDialog {
  throw new Error('being written');
}

export function confirmEditCard(_args: ConfirmEditArgs): AdaptiveCardJson {
  throw new Error('being written');
}

export interface AnswerArgs {
  title: string;
  text: string;
  tone: Tone;
}

/** What a click or a command is answered with, in a dialog. */
export function answerDialog(_args: AnswerArgs): TeamsDialog {
  throw new Error('being written');
}

export interface AnswerCardArgs extends AnswerArgs {
  /** Below the answer: the message as it is now (`messageNow(...)?.card`). */
  under?: AdaptiveCardJson | undefined;
  /** The buttons of `under` go, e.g. while a decision is being recorded; what is carried leads back to the card as it is then. */
  instead?: Carried | undefined;
}

/** The same within the message, for the one who clicked. */
export function answerCard(_args: AnswerCardArgs): AdaptiveCardJson {
  throw new Error('being written');
}

export interface OpenAlertArgs {
  draft?: Record<string, string>;
  faults?: Record<string, string>;
  /** Travels in `origin`, at most 2000 characters. */
  origin?: string;
}

/** An incident opened by hand; it is sent as `investigate`, fields `title`, `text`, `severity`, `dag`, `table`. */
export function openAlertDialog(_args: OpenAlertArgs = {}): TeamsDialog {
  throw new Error('being written');
}

/** The same as a message, where there are no dialogs. */
export function openAlertCard(_args: OpenAlertArgs = {}): AdaptiveCardJson {
  throw new Error('being written');
}

export interface FormAnswer {
  words: string;
  values: Record<string, string>;
}

/** What was typed: `words` is the field of that name, `values` all others by field name. For a confirmed edit what it carries. */
export function readForm(_data: unknown): FormAnswer {
  throw new Error('being written');
}
