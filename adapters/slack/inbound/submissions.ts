import type { ModalView } from '@slack/types';
import type { Click, ClickAnswer, ClickPreview } from '../../../src/domain/decision.js';
import { jobId, within } from '../../../src/domain/gesture.js';
import { answerWords, CARD_TOO_OLD, SEND_AGAIN, TRY_AGAIN } from '../../../src/domain/talk.js';
import { type Carried, readCarried, VIEW } from '../action-ids.js';
import { alertFromText } from '../alert-text.js';
import {
  answerView,
  confirmEditView,
  type FormState,
  fieldErrors,
  loadingView,
  readConfirmed,
  readForm,
} from '../modals.js';
import { sayReply } from '../replies.js';
import { type Checked, checkedEditView, checkForm, type Filled } from './check-form.js';
import type { Inbound } from './context.js';
import type { ChatJob, Where } from './job.js';
import type { ViewPayload, ViewSubmission } from './payloads.js';
import { UNKNOWN_PERSON } from './texts.js';

/** What a submission is acknowledged with; nothing closes the form. */
export type SubmissionAnswer =
  | undefined
  | { response_action: 'errors'; errors: Record<string, string> }
  | { response_action: 'update' | 'push'; view: ModalView };

/** The projection is in memory, so this is plenty. It is not for Slack itself, which may take seconds to say who somebody is. */
const CHECKED_WITHIN_MS = 120;

/** A form that was sent: checked while the person waits, recorded by the worker. */
export async function onSubmission(inbound: Inbound, payload: ViewSubmission): Promise<SubmissionAnswer> {
  const { view } = payload;
  switch (view.callback_id) {
    case VIEW.form:
      return onForm(inbound, payload);
    case VIEW.confirmEdit:
      return onConfirmed(inbound, payload);
    case VIEW.openAlert:
      return onOpenAlert(inbound, payload);
    case VIEW.answer:
    case VIEW.detail:
      return undefined;
    default:
      return told('Not counted', CARD_TOO_OLD);
  }
}

async function onForm(inbound: Inbound, payload: ViewSubmission): Promise<SubmissionAnswer> {
  const carried = readCarried(payload.view.private_metadata);
  if (carried?.verdict === undefined) return told('Not counted', CARD_TOO_OLD);
  const filled: Filled = { carried: { ...carried, verdict: carried.verdict }, ...readForm(stateOf(payload.view)) };
  const checking = checkForm(inbound, payload.user.id, clickOf(payload, filled));
  const checked = await within(CHECKED_WITHIN_MS, checking);
  if (checked?.who === 'nobody') return told('Not counted', UNKNOWN_PERSON);
  if (carried.verdict === 'modify') return onEdit(inbound, payload, filled, checked ?? checking);
  if (checked?.preview.counts === false) {
    const faults = faultsIn(payload.view, checked.preview.answer);
    if (faults !== undefined) return faults;
  }
  return record(inbound, payload, filled, checked?.preview);
}

/** An edit is shown as a diff before it counts; where that takes longer than the form can wait, in a view that follows it. */
async function onEdit(
  inbound: Inbound,
  payload: ViewSubmission,
  filled: Filled,
  checked: Exclude<Checked, { who: 'nobody' }> | Promise<Checked>,
): Promise<SubmissionAnswer> {
  if (checked instanceof Promise) {
    inbound.background(showEdit(inbound, payload, filled, checked));
    return { response_action: 'update', view: loadingView('One moment') };
  }
  const { preview, found } = checked;
  if (!preview.counts) return faultsIn(payload.view, preview.answer) ?? record(inbound, payload, filled, preview);
  if (found === undefined) return again(payload.view, SEND_AGAIN);
  return { response_action: 'update', view: confirmEditView({ preview, action: found.action, ...filled }) };
}

async function showEdit(
  inbound: Inbound,
  payload: ViewSubmission,
  filled: Filled,
  checking: Promise<Checked>,
): Promise<void> {
  const checked = await checking.catch(() => undefined);
  // What no better words would help is the gate's to refuse, and its answer comes into this view by itself.
  if (checked !== undefined && isRefused(checked)) return void (await record(inbound, payload, filled, undefined));
  const notSent = answerView({ title: 'Not sent', text: SEND_AGAIN, tone: 'bad' });
  const view = checked === undefined ? notSent : checkedEditView(filled, checked);
  await inbound.answers.show(whereOf(payload, filled.carried), view, sayReply(SEND_AGAIN));
}

function isRefused(checked: Checked): boolean {
  return checked.who === 'somebody' && !checked.preview.counts && checked.preview.answer.outcome !== 'invalid';
}

async function onConfirmed(inbound: Inbound, payload: ViewSubmission): Promise<SubmissionAnswer> {
  const confirmed = readConfirmed(payload.view.private_metadata, stateOf(payload.view));
  const verdict = confirmed?.carried.verdict;
  if (confirmed === undefined || verdict === undefined) return told('Not counted', CARD_TOO_OLD);
  return record(inbound, payload, { ...confirmed, carried: { ...confirmed.carried, verdict } }, undefined);
}

