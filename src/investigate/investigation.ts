import { setMaxListeners } from 'node:events';
import type { BaseMessage } from '@langchain/core/messages';
import { AppError, asAppError } from '../domain/errors.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { Clock, EventLog, ObservationStore, SpendingLedger, StoredEntry } from '../domain/ports.js';
import type { ToolCatalog } from '../domain/tool.js';
import type { ProcessLog } from '../log.js';
import { runAgent } from './agent.js';
import type { Answer } from './answer.js';
import { type ConclusionDeps, conclusionEvents, escalation } from './conclusion.js';
import { messagesOf } from './messages.js';
import { auditMiddleware } from './middleware/audit.js';
import { budgetMiddleware } from './middleware/budget.js';
import { earlyStopMiddleware } from './middleware/early-stop.js';
import { createMeter, type Meter } from './middleware/meter.js';
import { reasoningTurnMiddleware } from './middleware/reasoning-turn.js';
import { loadPrompt, type Prompt, systemPrompt } from './prompt.js';
import type { Reasoner } from './reasoner.js';
import { createRecorder, InvestigationEnded, type Recorder } from './recorder.js';
import { answerCall, runTool } from './tool-calls.js';
import { forbidTracing } from './tracing.js';
import { unwrapped } from './unwrapped.js';

export interface InvestigationDeps {
  log: EventLog;
  observations: ObservationStore;
  /** The tools of one incident: redaction has the incident as its scope. */
  catalogFor(incident: Incident): ToolCatalog;
  reasoner: Reasoner;
  /** Takes over, on the record, when the reasoner fails for good; may be the same reasoner. */
  fallback: Reasoner;
  policy: Policy;
  inventory: Inventory;
  scoreRisk: ConclusionDeps['scoreRisk'];
  sightings?: ConclusionDeps['sightings'];
  spending: SpendingLedger;
  /** Waits until what the alert speaks of has come to rest in its own system, where alerts run ahead of it. Bounded. */
  untilSettled?: (incident: Incident, signal: AbortSignal) => Promise<void>;
  clock: Clock;
  processLog: ProcessLog;
}

export interface Investigation {
  /**
   * Investigates one incident to its end, from wherever the log says it stands; returns at once when it is not under
   * investigation. What it throws means that nothing was concluded: the caller runs it again, and no event is repeated.
   */
  run(incidentId: string, signal: AbortSignal): Promise<void>;
}

/** The investigation of incidents; one instance serves many at a time. */
export function createInvestigation(deps: InvestigationDeps): Investigation {
  const prompt = loadPrompt();
  forbidTracing(process.env);
  return {
    async run(incidentId, given) {
      const signal = AbortSignal.any([given]);
      setMaxListeners(MAX_LISTENERS, signal);
      try {
        await investigate(deps, prompt, incidentId, signal);
      } catch (thrown) {
        const error = unwrapped(thrown);
        if (error instanceof InvestigationEnded) return;
        if (signal.aborted)
          throw new AppError('unavailable', { safeText: 'The investigation was stopped.', cause: error });
        throw asAppError(error);
      }
    },
  };
}

/** Each graph step listens to the signal; Node warns above ten. */
const MAX_LISTENERS = 200;

interface Case {
  incident: Incident;
  catalog: ToolCatalog;
  recorder: Recorder;
  meter: Meter;
}

async function investigate(deps: InvestigationDeps, prompt: Prompt, id: string, signal: AbortSignal): Promise<void> {
  const stored = await deps.log.read(id);
  const incident = foldIncident(stored);
  if (incident === undefined) throw new AppError('not_found', { safeText: `There is no incident ${id}.` });
  if (incident.status !== 'investigating') return;
  const recorder = createRecorder(deps.log, id, deps.reasoner.name);
  const current: Case = { incident, catalog: deps.catalogFor(incident), recorder, meter: createMeter() };
  await start(deps, prompt, current);
  await deps.untilSettled?.(incident, signal);
  const messages = await conversation(deps, current, stored, signal);
  const answer = await think(deps, prompt, current, messages, signal);
  await conclude(deps, current, answer);
}

async function start(deps: InvestigationDeps, prompt: Prompt, current: Case): Promise<void> {
  await current.recorder.started({
    attempt: 1,
    reasoner: deps.reasoner.name,
    model: deps.reasoner.model,
    promptVersion: prompt.version,
    promptDigest: prompt.digest,
    toolsDigest: current.catalog.digest,
    maxToolCalls: deps.policy.agent.maxToolCalls,
    confidenceThreshold: deps.policy.agent.confidenceThreshold,
  });
}

/**
 * The conversation so far. Calls that a dead worker recorded and did not answer are counted already and only read, so
 * they run now, before the reasoner has its turn.
 */
async function conversation(
  deps: InvestigationDeps,
  current: Case,
  stored: StoredEntry[],
  signal: AbortSignal,
): Promise<BaseMessage[]> {
  const { messages, open } = await messagesOf(stored, deps.observations);
  const { catalog, recorder } = current;
  const tools = { catalog, recorder, observations: deps.observations, clock: deps.clock };
  for (const call of open) {
    messages.push(await answerCall(tools, call, () => runTool(catalog, call.tool, call.args, signal)));
  }
  return messages;
}

/** Runs the agent; undefined when no reasoner gave an answer. What the log throws goes through. */
async function think(
  deps: InvestigationDeps,
  prompt: Prompt,
  current: Case,
  messages: BaseMessage[],
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const { incident, catalog, recorder, meter } = current;
  const { maxToolCalls, confidenceThreshold, dailyBudgetUsd } = deps.policy.agent;
  const named = (kind: 'propose' | undefined): Set<string> =>
    new Set(catalog.tools.filter((tool) => kind === undefined || tool.kind === kind).map((tool) => tool.name));
  const alreadyChanged = incident.reasonerChanges.some((change) => change.to === deps.fallback.name);
  const { observations, clock, reasoner, fallback, spending, processLog } = deps;
  const model = await (alreadyChanged ? fallback : reasoner).create();
  try {
    return await runAgent(
      {
        model,
        systemPrompt: systemPrompt(prompt, incident, deps.inventory, deps.policy),
        catalog,
        maxToolCalls,
        middleware: [
          auditMiddleware({ catalog, observations, recorder, clock, meter }),
          budgetMiddleware(maxToolCalls),
          earlyStopMiddleware(confidenceThreshold, named('propose')),
          reasoningTurnMiddleware({
            ...{ reasoner, fallback, model, alreadyChanged, tools: named(undefined), dailyBudgetUsd },
            ...{ spending, recorder, meter, clock, processLog },
          }),
        ],
      },
      messages,
      signal,
    );
  } catch (thrown) {
    const error = unwrapped(thrown);
    if (!hasNoAnswer(error)) throw error;
    processLog.error({ error, incident: incident.id }, 'no reasoner gave an answer');
    return undefined;
  }
}

/** All reasoners failed, or the graph went round without concluding: the end for the model, not for the job. */
function hasNoAnswer(error: unknown): boolean {
  if (error instanceof AppError) return error.kind === 'unexpected_answer';
  return error instanceof Error && error.name === 'GraphRecursionError';
}

async function conclude(deps: InvestigationDeps, current: Case, answer: Answer | undefined): Promise<void> {
  const incident = await current.recorder.current();
  const events =
    answer === undefined
      ? [escalation(incident, 'No reasoner gave a usable answer.', true)]
      : await conclusionEvents(deps, incident, answer, current.meter.take());
  await current.recorder.concluded(() => events);
}
