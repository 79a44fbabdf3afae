import { AppError } from '../domain/errors.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import type { Inventory } from '../domain/pipeline.js';
import type { EventLog } from '../domain/ports.js';
import type { ToolCatalog } from '../domain/tool.js';
import { type Answer, conclude } from './answer.js';
import { type ConclusionDeps, conclusionEvents, escalation } from './conclusion.js';
import { callsIn, messagesOf } from './messages.js';
import { earlyStopMiddleware } from './middleware/early-stop.js';
import { loadPrompt, type Prompt, systemPrompt } from './prompt.js';
import { changesOf, createRecorder } from './recorder.js';
import { stoppable } from './stoppable.js';
import { type Case, caughtUp, openCase, type ThinkDeps, think } from './think.js';
import { forbidTracing } from './tracing.js';

export interface InvestigationDeps extends ThinkDeps {
  log: EventLog;
  /** The tools of one incident: redaction has the incident as its scope. */
  catalogFor(incident: Incident): ToolCatalog;
  inventory: Inventory;
  scoreRisk: ConclusionDeps['scoreRisk'];
  sightings?: ConclusionDeps['sightings'];
  /** Waits until what the alert speaks of has come to rest in its own system, where alerts run ahead of it. Bounded. */
  untilSettled?: (incident: Incident, signal: AbortSignal) => Promise<void>;
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
    run: (incidentId, given) => stoppable(given, (signal) => investigate(deps, prompt, incidentId, signal)),
  };
}

async function investigate(deps: InvestigationDeps, prompt: Prompt, id: string, signal: AbortSignal): Promise<void> {
  const stored = await deps.log.read(id);
  const incident = foldIncident(stored);
  if (incident === undefined) throw new AppError('not_found', { safeText: `There is no incident ${id}.` });
  if (incident.status !== 'investigating') return;
  const recorder = createRecorder(deps.log, id, deps.reasoner.name);
  const current = openCase(incident, deps.catalogFor(incident), recorder);
  await start(deps, prompt, current);
  await deps.untilSettled?.(incident, signal);
  const messages = await caughtUp(deps, current, await messagesOf(stored, deps.observations), signal);
  const { maxToolCalls, confidenceThreshold } = deps.policy.agent;
  const drafting = current.catalog.tools.filter(({ kind }) => kind === 'propose').map(({ name }) => name);
  const answer = await think(
    deps,
    current,
    {
      systemPrompt: systemPrompt(prompt, incident, deps.inventory, deps.policy, maxToolCalls),
      messages,
      answer: conclude,
      callsLeft: maxToolCalls - callsIn(messages),
      elsewhere: 0,
      alreadyChanged: changesOf(incident, undefined).some(({ to }) => to === deps.fallback.name),
      middleware: [earlyStopMiddleware(confidenceThreshold, new Set(drafting))],
    },
    signal,
  );
  await end(deps, current, answer);
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

async function end(deps: InvestigationDeps, current: Case, answer: Answer | undefined): Promise<void> {
  const incident = await current.recorder.current();
  const events =
    answer === undefined
      ? [escalation(incident, 'No reasoner gave a usable answer.', true)]
      : await conclusionEvents(deps, incident, answer, current.meter.take());
  await current.recorder.concluded(() => events);
}
