import type { EventBody, EventOf } from './events.js';

/** Follow-up questions to the agent, as the fold knows them, and the rules of what may be written for one. */

/** A tool call with its answer, once there is one. */
export interface TracedCall {
  call: EventOf<'tool.called'>['data'];
  at: string;
  answer?: EventOf<'tool.answered'>['data'];
}

/** A follow-up question; its calls are in the incident's `calls` too, as every call counts. */
export interface AskedQuestion {
  asked: EventOf<'question.asked'>['data'];
  at: string;
  /** Who took over while it was worked on. */
  changed?: EventOf<'reasoner.changed'>['data'];
  answered?: EventOf<'question.answered'>['data'] & { at: string; by: string };
}

/** What of an incident questions are about. */
interface Questioned {
  status: string;
  investigation: { maxToolCalls: number } | undefined;
  calls: readonly TracedCall[];
  questions: readonly AskedQuestion[];
}

/** The calls of the investigation itself. */
export function investigationCalls({ calls }: Pick<Questioned, 'calls'>): TracedCall[] {
  return calls.filter(({ call }) => call.question === undefined);
}

export function callsFor({ calls }: Pick<Questioned, 'calls'>, questionId: string): TracedCall[] {
  return calls.filter(({ call }) => call.question === questionId);
}

/**
 * Tool calls that the investigation left over and no question has used: all questions of an incident share them, and each uses up
 * what was granted to it first. None when the investigation never began.
 */
export function callsLeftOver(incident: Questioned): number {
  const spent = incident.questions.reduce(
    (sum, { asked }) => sum + Math.max(0, callsFor(incident, asked.questionId).length - asked.grant),
    investigationCalls(incident).length,
  );
  return Math.max(0, (incident.investigation?.maxToolCalls ?? 0) - spent);
}

/** Tool calls that may still be made for this question. */
export function callsLeftFor(incident: Questioned, { asked }: AskedQuestion): number {
  return callsLeftOver(incident) + Math.max(0, asked.grant - callsFor(incident, asked.questionId).length);
}

export function questionById({ questions }: Pick<Questioned, 'questions'>, id: string): AskedQuestion | undefined {
  return questions.find(({ asked }) => asked.questionId === id);
}

/** The question whose turn it is: they are answered one after another, in the order in which they were asked. */
export function openQuestion({ questions }: Pick<Questioned, 'questions'>): AskedQuestion | undefined {
  return questions.find(({ answered }) => answered === undefined);
}

/** The question that this event is written for; undefined when it is for none. */
export function questionOf(incident: Questioned, event: EventBody): string | undefined {
  switch (event.type) {
    case 'question.asked':
    case 'question.answered':
      return event.data.questionId;
    case 'tool.called':
    case 'reasoner.changed':
      return event.data.question;
    case 'tool.answered':
      return incident.calls.find(({ call }) => call.callId === event.data.callId)?.call.question;
    default:
      return undefined;
  }
}

/** Why this event may not be written for this question now, or undefined when it may. Asking is always allowed, once. */
export function questionFault(incident: Questioned, questionId: string, event: EventBody): string | undefined {
  const question = questionById(incident, questionId);
  if (event.type === 'question.asked') return question === undefined ? undefined : 'it was asked before';
  if (question === undefined) return 'nobody asked it';
  if (question.answered !== undefined) return 'it was answered before';
  if (incident.status === 'investigating') return 'questions wait until the investigation has ended';
  if (event.type !== 'tool.called') return undefined;
  return callsLeftFor(incident, question) > 0 ? undefined : 'no tool call is left for it';
}
