import type { Tone } from './card.js';
import type { ClickAnswer } from './decision.js';

/** What people are told and understood by in any chat, in one place. */

export const CARD_TOO_OLD =
  'Not counted: this button is of an older version of Countersign. Look at the newest card of the thread and decide there.';
export const TRY_AGAIN = 'It is not certain that this was counted. Click again: it can not count twice.';
export const SEND_AGAIN = 'This could not be checked just now. Nothing was recorded; send it again.';
export const GIVEN_UP =
  'Countersign tried for half a minute and could not finish this. Look at the card: if it shows nothing new, click again. It can not count twice.';
export const TALK_GIVEN_UP = 'Countersign could not take this in: its log was away for half a minute. Write it again.';
export const NOTHING_TO_SEE = 'There is nothing more to show: Countersign does not know this incident.';
export const NO_DRAFTS = 'Drafting pipelines is not there yet. Nothing was started.';
export const NOT_OUR_THREAD =
  'This thread is not of an incident. Ask in an incident’s thread, or use “Investigate this alert” on a message.';
export const WORDS_DO_NOT_DECIDE =
  'Words decide nothing here, so nobody approves by accident. Use the buttons of the decision card in this thread.';
export const OWN_MESSAGE = 'That is a message of Countersign itself; there is nothing to investigate in it.';
export const NO_WORDS = 'There are no words in this message, so there is nothing to investigate. Nothing was opened.';

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

export const NOTE_MOST = 4000;
export const QUESTION_MOST = 2000;

/** `grant 3`, `grant 3 more calls:`, and then what is asked. */
const GRANT =
  /^grant\s+(\d{1,3})(?:\s+more)?(?:\s+(?:tool\s+)?calls?)?(?:\s+more)?(?:\s+and\b|\s+to\b|\s*[:,.;-])?\s*/i;

export function readGrant(said: string): { grant: number; question: string } {
  const match = GRANT.exec(said);
  if (match === null) return { grant: 0, question: said };
  return { grant: Number(match[1]), question: said.slice(match[0].length).trim() };
}

/** Undefined when it may be asked. */
export function grantRefusal(grant: number, most: number, text: string): string | undefined {
  if (grant > most) {
    return most === 0
      ? 'Not asked: the policy allows no calls beyond the investigation. Ask without a grant.'
      : `Not asked: one person may grant ${most} calls to a question at most.`;
  }
  return text === '' ? `What shall I look for? Write it after “grant ${grant}”.` : undefined;
}

/** What one press allows; more can be asked for in words. */
export function offeredGrant(maximum: number): number {
  return Math.max(0, Math.min(4, maximum));
}

/** What was said needs no agent: it names nothing to find out. `ours`: in an incident's thread. */
export function directKind(
  said: string,
  ours: boolean,
): 'draft' | 'help' | 'not_ours' | 'words_do_not_decide' | undefined {
  if (/^draft\b/i.test(said)) return 'draft';
  if (!ours) return said === '' || /^help\b/i.test(said) ? 'help' : 'not_ours';
  if (said === '' || /^(help|\?)\W*$/i.test(said)) return 'help';
  if (/^(approved?|reject(ed)?|lgtm|ship it|modify)\W*$/i.test(said)) return 'words_do_not_decide';
  return undefined;
}
