import type { Click, Person, Verdict } from '../../../src/domain/decision.js';
import { actionIn, type Found, isInVain, jobId, within } from '../../../src/domain/gesture.js';
import { CARD_TOO_OLD, offeredGrant, SEND_AGAIN } from '../../../src/domain/talk.js';
import type { Carried } from '../action-data.js';
import { readForm } from '../dialogs.js';
import type { Inbound } from './context.js';
import { detailReply } from './details.js';
import type { TeamsJob, Where } from './job.js';
import { investigateReply } from './open-alert.js';
import { answered, type Pressed, withText, words, worked } from './pressed.js';
import type { Reply } from './reply.js';
import { NOT_READ, RECORDING, WORKING } from './texts.js';

/** The projection is in memory, so this is plenty. */
const THREAD_WITHIN_MS = 600;
/** Whoever opened the form was asked for then, and is asked for again when it counts: the check in between waits for nobody. */
const PERSON_WITHIN_MS = 1200;
const FORM_LIFE_MS = 15 * 60_000;
const PREVIEW_WITHIN_MS = 1000;

/** What whoever pressed is shown; nothing here waits long for Teams or for the gate. */
export async function onPressed(inbound: Inbound, pressed: Pressed): Promise<Reply> {
  const { carried, patienceMs } = pressed;
  switch (carried.verb) {
    case 'ask':
      return ask(inbound, pressed);
    case 'decide':
      return decide(inbound, pressed);
    case 'check':
      return check(inbound, pressed);
    case 'cancel':
      return { show: 'message', carried };
    case 'show':
      return detailReply(inbound, carried);
    case 'grant':
      return grant(inbound, pressed);
    case 'open_alert':
      return { show: 'alert', args: { origin: carried.origin ?? `opened ${pressed.id}` } };
    case 'investigate':
      return investigateReply(inbound, pressed);
    case 'command': {
      const text = carried.command ?? 'help';
      const job: TeamsJob = {
        kind: 'command',
        id: jobId('command', pressed.where.user, pressed.id),
        where: pressed.where,
        text,
      };
      return answered(await worked(inbound, job, patienceMs), { carried, meanwhile: WORKING });
    }
  }
}

/** With a form it is shown; without one the click itself is the decision. What is not sure is left to the gate, which knows. */
async function ask(inbound: Inbound, pressed: Pressed): Promise<Reply> {
  const { carried, where } = pressed;
  const { verdict } = carried;
  if (verdict === undefined) return tooOld(carried);
  const thread = await within(
    THREAD_WITHIN_MS,
    inbound.backend.thread(carried.incident).then((found) => ({ found })),
  );
  if (thread === undefined) return words('Not counted', NOT_READ, carried);
  const found = thread.found && actionIn(thread.found, carried.digest, verdict);
  if (found?.action.form === undefined) return decide(inbound, pressed);
  const form = formOf(pressed, found, verdict);
  // Whom no words would help hears why at once, instead of after a form was filled in.
  const click = clickOf(where, form.carried, verdict, pressed);
  if (await isInVain(inbound.backend, () => inbound.identity.personOf(where), click)) return decide(inbound, pressed);
  return { show: 'form', args: form };
}

function formOf({ carried, id, data }: Pressed, { card, action }: Found, verdict: Verdict): FormArgs {
  const { words: typed, values } = readForm(data);
  const draft = { ...values, ...(typed === '' ? {} : { words: typed }) };
  return {
    action,
    card,
    carried: { ...carried, verdict, form: carried.form ?? id },
    ...(Object.keys(draft).length === 0 ? {} : { draft }),
  };
}

type FormArgs = Extract<Reply, { show: 'form' }>['args'];

/** Two presses are two gestures; one press delivered twice is one, and so is one form that is sent twice. */
function clickOf(where: Where, carried: Carried, verdict: Verdict, { id }: Pressed): Omit<Click, 'by' | 'words'> {
  const gesture = carried.form ?? id;
  const clickId = `teams:${where.user}:${gesture}`.slice(0, 700);
  return { incident: carried.incident, shownDigest: carried.digest ?? '', verdict, clickId };
}

