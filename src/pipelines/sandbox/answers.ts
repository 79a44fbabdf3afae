import type { SandboxAnswer } from '../../domain/sandbox.js';

/** The answer to one statement on one set of rows. */
export type Answers = (set: string, statement: string) => SandboxAnswer | undefined;

/** The answers of a run, to be asked for by set and statement. */
export function answersOf(answers: readonly SandboxAnswer[]): Answers {
  const known = new Map(answers.map((answer) => [`${answer.set}\n${answer.statement}`, answer]));
  return (set, statement) => known.get(`${set}\n${statement}`);
}
