import type { Carried } from '../action-data.js';
import type { AdaptiveCardJson, TeamsBody, TeamsDialog } from '../body.js';
import type { InvokeAnswer } from '../bot-adapter.js';
import { type DetailArgs, detailCard, detailDialog } from '../detail-cards.js';
import {
  type AnswerArgs,
  answerCard,
  answerDialog,
  type ConfirmEditArgs,
  confirmEditCard,
  confirmEditDialog,
  type FormArgs,
  formCard,
  formDialog,
  type OpenAlertArgs,
  openAlertCard,
  openAlertDialog,
} from '../dialogs.js';

/** What one person is shown for what they did, whether it is put into the message or into a dialog. */
export type Reply =
  | { show: 'form'; args: FormArgs }
  | { show: 'confirm'; args: ConfirmEditArgs }
  | { show: 'detail'; args: DetailArgs }
  | { show: 'alert'; args: OpenAlertArgs }
  /** `carried` leads back to the card; its buttons go when `over`. */
  | { show: 'words'; words: AnswerArgs; carried?: Carried; over?: boolean }
  | { show: 'body'; body: TeamsBody }
  /** The message as it is now. */
  | { show: 'message'; carried: Carried };

/** The message that is meant, as it is now; undefined when it is not there any more or can not be read in time. */
export type MessageNow = (carried: Carried) => Promise<AdaptiveCardJson | undefined>;

const CARD = 'application/vnd.microsoft.card.adaptive';
const MESSAGE = 'application/vnd.microsoft.activity.message';

/** The answer to `adaptiveCard/action`: what this person sees in place of the card, or a sentence below it. */
export async function executeAnswer(reply: Reply, messageNow: MessageNow): Promise<InvokeAnswer> {
  switch (reply.show) {
    case 'form':
      return card(formCard(reply.args));
    case 'confirm':
      return card(confirmEditCard(reply.args));
    case 'detail':
      return card(detailCard(reply.args));
    case 'alert':
      return card(openAlertCard(reply.args));
    case 'words': {
      const { words, carried, over } = reply;
      const under = carried === undefined ? undefined : await messageNow(carried);
      // A message to this person alone was there for this one thing.
      if (carried !== undefined && carried.message === undefined) return card(answerCard(words));
      // Nothing that it could stand on: a sentence leaves what the person sees as it is.
      if (under === undefined) return sentence(words.text);
      return card(answerCard({ ...words, under, ...(over === true ? { instead: carried } : {}) }));
    }
    case 'body':
      return reply.body.card === undefined ? sentence(reply.body.text ?? reply.body.summary) : card(reply.body.card);
    case 'message': {
      const now = await messageNow(reply.carried);
      return now === undefined ? sentence('This card is not in the thread any more.') : card(now);
    }
  }
}

function card(content: AdaptiveCardJson): InvokeAnswer {
  return { status: 200, body: { statusCode: 200, type: CARD, value: content } };
}

function sentence(text: string): InvokeAnswer {
  return { status: 200, body: { statusCode: 200, type: MESSAGE, value: text } };
}

/** The answer to `task/fetch`, `task/submit` and a message extension: a dialog, always. */
export function taskAnswer(reply: Reply): InvokeAnswer {
  return { status: 200, body: { task: taskOf(reply) } };
}

function taskOf(reply: Reply): unknown {
  switch (reply.show) {
    case 'form':
      return dialog(formDialog(reply.args));
    case 'confirm':
      return dialog(confirmEditDialog(reply.args));
    case 'detail':
      return dialog(detailDialog(reply.args));
    case 'alert':
      return dialog(openAlertDialog(reply.args));
    case 'words':
      return dialog(answerDialog(reply.words));
    case 'body':
      return { type: 'message', value: reply.body.summary };
    case 'message':
      return { type: 'message', value: 'Close this dialog; the card is in the thread.' };
  }
}

function dialog({ title, height, width, card: content }: TeamsDialog): unknown {
  return { type: 'continue', value: { title, height, width, card: { contentType: CARD, content } } };
}