/** Checked while the person waits, recorded by the worker. */
async function decide(inbound: Inbound, pressed: Pressed): Promise<Reply> {
  const { carried, where, data, patienceMs } = pressed;
  const { verdict } = carried;
  if (verdict === undefined) return tooOld(carried);
  const { words: typed, values } = readForm(data);
  const click = {
    ...clickOf(where, carried, verdict, pressed),
    words: typed,
    ...(verdict === 'modify' ? { values } : {}),
  };
  if (carried.form !== undefined) {
    const faults = await faultsOf(inbound, where, click);
    const again = faults && (await formAgain(inbound, pressed, faults));
    if (again !== undefined) return again;
  }
  const { incident, shownDigest: digest, clickId } = click;
  const edit = verdict === 'modify' ? { values } : {};
  const id = jobId('decide', clickId, JSON.stringify([incident, digest, verdict, typed, values]));
  const job: TeamsJob = { kind: 'decide', id, where, incident, digest, verdict, words: typed, clickId, ...edit };
  const answer = await worked(inbound, job, patienceMs);
  if (answer?.kind === 'words' && answer.faults !== undefined && carried.form !== undefined) {
    const again = await formAgain(inbound, pressed, answer.faults);
    if (again !== undefined) return again;
  }
  return answered(answer, { carried, meanwhile: RECORDING, over: true });
}

/** Modify: an edit is shown as a diff before it counts. */
async function check(inbound: Inbound, pressed: Pressed): Promise<Reply> {
  const { carried, where, data } = pressed;
  const { words: typed, values } = readForm(data);
  const click = { ...clickOf(where, carried, 'modify', pressed), words: typed, values };
  const by = await within(PERSON_WITHIN_MS, personOf(inbound, where));
  if (by === 'nobody') return decide(inbound, pressed);
  const preview =
    by === undefined ? undefined : await within(PREVIEW_WITHIN_MS, inbound.backend.preview({ ...click, by }));
  if (preview === undefined)
    return (await formAgain(inbound, pressed, { '': SEND_AGAIN })) ?? words('Not sent', SEND_AGAIN, carried);
  if (!preview.counts) {
    const faults =
      preview.answer.outcome === 'invalid' ? withText(preview.answer.fields, preview.answer.text) : undefined;
    return (faults && (await formAgain(inbound, pressed, faults))) ?? decide(inbound, pressed);
  }
  const found = await actionNow(inbound, carried, 'modify');
  if (found === undefined) return decide(inbound, pressed);
  const { action } = found;
  return {
    show: 'confirm',
    args: { preview, carried: { ...carried, verdict: 'modify' }, action, words: typed, values },
  };
}

async function actionNow(inbound: Inbound, carried: Carried, verdict: Verdict): Promise<Found | undefined> {
  const thread = await within(THREAD_WITHIN_MS, inbound.backend.thread(carried.incident));
  return thread && actionIn(thread, carried.digest, verdict);
}

/** The form as it was filled in, with what is wrong; undefined when its button is not there any more. */
async function formAgain(
  inbound: Inbound,
  pressed: Pressed,
  faults: Record<string, string>,
): Promise<Reply | undefined> {
  const { carried } = pressed;
  const verdict = carried.verdict ?? 'modify';
  const found = await actionNow(inbound, carried, verdict);
  if (found?.action.form === undefined) return undefined;
  return { show: 'form', args: { ...formOf(pressed, found, verdict), faults } };
}

/** By field name; undefined when nothing is wrong with what was filled in, or it is not known in time: the gate judges anyway. */
async function faultsOf(
  inbound: Inbound,
  where: Where,
  click: Omit<Click, 'by'>,
): Promise<Record<string, string> | undefined> {
  const by = await within(PERSON_WITHIN_MS, personOf(inbound, where));
  if (by === undefined || by === 'nobody') return undefined;
  const preview = await within(PREVIEW_WITHIN_MS, inbound.backend.preview({ ...click, by }));
  if (preview === undefined || preview.counts || preview.answer.outcome !== 'invalid') return undefined;
  return withText(preview.answer.fields, preview.answer.text);
}

async function personOf({ identity }: Inbound, where: Where): Promise<Person | 'nobody'> {
  return (await identity.personOf(where, FORM_LIFE_MS)) ?? 'nobody';
}

/** One message offers one grant to one person, however often it is pressed. */
async function grant(inbound: Inbound, pressed: Pressed): Promise<Reply> {
  const { carried, where, message, id, patienceMs } = pressed;
  const calls = offeredGrant(inbound.maxGrant());
  if (carried.question === undefined) return tooOld(carried);
  if (calls === 0)
    return words('Not asked', 'Not asked: the policy allows no calls beyond the investigation.', carried);
  const ref = `teams:${where.user}:${where.conversation}:${message ?? id}:grant`.slice(0, 700);
  const { incident, question } = carried;
  const job: TeamsJob = { kind: 'grant', id: jobId('grant', ref), where, incident, question, grant: calls, ref };
  return answered(await worked(inbound, job, patienceMs), { carried, meanwhile: WORKING });
}

function tooOld(carried: Carried): Reply {
  return words('Not counted', CARD_TOO_OLD, carried);
}
