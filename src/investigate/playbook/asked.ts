import { type BaseMessage, HumanMessage } from '@langchain/core/messages';
import { type LogRecord, parseObservation } from '../logfmt.js';
import { QUESTION_HEADING, RECORD_HEADING } from '../record.js';
import { type CaseFile, type PastCall, readCase, section } from './case-file.js';
import { type Context, contextsOf } from './context.js';
import type { ErrorWords } from './signals.js';

/** A follow-up question as the playbook reads it out of the messages. */
export interface Asked {
  text: string;
  /** The record of the incident, as the question's message tells it. */
  record: LogRecord[];
  /** The platform, and all calls: of the investigation and of this question. */
  file: CaseFile;
  /** What the investigation was about. */
  context: Context | undefined;
  /** The calls made for this question. */
  own: PastCall[];
}

export function readAsked(messages: readonly BaseMessage[], words: ErrorWords): Asked {
  const at = messages.findLastIndex((message) => isQuestion(message));
  const told = messages[at]?.text ?? '';
  const file = readCase(messages, words);
  return {
    text: parseObservation(section(told, QUESTION_HEADING, undefined))
      .free.map((line) => line.text)
      .join(' '),
    record: parseObservation(section(told, RECORD_HEADING, QUESTION_HEADING)).records,
    file,
    context: contextsOf(readCase(messages.slice(0, Math.max(0, at)), words))[0] ?? contextsOf(file)[0],
    own: readCase(messages.slice(Math.max(0, at)), words).calls,
  };
}

function isQuestion(message: BaseMessage): boolean {
  return HumanMessage.isInstance(message) && message.text.includes(`\n${QUESTION_HEADING}\n`);
}

/** All records of one kind in the incident's record. */
export function told({ record }: Asked, kind: string): Record<string, string>[] {
  return record.filter((line) => line.record === kind).map(({ fields }) => fields);
}
