import { TRY_AGAIN } from '../../../src/domain/talk.js';
import type { Carried } from '../action-data.js';
import type { Inbound } from './context.js';
import type { TeamsJob, Where } from './job.js';
import type { Reply } from './reply.js';
import type { WorkAnswer } from './waiting.js';

/** One press of a button, in a card or in a dialog. */
export interface Pressed {
  /** Activity id: delivered again it is the same. */
  id: string;
  where: Where;
  /** The message in which the button stands, where it stands in one. */
  message: string | undefined;
  carried: Carried;
  /** With what was typed. */
  data: unknown;
  /** How long the reply may wait for the work. */
  patienceMs: number;
}

/**
 * Into the inbox, and its answer when that is soon there. Undefined: it will be told.
 */
export async function worked(inbound: Inbound, job: TeamsJob, patienceMs: number): Promise<WorkAnswer | undefined> {
  const expected = inbound.waiting.expect({ ...job, repliedUntil: Date.now() + patienceMs });
  try {
    await inbound.inbox.put(expected.job);
  } catch (error) {
    inbound.processLog.error({ error }, 'a gesture could not be put into the inbox');
    return { kind: 'words', title: 'Not certain', text: TRY_AGAIN, tone: 'bad' };
  }
  return expected.answer();
}

interface Shown {
  carried: Carried;
  meanwhile: string;
  /** While it is being recorded the buttons go. */
  over?: boolean;
}

export function answered(answer: WorkAnswer | undefined, { carried, meanwhile, over = false }: Shown): Reply {
  if (answer === undefined)
    return { show: 'words', words: { title: 'Recording', text: meanwhile, tone: 'working' }, carried, over };
  if (answer.kind === 'body') return { show: 'body', body: answer.body };
  const { title, text, tone, over: done = false } = answer;
  return { show: 'words', words: { title, text, tone }, carried, over: done };
}

export function words(title: string, text: string, carried?: Carried): Reply {
  return { show: 'words', words: { title, text, tone: 'bad' }, ...(carried === undefined ? {} : { carried }) };
}

/** What is wrong with no field stands above the form. */
export function withText(fields: Record<string, string>, text: string): Record<string, string> {
  return Object.keys(fields).length === 0 ? { '': text } : fields;
}
