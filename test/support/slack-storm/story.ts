import type { EventBody, NewEvent } from '../../../src/domain/events.js';
import type { CheckpointReader, EventLog, ObservationStore } from '../../../src/domain/ports.js';
import { type ProposalStep, proposalDigest, type RepairAction, type RiskLevel } from '../../../src/domain/proposal.js';
import type { Time } from '../../../src/roles/system-time.js';
import { INCREASE, testProposal, testStep } from '../incidents.js';

/** One of many incidents at once: what the investigator and the repairer write about it, at the pace of real ones. */
export interface StormIncident {
  id: string;
  owner: string;
  level: RiskLevel;
  /** When it opens, ms after the storm begins. */
  opensAt: number;
}

/** When the first event of each type was durable, on the virtual clock; by `incident type`. */
export type Happened = Map<string, number>;

const CALLS = 6;
const SEALED_WITHIN_MS = 30_000;
const AGENT = { kind: 'agent' as const, id: 'playbook', role: 'investigator' };
const REPAIRER = { kind: 'system' as const, id: 'repairer', role: 'repairer' };
const DAY = '2126-01-01T00:00:00.000Z';

export interface StoryDeps {
  investigator: { log: EventLog; observations: ObservationStore };
  repairer: { log: EventLog; checkpoints: CheckpointReader };
  time: Time;
  happened: Happened;
}

/** Opens and investigates: six calls in about a minute, a diagnosis with three quotes, one proposal. */
export async function investigate(deps: StoryDeps, incident: StormIncident, signal: AbortSignal): Promise<void> {
  const { time } = deps;
  await time.sleep(incident.opensAt, signal);
  await write(deps, incident, AGENT, [openedEvent(incident)]);
  await write(deps, incident, AGENT, [startedEvent()]);
  const digests: string[] = [];
  for (let call = 1; call <= CALLS; call++) {
    await write(deps, incident, AGENT, [calledEvent(call)]);
    await time.sleep(4000 + (call % 3) * 3000, signal);
    const text = observationText(incident, call);
    const digest = await deps.investigator.observations.put(text);
    digests.push(digest);
    await write(deps, incident, AGENT, [answeredEvent(call, digest, text)]);
  }
  await write(deps, incident, AGENT, [diagnosisEvent(incident, digests), proposalEvent(incident)]);
}

/** What follows an approval: the repair, its check, recovery. */
export async function repair(
  deps: StoryDeps,
  incident: StormIncident,
  decision: { decisionId: string; digest: string; index: number },
  signal: AbortSignal,
): Promise<void> {
  const { time } = deps;
  const { decisionId, digest, index } = decision;
  const step = { decisionId, fence: 1, step: 0, idempotencyKey: `${decisionId}:0` };
  const { size: sealedAt } = await deps.repairer.checkpoints.covering(index, SEALED_WITHIN_MS);
  await time.sleep(3000, signal);
  await write(deps, incident, REPAIRER, [
    { type: 'repair.started', data: { decisionId, digest, fence: 1, sealedAt } },
    { type: 'repair.stepped', data: { ...step, phase: 'started', action: INCREASE, detail: 'Sent.' } },
  ]);
  await time.sleep(12_000, signal);
  await write(deps, incident, REPAIRER, [
    { type: 'repair.stepped', data: { ...step, phase: 'applied', detail: 'memory_gi is 16.' } },
    { type: 'repair.finished', data: { decisionId, fence: 1, outcome: 'succeeded', detail: 'Done.' } },
  ]);
  await time.sleep(30_000, signal);
  await write(deps, incident, REPAIRER, [
    { type: 'verification.checked', data: { decisionId, round: 0, results: [] } },
    { type: 'incident.resolved', data: { minutes: 7, by: 'verification', verified: ['The run succeeded'] } },
  ]);
}

async function write(
  deps: StoryDeps,
  incident: StormIncident,
  actor: NewEvent['actor'],
  events: EventBody[],
): Promise<void> {
  const { log } = actor === AGENT ? deps.investigator : deps.repairer;
  for (;;) {
    const at = deps.time.clock.now().toISOString();
    const written = events.map((event): NewEvent => ({ ...event, actor, at }));
    const version = (await log.read(incident.id)).length;
    try {
      await log.append(incident.id, version, written);
      break;
    } catch (error) {
      if ((error as { kind?: string }).kind !== 'conflict') throw error;
    }
  }
  const at = deps.time.clock.now().getTime();
  for (const { type } of events) {
    const name = `${incident.id} ${type}`;
    if (!deps.happened.has(name)) deps.happened.set(name, at);
  }
}

