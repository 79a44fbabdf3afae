import type { ModalView } from '@slack/types';
import type { Click as Gesture, Verdict } from '../../../src/domain/decision.js';
import { ACTION, type Carried, readCarried } from '../action-ids.js';
import { detailView, evidenceDigests } from '../detail-views.js';
import { slackError } from '../errors.js';
import { answerView, formView, loadingView } from '../modals.js';
import { sayReply } from '../replies.js';
import { actionIn, type Found } from './check-form.js';
import { type Inbound, within } from './context.js';
import { promiseForm } from './form-watch.js';
import { isInVain } from './in-vain.js';
import { jobId, type Where } from './job.js';
import { type BlockActions, threadIn } from './payloads.js';
import { CARD_TOO_OLD, NOTHING_TO_SEE, OPENED_LATE, TRY_AGAIN } from './texts.js';

type Pressed = BlockActions['actions'][number];

/** A click as its listener sees it. */
interface Click {
  payload: BlockActions;
  pressed: Pressed;
  where: Where;
  carried: Carried;
}

type Ack = () => Promise<void>;

const VERDICT: Record<string, Verdict> = {
  [ACTION.approve]: 'approve',
  [ACTION.modify]: 'modify',
  [ACTION.reject]: 'reject',
};
const DETAIL: Record<string, 'trace' | 'evidence' | 'all'> = {
  [ACTION.showTrace]: 'trace',
  [ACTION.showEvidence]: 'evidence',
  [ACTION.showAll]: 'all',
  [ACTION.openThread]: 'all',
};

/** The projection is in memory, so this is plenty; a trigger lives for three seconds. */
const THREAD_WITHIN_MS = 600;

/** Every button and input of our messages and views; acknowledges as soon as what was clicked is safe. */
export async function onClick(inbound: Inbound, payload: BlockActions, ack: Ack): Promise<void> {
  for (const pressed of payload.actions) {
    const where = whereOf(payload);
    // A button that is a link has done its work already.
    if (pressed.url !== undefined) continue;
    const carried = readCarried(pressed.value ?? undefined);
    if (carried === undefined) await tellLater(inbound, where, CARD_TOO_OLD);
    else await answer(inbound, { payload, pressed, where: { ...where, ...wayBack(carried, where) }, carried });
  }
  await ack();
}

function whereOf({ user, container, channel, message, view, response_url: responseUrl }: BlockActions): Where {
  // An ephemeral message comes without a copy of itself, and nothing can be written below it.
  const thread = message == null ? container?.thread_ts : threadIn(message);
  const at = channel?.id ?? container?.channel_id;
  return {
    user: user.id,
    ...(at === undefined ? {} : { channel: at }),
    ...(thread === undefined ? {} : { thread }),
    ...(responseUrl === undefined ? {} : { responseUrl }),
    ...(view?.type === 'modal' ? { view: view.id } : {}),
  };
}

/** From within a view or an ephemeral message the place is known only by what the button carries. */
function wayBack({ channel, thread }: Carried, where: Where): Partial<Where> {
  const sameChannel = where.channel === undefined || where.channel === channel;
  return {
    ...(where.channel === undefined && channel !== undefined ? { channel } : {}),
    ...(where.thread === undefined && sameChannel && thread !== undefined ? { thread } : {}),
  };
}

async function answer(inbound: Inbound, click: Click): Promise<void> {
  const { action_id: id } = click.pressed;
  const verdict = Object.hasOwn(VERDICT, id) ? VERDICT[id] : undefined;
  if (verdict !== undefined) return decideOrAsk(inbound, click, verdict);
  const detail = Object.hasOwn(DETAIL, id) ? DETAIL[id] : undefined;
  if (detail !== undefined) return void inbound.background(openDetail(inbound, click, detail));
  if (id === ACTION.page) return void inbound.background(turnPage(inbound, click));
  if (id === ACTION.grant && click.carried.question !== undefined) return putGrant(inbound, click);
  await tellLater(inbound, click.where, CARD_TOO_OLD);
}

/** With a form it is opened; without one the click itself is the decision. What is not sure is left to the gate, which knows. */
async function decideOrAsk(inbound: Inbound, click: Click, verdict: Verdict): Promise<void> {
  const read = inbound.backend.thread(click.carried.incident).then((thread) => ({
    found: thread && actionIn(thread, click.carried.digest, verdict),
  }));
  const known = await within(THREAD_WITHIN_MS, read);
  const due = { gesture: gestureId(click), where: click.where };
  const found = known?.found;
  if (found?.action.form !== undefined) await promiseForm(inbound, due, () => openForm(inbound, click, verdict, found));
  else if (known === undefined) await promiseForm(inbound, due, () => openLater(inbound, click, verdict, read));
  else await putDecision(inbound, click, verdict, click.where);
}

function formOf(click: Click, verdict: Verdict, { card, action }: Found): ModalView {
  return formView({ action, card, carried: carriedOn(click, verdict) });
}

/** Whom no words would help hears why at once, instead of after a form was filled in. */
async function openForm(inbound: Inbound, click: Click, verdict: Verdict, found: Found): Promise<void> {
  if (await isInVain(inbound, click.where.user, gestureOf(click, verdict)))
    await putDecision(inbound, click, verdict, click.where);
  else await open(inbound, click, formOf(click, verdict, found));
}

/** The trigger is used up at once; what it opened is filled when the card is there. */
async function openLater(
  inbound: Inbound,
  click: Click,
  verdict: Verdict,
  read: Promise<{ found: Found | undefined }>,
): Promise<void> {
  const view = await open(inbound, click, loadingView('One moment'));
  if (view === undefined) return;
  const where = { ...click.where, view };
  const known = await read.catch(() => undefined);
  if (known === undefined) await tell(inbound, where, TRY_AGAIN);
  else if (known.found?.action.form === undefined) await putDecision(inbound, click, verdict, where);
  else if (await isInVain(inbound, where.user, gestureOf(click, verdict)))
    await putDecision(inbound, click, verdict, where);
  else await inbound.answers.show(where, formOf(click, verdict, known.found), sayReply(OPENED_LATE));
}

