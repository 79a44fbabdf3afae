import { listedPeople, personKey } from './approval.js';
import { sha256Hex } from './canonical.js';
import type { Person } from './decision.js';
import type { Incident } from './incident.js';
import type { Write } from './ledger.js';
import type { Policy } from './policy.js';
import type { AskAnswer, Job } from './ports.js';
import { callsLeftOver, openQuestion, questionById } from './question.js';

export interface Asking {
  /** See `questionIdOf`. */
  questionId: string;
  by: Person;
  /** Redacted already; kept up to 2000 characters. */
  text: string;
  /** Further tool calls that this person allows. */
  grant: number;
  /** With the members of the chat's groups, where lists name them. */
  policy: Policy;
}

const MOST_WAITING = 5;
const MOST_CHARACTERS = 2000;

/** The question's own name, out of the chat's name of what was written: asked again it is the same question. */
export function questionIdOf(incident: string, ref: string): string {
  return `q${sha256Hex(`${incident}\n${ref}`).slice(0, 20)}`;
}

/**
 * What asking writes: the question, and a job for the investigator when it is its turn now. A question with no tool call left is asked
 * all the same (`no_budget` says so, and how to grant): the agent then answers from what it knows. Only `known` and `refused` write nothing.
 */
export function askWrite(incident: Incident, asking: Asking): Write<AskAnswer> {
  const { questionId, by, grant } = asking;
  const text = asking.text.trim().slice(0, MOST_CHARACTERS);
  const said = (outcome: AskAnswer['outcome'], words: string): Write<AskAnswer> => ({
    events: [],
    result: { outcome, text: words },
  });
  if (questionById(incident, questionId) !== undefined) {
    return said('known', 'This question is in the log already. The answer follows in the thread.');
  }
  const refusal = text === '' ? 'The question is empty.' : refusalOf(incident, asking);
  if (refusal !== undefined) return said('refused', refusal);
  const waits = incident.status === 'investigating' || openQuestion(incident) !== undefined;
  return {
    events: [
      {
        type: 'question.asked',
        data: { questionId, by, text, grant },
        actor: { kind: 'person', id: by.id, role: 'web' },
      },
    ],
    jobs: waits ? [] : [questionJob(incident, questionId)],
    result: askedAnswer(incident, asking),
  };
}

function refusalOf(incident: Incident, { by, grant, policy }: Asking): string | undefined {
  const { maxGrant } = policy.talk;
  if (!Number.isInteger(grant) || grant < 0) return 'A grant is a whole number of tool calls.';
  if (grant > maxGrant) return `Not asked: one person may grant at most ${counted(maxGrant)} to a question.`;
  if (grant > 0 && !isOnSomeList(policy, by.id)) {
    return `Not asked: ${by.id} is on no approver list, and only approvers may grant tool calls. Without a grant anybody may ask.`;
  }
  const waiting = waitingQuestions(incident);
  if (waiting < MOST_WAITING) return undefined;
  return `Not asked: ${waiting} questions wait for an answer already. Ask again when one of them is answered.`;
}

function isOnSomeList(policy: Policy, person: string): boolean {
  const { risk, kind } = policy.approvers;
  const lists = [...Object.values(risk), ...Object.values(kind)];
  return lists.some((list) => listedPeople(policy, list).has(personKey(person)));
}

function waitingQuestions({ questions }: Incident): number {
  return questions.filter(({ answered }) => answered === undefined).length;
}

function askedAnswer(incident: Incident, { grant, policy }: Asking): AskAnswer {
  if (incident.status === 'investigating') {
    return { outcome: 'asked', text: 'Your question is in. It is answered when the investigation has ended.' };
  }
  const calls = callsLeftOver(incident) + grant;
  const before = waitingQuestions(incident);
  const turn = before === 0 ? '' : ` It is answered after ${before === 1 ? 'another one' : `${before} others`}.`;
  if (calls > 0) {
    return {
      outcome: 'asked',
      text: `Your question is in.${turn} The agent may use up to ${counted(calls)} for it. The answer follows in the thread.`,
    };
  }
  const { maxGrant } = policy.talk;
  const how =
    maxGrant === 0
      ? 'The policy allows no grants (talk.maxGrant).'
      : `To let it look further, an approver asks again and grants 1 to ${counted(maxGrant)}.`;
  return {
    outcome: 'no_budget',
    text: `Your question is in.${turn} No tool calls are left, so the agent answers from what it already knows. ${how}`,
  };
}

/** The job of the next question that waits, for whoever ends the investigation or answers the one before: one job for each question. */
export function nextQuestionJobs(incident: Incident, answered?: string): Job[] {
  const next = incident.questions.find((question) => {
    return question.answered === undefined && question.asked.questionId !== answered;
  });
  return next === undefined ? [] : [questionJob(incident, next.asked.questionId)];
}

function questionJob({ id }: Incident, question: string): Job {
  return { queue: 'investigate', id: `ask-${question}`, incident: id, question };
}

function counted(calls: number): string {
  return calls === 1 ? '1 tool call' : `${calls} tool calls`;
}
