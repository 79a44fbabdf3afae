import type { ModalView } from '@slack/types';
import type { Action, Card, Tone } from '../../src/domain/card.js';
import type { ClickPreview } from '../../src/domain/decision.js';
import type { Carried } from './action-ids.js';

/** `view.state.values` of a submission: by block id, then by action id. */
export type FormState = Record<
  string,
  Record<string, { value?: string | null; selected_option?: { value?: string } | null }>
>;

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

/** The form of one button as a modal; `callback_id` is `VIEW.form`. */
export declare function formView(args: FormViewArgs): ModalView;

/** What was typed: `words` is the field of that name, `values` all others by field name. */
export declare function readForm(values: FormState): { words: string; values: Record<string, string> };

/** Faults by field name as Slack's `response_action: errors` wants them: by the block id of the input. */
export declare function fieldErrors(faults: Record<string, string>): Record<string, string>;

export interface ConfirmEditArgs {
  preview: Extract<ClickPreview, { counts: true }>;
  carried: Carried;
  /** The action whose form was filled: its fields are shown again when the values are too long to be carried. */
  action: Action;
  words?: string;
  values: Record<string, string>;
}

/** The edit as a diff, to be confirmed; `callback_id` is `VIEW.confirmEdit`. Read it back with `readConfirmed`. */
export declare function confirmEditView(args: ConfirmEditArgs): ModalView;

/** What a confirmed edit carries; undefined for what is not ours. */
export declare function readConfirmed(
  privateMetadata: string | undefined,
  state: FormState,
): { carried: Carried; words: string; values: Record<string, string> } | undefined;

/** What a click or a command is answered with; `callback_id` is `VIEW.answer`. */
export declare function answerView(args: { title: string; text: string; tone: Tone }): ModalView;

/** Opened at once, as a trigger lives for three seconds; replaced by `views.update`. */
export declare function loadingView(title: string): ModalView;

/** An incident opened by hand; `callback_id` is `VIEW.openAlert`, fields `title`, `text`, `severity`, `dag`, `table`. */
export declare function openAlertView(args?: {
  draft?: Record<string, string>;
  faults?: Record<string, string>;
  /** The caller's own, at most 3000 characters. */
  metadata?: string;
}): ModalView;
