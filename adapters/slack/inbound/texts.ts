import type { Tone } from '../../../src/domain/card.js';
import type { ClickAnswer } from '../../../src/domain/decision.js';
import { COMMAND } from '../action-ids.js';

/** What people are told here, in one place. */

export const CARD_TOO_OLD =
  'Not counted: this button is of an older version of Countersign. Look at the newest card of the thread and decide there.';
export const OTHER_WORKSPACE =
  'Not counted: you are in another Slack workspace, and only people of this one can be recognised.';
export const UNKNOWN_PERSON =
  'Not counted: your Slack account shows no confirmed e-mail address, so nobody can tell what you may do. Ask the operators of Countersign.';
export const NOT_FOR_YOU =
  'Your Slack account is a guest’s or shows no confirmed e-mail address, so you are shown nothing beside what stands in your channels. Ask the operators of Countersign.';
export const TRY_AGAIN = 'It is not certain that this was counted. Click again: it can not count twice.';
export const SEND_AGAIN = 'This could not be checked just now. Nothing was recorded; send it again.';
export const GIVEN_UP =
  'Countersign tried for half a minute and could not finish this. Look at the card: if it shows nothing new, click again. It can not count twice.';
export const TALK_GIVEN_UP = 'Countersign could not take this in: its log was away for half a minute. Write it again.';
export const OPENED_LATE = 'The form could not be opened in time. Click again.';
export const NOTHING_TO_SEE = 'There is nothing more to show: Countersign does not know this incident.';
export const NO_DRAFTS = 'Drafting pipelines is not there yet. Nothing was started.';
export const NOT_OUR_THREAD =
  'This thread is not of an incident. Ask in an incident’s thread, or use “Investigate this alert” on a message.';
export const WORDS_DO_NOT_DECIDE =
  'Words decide nothing here, so nobody approves by accident. Use the buttons of the decision card in this thread.';
export const OWN_MESSAGE = 'That is a message of Countersign itself; there is nothing to investigate in it.';
export const NO_WORDS = 'There are no words in this message, so there is nothing to investigate. Nothing was opened.';

export const HELP_IN_THREAD = [
  'Ask me about this incident: mention me with a question, e.g. “when did the schema change?”',
  'Begin with “grant 3” to allow three more tool calls for the answer.',
  'Whatever people write here without mentioning me is noted with the incident.',
].join('\n');

export const HELP_IN_CHANNEL = [
  'I investigate data pipeline incidents, and change nothing that nobody countersigned.',
  `• ${COMMAND} list, status, digest, open TEXT`,
  '• “Investigate this alert” in a message’s menu',
  '• In an incident’s thread: mention me with a question',
].join('\n');

const TITLE: Record<ClickAnswer['outcome'], [title: string, tone: Tone]> = {
  decided: ['Recorded', 'good'],
  vote_counted: ['Counted', 'good'],
  modified: ['Changed', 'good'],
  duplicate: ['Counted already', 'neutral'],
  too_late: ['Too late', 'bad'],
  stale: ['Not counted', 'bad'],
  not_allowed: ['Not counted', 'bad'],
  invalid: ['Not counted yet', 'bad'],
};

/** Title, tone and all of the text of an answer; faults of fields are named, as the form is not there any more. */
export function answerWords(answer: ClickAnswer): { title: string; tone: Tone; text: string } {
  const [title, tone] = TITLE[answer.outcome];
  const faults = answer.outcome === 'invalid' ? Object.values(answer.fields) : [];
  const more = faults.filter((fault) => !answer.text.includes(fault));
  return { title, tone, text: [answer.text, ...more].join('\n') };
}
