import { Writable } from 'node:stream';
import { createObservationStore } from '../../adapters/redis/observations.js';
import { createTerminalThread } from '../../adapters/terminal/thread.js';
import type { Incident } from '../domain/incident.js';
import type { RepairAction } from '../domain/proposal.js';
import { investigationCalls } from '../domain/question.js';
import type { AgentOutcome } from '../evaluate/model.js';
import type { LocalStack } from './local.js';
import type { LogConnection } from './log-connection.js';

/** The plan as the responder made it, whatever people changed of it. */
export function plannedRepairs({ proposals }: Pick<Incident, 'proposals'>): RepairAction[] {
  const own = proposals.findLast(({ proposal }) => proposal.proposedBy === proposals[0]?.proposal.proposedBy);
  return own?.proposal.steps.map((step) => step.action) ?? [];
}

/** How the responder ended an incident, as its log has it. */
export async function outcomeOf(incident: Incident, seconds: number, connection: LogConnection): Promise<AgentOutcome> {
  const observations = createObservationStore(connection.redis);
  const calls = await Promise.all(
    investigationCalls(incident).map(async ({ call, answer }) => ({
      callId: call.callId,
      tool: call.tool,
      args: call.args,
      status: answer?.status ?? ('error' as const),
      text: answer === undefined ? '' : ((await observations.get(answer.observation)) ?? ''),
      thought: call.thought,
      hypothesis: call.hypothesis,
      confidence: call.confidence,
    })),
  );
  const infraError = infraErrorOf(incident);
  return {
    ending: endingOf(incident),
    ...(incident.diagnosis === undefined ? {} : { diagnosis: incident.diagnosis }),
    repairs: plannedRepairs(incident),
    calls,
    capHit: calls.length >= (incident.investigation?.maxToolCalls ?? 12),
    inputTokens: incident.tokens,
    outputTokens: 0,
    costUsd: incident.costUsd,
    seconds,
    ...(infraError === undefined ? {} : { infraError }),
  };
}

/** What was not the work of the one who is examined. */
function infraErrorOf({ investigation, reasonerChanges }: Incident): string | undefined {
  const [change] = reasonerChanges;
  if (change !== undefined) return `${change.to} took over from ${change.from}: ${change.because}`;
  return investigation === undefined ? 'The investigation never began; see the process log.' : undefined;
}

function endingOf(incident: Incident): AgentOutcome['ending'] {
  if (incident.proposals.length > 0) return 'repair';
  if (incident.status === 'escalated') return 'escalate';
  return incident.status === 'closed' ? 'none' : 'silent';
}

const SHOWN_WITHIN_MS = 5_000;
const POLL_MS = 50;

/** The thread as people would read it at the end. */
export async function threadOf(stack: LocalStack, incident: Incident): Promise<string[]> {
  // The web role's own view of the log may be a moment behind ours.
  const deadline = Date.now() + SHOWN_WITHIN_MS;
  while (Date.now() < deadline) {
    const shown = (await stack.client.list()).find((one) => one.incident === incident.id);
    if (shown?.status === incident.status) break;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  let text = '';
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  await createTerminalThread({ out, color: false }).show(await stack.client.thread(incident.id));
  return text.trimEnd().split('\n');
}