function openedEvent({ id, owner }: StormIncident): EventBody {
  const title = `nightly_${id.slice(4).toLowerCase()} failed in transform`;
  const alert = {
    source: 'airflow' as const,
    fingerprint: id,
    status: 'firing' as const,
    startedAt: '2026-03-11T02:14:00.000Z',
    receivedAt: '2026-03-11T02:14:03.000Z',
    title,
    text: 'Task failed with java.lang.OutOfMemoryError: Java heap space',
    severity: 'high' as const,
    labels: {},
    subject: { dag: title.split(' ')[0] ?? '', task: 'transform' },
  };
  const data = { alert, title, severity: 'high' as const, pipeline: alert.subject.dag, owner, unknown: [] };
  return { type: 'incident.opened', data: { ...data, openedBy: 'alert:airflow' } };
}

function startedEvent(): EventBody {
  const digest = 'd'.repeat(64);
  const model = { reasoner: 'playbook', model: 'playbook-1', promptVersion: '1' };
  const limits = { maxToolCalls: 12, confidenceThreshold: 0.85 };
  const data = { attempt: 1, ...model, promptDigest: digest, toolsDigest: digest, ...limits };
  return { type: 'investigation.started', data };
}

function calledEvent(call: number): EventBody {
  const thought =
    'The driver died without a word of its own, so the executors and the memory of the last runs come next.';
  const data = { callId: `c${call}`, call, tool: 'spark_app_diagnosis', args: { app: 'feature_export', since: '24h' } };
  const mind = { thought, hypothesis: 'The driver ran out of memory', confidence: 0.4 + call / 20 };
  return { type: 'tool.called', data: { ...data, ...mind } };
}

function observationText({ id }: StormIncident, call: number): string {
  return `app=${id} attempt=${call}\nerror=java.lang.OutOfMemoryError: Java heap space\nheap_used_gib=7.9 of 8`;
}

function answeredEvent(call: number, observation: string, text: string): EventBody {
  const size = { bytes: text.length, truncated: false, redactions: 0, flags: [], durationMs: 900 };
  const headline = text.split('\n')[0] ?? '';
  return { type: 'tool.answered', data: { callId: `c${call}`, status: 'ok', observation, ...size, headline } };
}

function diagnosisEvent(incident: StormIncident, digests: readonly string[]): EventBody {
  const evidence = digests.slice(0, 3).map((observation, at) => ({
    callId: `c${at + 1}`,
    tool: 'spark_app_diagnosis',
    quote: 'error=java.lang.OutOfMemoryError: Java heap space',
    supports: 'the driver ran out of heap',
    observation,
  }));
  const cause = {
    category: 'resource_exhaustion' as const,
    component: 'spark' as const,
    entity: 'spark:config/feature_export.memory_gi',
    change: 'volume_growth' as const,
    claim: `The driver of ${incident.id} needs more than eight gibibytes.`,
  };
  const summary = 'The driver ran out of memory at eight gibibytes; the input grew by half since last week.';
  const rest = { struck: [], ruledOut: [], flags: [] };
  const diagnosis = { outcome: 'repair' as const, causes: [cause], summary, confidence: 0.91, evidence, ...rest };
  return { type: 'diagnosis.made', data: { diagnosis, toolCalls: CALLS } };
}

const MORE: RepairAction = { do: 'resource_increase', target: 'feature_export.memory_gi', value: 20 };

/** A step that the rules rate at this level. */
function stepOf({ id, level }: StormIncident): ProposalStep {
  if (level === 'high') return testStep(MORE);
  if (level === 'medium') return testStep(INCREASE);
  const again = { tasks: 'failed' as const, mark_success: [], not_before_minutes: 0 };
  const action: RepairAction = { do: 'retry', dag: 'feature_export', run: `scheduled__${id}`, ...again };
  return testStep(action, {
    title: 'Run transform again',
    before: 'failed',
    after: 'queued',
    idempotency: 'idempotent',
  });
}

function proposalEvent(incident: StormIncident): EventBody {
  const { id, level } = incident;
  const proposal = testProposal({ incident: id, level, steps: [stepOf(incident)], expiresAt: DAY });
  return { type: 'proposal.made', data: { proposal, digest: proposalDigest(proposal) } };
}
