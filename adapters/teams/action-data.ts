import { z } from 'zod';
import type { ActionJson, AdaptiveCardJson, CardAction, CardElement, TeamsBody } from './body.js';

/** What a click means. An `Action.Execute` says it as its `verb`, too; in a dialog, where there is no verb, only the data says it. */
export const Verb = z.enum([
  /** Counts: a verdict without a form, a filled form, a confirmed edit. */
  'decide',
  /** Shows the form of a verdict. */
  'ask',
  /** A filled form of Modify: shows the change, to be confirmed. */
  'check',
  /** Back to the card as it is now. */
  'cancel',
  /** Trace, evidence or all of it; `page` says which page. */
  'show',
  /** Asks a follow-up question again, with calls granted. */
  'grant',
  /** Shows the form with which an incident is opened by hand. */
  'open_alert',
  /** The filled form of `open_alert`. */
  'investigate',
  /** One of the commands, as if it were typed. */
  'command',
]);
export type Verb = z.infer<typeof Verb>;

const WORDS_MOST = 3000;

/**
 * What an action carries: names only, and what was typed where an edit is confirmed. It comes back from outside, so it is parsed, and
 * it gives nobody a right: the gate decides by who clicked and by what the log holds.
 */
export const Carried = z.strictObject({
  verb: Verb,
  /** Empty where no incident is meant. */
  incident: z.string().max(100),
  /** Key of the message in which the card stands, e.g. `card-proposal-1`; absent in personal messages. */
  message: z.string().max(150).optional(),
  /** Id of the delivery that put the card where it was clicked; `withDelivery` writes it. */
  delivery: z.string().max(400).optional(),
  /** The digest printed on the card; absent where nothing is decided. */
  digest: z.string().max(64).optional(),
  verdict: z.enum(['approve', 'modify', 'reject']).optional(),
  card: z.string().max(100).optional(),
  detail: z.enum(['trace', 'evidence', 'all']).optional(),
  page: z.number().int().min(0).max(200).optional(),
  /** Of a follow-up question that needs a grant. */
  question: z.string().max(2000).optional(),
  /** Names the opening of a form, as its opener chose: two sendings of one form are one gesture. */
  form: z.string().max(200).optional(),
  command: z.enum(['help', 'status', 'list', 'waiting', 'digest']).optional(),
  /** The caller's own, e.g. of the message that is to be investigated. */
  origin: z.string().max(2000).optional(),
  /** What was typed, where an edit is confirmed. */
  words: z.string().max(WORDS_MOST).optional(),
  values: z.record(z.string().max(250), z.string().max(WORDS_MOST)).optional(),
});
export type Carried = z.infer<typeof Carried>;

/** `data` of an action. */
export function actionData(carried: Carried): ActionJson {
  return { cs: carried };
}

/** The same, to open a dialog by: Teams answers it with `task/fetch`. */
export function dialogData(carried: Carried): ActionJson {
  return { cs: carried, msteams: { type: 'task/fetch' } };
}

/** From `value.action.data` of an invoke, `value.data` of a dialog, or `value` of a submit. Undefined for what is not ours. */
export function readCarried(data: unknown): Carried | undefined {
  if (typeof data !== 'object' || data === null || !('cs' in data)) return undefined;
  return Carried.safeParse(data.cs).data;
}

/** The same body whose every action says by which delivery it was put there, so that a copy of a message is known as one. */
export function withDelivery(body: TeamsBody, delivery: string): TeamsBody {
  return body.card === undefined ? body : { ...body, card: cardWithDelivery(body.card, delivery) };
}

function cardWithDelivery(card: AdaptiveCardJson, delivery: string): AdaptiveCardJson {
  return {
    ...card,
    body: card.body.map((element) => elementWith(element, delivery)),
    ...(card.actions === undefined ? {} : { actions: card.actions.map((action) => actionWith(action, delivery)) }),
  };
}

function elementWith(element: CardElement, delivery: string): CardElement {
  if (element.type === 'ActionSet')
    return { ...element, actions: element.actions.map((action) => actionWith(action, delivery)) };
  if (element.type === 'Container')
    return { ...element, items: element.items.map((item) => elementWith(item, delivery)) };
  return element;
}

function actionWith(action: CardAction, delivery: string): CardAction {
  if (!('data' in action)) return action;
  return { ...action, data: { ...action.data, cs: { ...action.data.cs, delivery } } };
}
