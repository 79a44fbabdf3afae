import { nextQuestionJobs } from '../domain/ask.js';
import { AppError } from '../domain/errors.js';
import type { Actor, EventOf, Usage } from '../domain/events.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { EventLog } from '../domain/ports.js';
import { type AskedQuestion, callsFor, callsLeftFor, questionById } from '../domain/question.js';
import type { ToolCatalog } from '../domain/tool.js';
import { checkQuotes, type Grounded } from './grounding.js';
import type { InvestigationDeps } from './investigation.js';
import { callsIn, questionMessagesOf } from './messages.js';
import { loadPrompt, type Prompt, systemPrompt } from './prompt.js';
import { questionText } from './record.js';
import { changesOf, createRecorder, isUnderWay } from './recorder.js';
import { REPLY_TOOL, type Reply, reply } from './reply.js';
import { stoppable } from './stoppable.js';
import { type Case, caughtUp, openCase, think } from './think.js';
import { forbidTracing } from './tracing.js';

type Answered = EventOf<'question.answered'>['data'];

/** What a card shows whole. */
const MOST_CHARACTERS = 3000;
const MOST_STRUCK = 20;

export interface FollowUp {
  /**
   * Answers one question to its end, from wherever the log says it stands; returns at once when it is answered already or the
   * investigation still goes on. What it throws means that nothing was answered: the caller runs it again, and no event is repeated.
   */
  answer(incidentId: string, questionId: string, signal: AbortSignal): Promise<void>;
}

/** Follow-up questions of people, answered with the tools of the investigation that only read. */
export function createFollowUp(deps: InvestigationDeps): FollowUp {
  const prompt = loadPrompt('question');
  forbidTracing(process.env);
  return {
    answer: (incidentId, questionId, given) =>
      stoppable(given, (signal) => answerQuestion(deps, prompt, incidentId, questionId, signal)),
  };
}

async function answerQuestion(
  deps: InvestigationDeps,
  prompt: Prompt,
  incidentId: string,
  questionId: string,
  signal: AbortSignal,
): Promise<void> {
  const stored = await deps.log.read(incidentId);
  const incident = foldIncident(stored);
  const question = incident && questionById(incident, questionId);
  if (incident === undefined || question === undefined) {
    throw new AppError('not_found', { safeText: `There is no question ${questionId} about ${incidentId}.` });
  }
  if (!isUnderWay(incident, questionId)) return;
  const recorder = createRecorder(deps.log, incidentId, deps.reasoner.name, questionId);
  const current = openCase(incident, readingOnly(deps.catalogFor(incident)), recorder);
  const made = callsFor(incident, questionId).length;
  const callsLeft = callsLeftFor(incident, question);
  const text = questionText(incident, question, made + callsLeft);
  const conversation = await questionMessagesOf(stored, deps.observations, { id: questionId, text });
  const messages = await caughtUp(deps, current, conversation, signal);
  const answer = await think(
    deps,
    current,
    {
      systemPrompt: systemPrompt(prompt, incident, deps.inventory, deps.policy, made + callsLeft),
      messages,
      answer: reply,
      callsLeft,
      elsewhere: incident.calls.length - callsIn(messages, REPLY_TOOL),
      alreadyChanged: changesOf(incident, questionId).some(({ to }) => to === deps.fallback.name),
      middleware: [],
    },
    signal,
  );
  await end(deps, current, question, answer);
}

/** The same catalog without what drafts: to a question those tools do not exist. */
function readingOnly(catalog: ToolCatalog): ToolCatalog {
  return { ...catalog, tools: catalog.tools.filter(({ kind }) => kind === 'diagnose') };
}

async function end(
  deps: InvestigationDeps,
  current: Case,
  question: AskedQuestion,
  answer: Reply | undefined,
): Promise<void> {
  const incident = await current.recorder.current();
  const grounded: Pick<Grounded, 'evidence' | 'struck'> = { evidence: [], struck: [] };
  await checkQuotes(answer?.evidence ?? [], grounded, incident, deps.observations);
  const data = answeredData(incident, question, answer, grounded, current.meter.take());
  await current.recorder.concluded(() => [{ type: 'question.answered', data }]);
}

function answeredData(
  incident: Incident,
  question: AskedQuestion,
  answer: Reply | undefined,
  { evidence, struck }: Pick<Grounded, 'evidence' | 'struck'>,
  usage: Usage | undefined,
): Answered {
  const { questionId } = question.asked;
  const text = (answer?.text ?? '').trim().slice(0, MOST_CHARACTERS);
  const outOfCalls = answer?.answered === false && callsLeftFor(incident, question) === 0;
  return {
    questionId,
    outcome: text === '' ? 'failed' : outOfCalls ? 'no_budget' : 'answered',
    text: text || 'No reasoner gave a usable answer. What was looked at stands above.',
    evidence,
    struck: struck.slice(0, MOST_STRUCK),
    toolCalls: callsFor(incident, questionId).length,
    ...(usage === undefined ? {} : { usage }),
  };
}

/** The end of a question that was given up on, so that the next one has its turn. Nothing when it was answered after all. */
export async function giveUpQuestion(
  log: EventLog,
  incidentId: string,
  questionId: string,
  actor: Actor,
): Promise<void> {
  await transact(log, incidentId, (incident) => {
    if (incident === undefined || !isUnderWay(incident, questionId)) return { events: [], result: undefined };
    const data: Answered = {
      questionId,
      outcome: 'failed',
      text: 'Answering failed again and again inside Countersign; see the process log. Ask again later.',
      evidence: [],
      struck: [],
      toolCalls: callsFor(incident, questionId).length,
    };
    return {
      events: [{ type: 'question.answered', data, actor }],
      jobs: nextQuestionJobs(incident, questionId),
      result: undefined,
    };
  });
}
