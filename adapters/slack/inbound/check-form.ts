import type { ModalView } from '@slack/types';
import type { Click, ClickPreview, Verdict } from '../../../src/domain/decision.js';
import { actionIn, type Found } from '../../../src/domain/gesture.js';
import { answerWords, SEND_AGAIN } from '../../../src/domain/talk.js';
import type { Carried } from '../action-ids.js';
import { answerView, confirmEditView, formView } from '../modals.js';
import type { Inbound } from './context.js';
import { UNKNOWN_PERSON } from './texts.js';

/** A form as it was sent. */
export interface Filled {
  carried: Carried & { verdict: Verdict };
  words: string;
  values: Record<string, string>;
}

/** What is known of a form before it counts. */
export type Checked = { who: 'nobody' } | { who: 'somebody'; preview: ClickPreview; found: Found | undefined };

/** Whoever opened the form was asked for then, and is asked for again when it counts: the check in between needs no newer answer. */
const FORM_LIFE_MS = 15 * 60_000;

/** Who sent it, and what the gate would say. @throws AppError when Slack or the log is away. */
export async function checkForm(inbound: Inbound, user: string, click: Omit<Click, 'by'>): Promise<Checked> {
  const by = await inbound.identity.personOf(user, FORM_LIFE_MS);
  if (by === undefined) return { who: 'nobody' };
  const { backend } = inbound;
  const [preview, thread] = await Promise.all([backend.preview({ ...click, by }), backend.thread(click.incident)]);
  return { who: 'somebody', preview, found: thread && actionIn(thread, click.shownDigest, click.verdict) };
}

/** The check of an edit as a view of its own, for when the form was acknowledged before it was there. */
export function checkedEditView(filled: Filled, checked: Checked): ModalView {
  if (checked.who === 'nobody') return answerView({ title: 'Not counted', text: UNKNOWN_PERSON, tone: 'bad' });
  const { preview, found } = checked;
  if (!preview.counts) return refusedView(filled, preview.answer, found);
  if (found === undefined) return answerView({ title: 'Not sent', text: SEND_AGAIN, tone: 'bad' });
  return confirmEditView({ preview, action: found.action, ...filled });
}

/** Why it did not count: above the form and what was typed, where better words would help; else by itself. */
export function refusedView(
  { carried, words, values }: Filled,
  answer: Extract<ClickPreview, { counts: false }>['answer'],
  found: Found | undefined,
): ModalView {
  if (answer.outcome !== 'invalid' || found?.action.form === undefined) return answerView(answerWords(answer));
  const faults = Object.keys(answer.fields).length === 0 ? { '': answer.text } : answer.fields;
  return formView({ ...found, carried, faults, draft: { ...values, words } });
}