/** Into the inbox; the view says what is known by now, and the worker puts the gate's own answer there. */
async function record(
  inbound: Inbound,
  payload: ViewSubmission,
  filled: Filled,
  preview: ClickPreview | undefined,
): Promise<SubmissionAnswer> {
  const { by: _, values, ...click } = { ...clickOf(payload, filled), by: undefined };
  const { incident, shownDigest: digest, verdict, words, clickId } = click;
  const where = whereOf(payload, filled.carried);
  const edit = verdict === 'modify' ? { values } : {};
  const id = jobId(
    'form',
    clickId,
    JSON.stringify([payload.view.callback_id, incident, digest, verdict, words, values]),
  );
  const kept = await put(inbound, { kind: 'decide', id, where, incident, digest, verdict, words, clickId, ...edit });
  if (!kept)
    return { response_action: 'push', view: answerView({ title: 'Not certain', text: TRY_AGAIN, tone: 'bad' }) };
  if (preview?.counts === false) {
    return { response_action: 'update', view: answerView(answerWords(preview.answer)) };
  }
  const text = 'It is being written to the log. The answer appears here and on the card.';
  return { response_action: 'update', view: answerView({ title: 'Recording', text, tone: 'working' }) };
}

function clickOf(payload: ViewSubmission, { carried, words, values }: Filled): Omit<Click, 'by'> {
  const { incident, digest, verdict } = carried;
  const clickId = `slack:${payload.user.id}:${payload.view.root_view_id ?? payload.view.id}`;
  const edit = verdict === 'modify' ? { values } : {};
  return { incident, shownDigest: digest ?? '', verdict, words, clickId, ...edit };
}

async function onOpenAlert(inbound: Inbound, payload: ViewSubmission): Promise<SubmissionAnswer> {
  const { values, words } = readForm(stateOf(payload.view));
  const said = [values['title'], values['text'] ?? words].filter((part) => part !== undefined && part.trim() !== '');
  const known = inbound.names?.();
  const context = { receivedAt: inbound.clock.now(), ...(known === undefined ? {} : { known }) };
  const { alert, author, missing } = alertFromText(said.join('\n'), payload.user.id, context);
  const severity = (['critical', 'high', 'medium', 'low'] as const).find((one) => one === values['severity']);
  const subject = { ...alert.subject, ...given('dag', values['dag']), ...given('table', values['table']) };
  const where = { ...whereOf(payload, undefined), ...channelIn(payload.view.private_metadata) };
  const id = jobId('open', payload.view.root_view_id ?? payload.view.id);
  const stillMissing = missing.filter((one) => !(one.startsWith('how severe') && severity !== undefined));
  const kept = await put(inbound, {
    kind: 'open',
    id,
    where,
    alert: { ...alert, severity: severity ?? alert.severity, subject },
    ...(author === undefined ? {} : { author }),
    missing: Object.keys(subject).length > 0 ? stillMissing.filter((one) => !one.startsWith('which')) : stillMissing,
  });
  if (!kept) return again(payload.view, TRY_AGAIN);
  const text = 'The incident is being opened. Its name appears here.';
  return { response_action: 'update', view: answerView({ title: 'Opening', text, tone: 'working' }) };
}

function given(name: string, value: string | undefined): Record<string, string> {
  const text = value?.trim().slice(0, 250) ?? '';
  return text === '' ? {} : { [name]: text };
}

/** What `/countersign open` puts into its form's metadata: where it was typed. */
function channelIn(metadata: string): { channel?: string } {
  return /^[CDG][A-Z0-9]{2,30}$/.test(metadata) ? { channel: metadata } : {};
}

function stateOf(view: ViewPayload): FormState {
  // The same shape; it was parsed with members that may be undefined.
  return (view.state?.values ?? {}) as FormState;
}

function whereOf(payload: ViewSubmission, carried: Carried | undefined): Where {
  return {
    user: payload.user.id,
    view: payload.view.id,
    ...(carried?.channel === undefined ? {} : { channel: carried.channel }),
    ...(carried?.thread === undefined ? {} : { thread: carried.thread }),
  };
}

/** Faults under their fields; undefined when the form has no field they could stand under. */
function faultsIn(view: ViewPayload, answer: ClickAnswer): SubmissionAnswer {
  if (answer.outcome !== 'invalid') return undefined;
  const fields = Object.keys(answer.fields).length === 0 ? { '': answer.text } : answer.fields;
  const errors = fieldErrors(fields, { blocks: inputIds(view).map((id) => ({ type: 'input', block_id: id })) });
  return Object.keys(errors).length === 0 ? undefined : { response_action: 'errors', errors };
}

/** The form stays as it is, with what was typed, and says why under its first field. */
function again(view: ViewPayload, text: string): SubmissionAnswer {
  const [first] = inputIds(view);
  if (first === undefined)
    return { response_action: 'push', view: answerView({ title: 'Not sent', text, tone: 'bad' }) };
  return { response_action: 'errors', errors: { [first]: text } };
}

function inputIds(view: ViewPayload): string[] {
  return view.blocks.flatMap((block) => {
    const { type, block_id: id } = (block ?? {}) as { type?: unknown; block_id?: unknown };
    return type === 'input' && typeof id === 'string' ? [id] : [];
  });
}

function told(title: string, text: string): SubmissionAnswer {
  return { response_action: 'update', view: answerView({ title, text, tone: 'bad' }) };
}

async function put(inbound: Inbound, job: ChatJob): Promise<boolean> {
  try {
    await inbound.inbox.put(job);
    return true;
  } catch (error) {
    inbound.processLog.error({ error }, 'a form could not be put into the inbox');
    return false;
  }
}
