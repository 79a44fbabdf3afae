import { askWrite } from '../../src/domain/ask.js';
import { foldIncident, type Incident } from '../../src/domain/incident.js';
import { transact } from '../../src/domain/ledger.js';
import { Policy } from '../../src/domain/policy.js';
import type { AskAnswer, EventLog } from '../../src/domain/ports.js';
import { createFollowUp } from '../../src/investigate/follow-up.js';
import { createPlaybookReasoner } from '../../src/investigate/playbook/reasoner.js';
import type { Reasoner } from '../../src/investigate/reasoner.js';
import { type AgentCase, createAgentCase, openIncident } from './agent-case.js';
import { renamedColumn } from './renamed-column.js';

/** An incident that was investigated, and questions to it. */

export const signal = new AbortController().signal;
export const ANA = { id: 'ana@example.com', via: 'slack' as const };
export const policy = Policy.parse({
  version: 1,
  approvers: { risk: { low: [ANA.id], medium: [ANA.id] } },
  agent: { maxToolCalls: 12 },
  talk: { maxGrant: 4 },
});

export async function incidentOf(agent: { log: EventLog }, id: string): Promise<Incident> {
  const incident = foldIncident(await agent.log.read(id));
  if (incident === undefined) throw new Error('no incident');
  return incident;
}

export async function ask(
  agent: { log: EventLog },
  id: string,
  text: string,
  questionId = 'q1',
  grant = 0,
): Promise<AskAnswer> {
  const { result } = await transact(agent.log, id, (incident) => {
    if (incident === undefined) throw new Error('no incident');
    return askWrite(incident, { questionId, by: ANA, text, grant, policy });
  });
  return result;
}

/** As the role does with what the log put into the outbox: the newest job first seen is run, then what that adds. */
export async function work(agent: AgentCase, id: string): Promise<void> {
  const followUp = createFollowUp(agent);
  for (let done = 0; done < agent.log.jobs.length; done += 1) {
    const { question } = agent.log.jobs[done] ?? {};
    if (question !== undefined) await followUp.answer(id, question, signal);
  }
}

export async function investigated(reasoner: Reasoner = createPlaybookReasoner(), maxToolCalls = 12) {
  const agent = createAgentCase(reasoner, renamedColumn(), {
    policy: { ...policy, agent: { ...policy.agent, maxToolCalls } },
    fallback: createPlaybookReasoner(),
  });
  const id = await openIncident(agent.log, 'INC-1');
  await agent.investigation.run(id, signal);
  return { agent, id, before: await incidentOf(agent, id) };
}
