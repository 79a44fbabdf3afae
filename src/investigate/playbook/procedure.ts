import type { Answer } from '../answer.js';
import type { Fact, OutsideLine } from './case-file.js';
import type { Context } from './context.js';
import type { Family } from './signals.js';

/** One call the playbook wants to make, with the sentence for the thread. */
export interface Question {
  tool: string;
  args: Record<string, unknown>;
  thought: string;
}

export type Cause = Omit<Answer['causes'][number], 'evidence'>;
export type Quote = Answer['evidence'][number];

/** A cause that the records confirm. */
export interface Finding {
  cause: Cause;
  /** 3: a record names what the error names. 2: a change of the kind that explains the error. 1: what is left over. */
  strength: 1 | 2 | 3;
  /** When it happened, in Unix milliseconds, where known: the earliest necessary change is the cause. */
  at: number | undefined;
  quotes: Quote[];
  /** The families of error this explains. */
  explains: readonly Family[];
  /** The calls that draft its repair, before the retry; the reason where there is no safe lever, with what would have to be known for it. */
  repair: Question[] | { escalate: string; ask?: Question };
  /** Drafts the retry differently: not before so many minutes. */
  notBeforeMinutes?: number;
  /** Told only where nothing else explains the case: what follows from many causes. */
  fallback?: true;
  /** What its procedure can not tell. */
  unsure?: string | undefined;
}

/** A way of looking: what raises it, what it asks in order, what in the answers confirms a cause. */
export interface Procedure {
  id: string;
  /** Families of error that raise it; `any` is raised when an error has no known family. */
  raisedBy: readonly Family[];
  /** Followed as well for tasks that wait behind the one that failed. */
  forWaitingTasks: boolean;
  hypothesis(context: Context): string;
  /** Questions in order; each is asked once, and only while it is given. */
  ask(context: Context, found: readonly Finding[]): (Question | undefined)[];
  find(context: Context): Finding[];
  /** Why it is not this, for the card, once its questions are answered and nothing was found. */
  ruledOut(context: Context): string | undefined;
}

/** The line of a record as evidence; long lines are cut at a word, which leaves them a part of what was stored. */
export function quoted(source: Fact | OutsideLine, supports: string): Quote {
  return { call: source.call.id, quote: source.line.slice(0, 900), supports };
}

/** `delta:<schema>.<table>` and its component, kept together. */
export function entity(component: Cause['component'], path: string): Pick<Cause, 'component' | 'entity'> {
  return { component, entity: `${component}:${path}` };
}

/** The error line that a finding explains, as a further quote. */
export function symptom(context: Context, families: readonly Family[]): Quote[] {
  const signal = context.signals.find(({ family }) => families.includes(family));
  return signal === undefined ? [] : [quoted(signal.line, 'the error this explains')];
}