function carriedOn({ carried, where }: Click, verdict: Verdict): Carried {
  const { incident, digest, card } = carried;
  return {
    incident,
    verdict,
    ...(digest === undefined ? {} : { digest }),
    ...(card === undefined ? {} : { card }),
    ...(where.channel === undefined ? {} : { channel: where.channel }),
    ...(where.thread === undefined ? {} : { thread: where.thread }),
  };
}

async function putDecision(inbound: Inbound, click: Click, verdict: Verdict, where: Where): Promise<void> {
  const { incident, shownDigest: digest, clickId } = gestureOf(click, verdict);
  const job = { kind: 'decide' as const, id: jobId('decide', clickId), where, incident, digest, verdict };
  await put(inbound, where, () => inbound.inbox.put({ ...job, words: '', clickId }));
}

function gestureOf(click: Click, verdict: Verdict): Omit<Gesture, 'by' | 'words'> {
  const { incident, digest = '' } = click.carried;
  return { incident, shownDigest: digest, verdict, clickId: gestureId(click) };
}

/** Two presses are two gestures; one press delivered twice is one. */
function gestureId({ payload, pressed, where }: Click): string {
  const surface = payload.view?.id ?? payload.message?.ts ?? payload.container?.message_ts ?? '';
  return `slack:${where.user}:${where.channel ?? ''}:${surface}:${pressed.action_id}:${pressed.action_ts}`.slice(
    0,
    200,
  );
}

async function putGrant(inbound: Inbound, click: Click): Promise<void> {
  const ref = gestureId(click);
  const grant = offeredGrant(inbound.maxGrant());
  const { incident, question = '' } = click.carried;
  const { where } = click;
  if (grant === 0) return tellLater(inbound, where, 'Not asked: the policy allows no calls beyond the investigation.');
  await put(inbound, where, () =>
    inbound.inbox.put({ kind: 'grant', id: jobId('grant', ref), where, incident, question, grant, ref }),
  );
}

/** What one press allows; more can be asked for in words. */
export function offeredGrant(maximum: number): number {
  return Math.max(0, Math.min(4, maximum));
}

/** Into the inbox, or the person hears at once that it may not be there. */
async function put(inbound: Inbound, where: Where, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    inbound.processLog.error({ error }, 'a click could not be put into the inbox');
    await tellLater(inbound, where, TRY_AGAIN);
  }
}

async function openDetail(inbound: Inbound, click: Click, detail: 'trace' | 'evidence' | 'all'): Promise<void> {
  const { carried } = click;
  const ready = await within(THREAD_WITHIN_MS, detailOf(inbound, carried, detail, 0));
  if (ready !== undefined) return void (await open(inbound, click, ready));
  const view = await open(inbound, click, loadingView('One moment'));
  if (view === undefined) return;
  const late = await detailOf(inbound, carried, detail, 0);
  await inbound.answers.show({ ...click.where, view }, late, sayReply(OPENED_LATE));
}

async function turnPage(inbound: Inbound, click: Click): Promise<void> {
  const { carried, where } = click;
  const view = await detailOf(inbound, carried, carried.detail ?? 'all', carried.page ?? 0);
  await inbound.answers.show(where, view, sayReply(OPENED_LATE));
}

async function detailOf(
  inbound: Inbound,
  carried: Carried,
  detail: 'trace' | 'evidence' | 'all',
  page: number,
): Promise<ModalView> {
  const thread = await inbound.backend.thread(carried.incident);
  if (thread === undefined) return answerView({ title: 'Not found', text: NOTHING_TO_SEE, tone: 'neutral' });
  const card = carried.card === undefined ? {} : { card: carried.card };
  const digests = detail === 'trace' ? [] : evidenceDigests(thread, carried.card);
  const read = digests.map(async (digest) => [digest, await inbound.backend.observation(digest)] as const);
  // One answer that can not be read leaves its quote without its surroundings, and the others as they are.
  const texts = (await Promise.allSettled(read)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const observations = new Map(
    texts.flatMap(([digest, text]) => (text === undefined ? [] : [[digest, text] as const])),
  );
  return detailView({ thread, detail, ...card, page, observations });
}

/** @returns the view's id; undefined when it could not be opened, which the person is told. */
async function open(inbound: Inbound, click: Click, view: ModalView): Promise<string | undefined> {
  const { client } = inbound;
  const trigger = { trigger_id: click.payload.trigger_id ?? '' };
  const inModal = click.payload.view?.type === 'modal';
  try {
    const opened = inModal
      ? await client.views.push({ ...trigger, view })
      : await client.views.open({ ...trigger, view });
    return opened.view?.id;
  } catch (thrown) {
    const error = slackError(thrown);
    inbound.processLog.warn({ error }, 'a view could not be opened');
    await tell(inbound, click.where, error.kind === 'invalid_input' ? error.safeText : OPENED_LATE);
    return undefined;
  }
}

async function tell(inbound: Inbound, where: Where, text: string): Promise<void> {
  await inbound.answers.show(where, answerView({ title: 'Not counted', text, tone: 'bad' }), sayReply(text));
}

/** The acknowledgement does not wait for Slack to take the answer. */
async function tellLater(inbound: Inbound, where: Where, text: string): Promise<void> {
  const { view: _, ...beside } = where;
  inbound.background(inbound.answers.say(beside, sayReply(text)));
}
