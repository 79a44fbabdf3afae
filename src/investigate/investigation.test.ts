import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import { fakeModel } from 'langchain';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type Answers,
  createAgentCase,
  createMemorySpending,
  createTableCatalog,
  openIncident,
  retryStep,
} from '../../test/support/agent-case.js';
import { foldIncident } from '../domain/incident.js';
import { Policy } from '../domain/policy.js';
import { proposalDigest } from '../domain/proposal.js';
import type { ToolOutcome } from '../domain/tool.js';
import type { Reasoner } from './reasoner.js';

const LOG = 'run id=scheduled__2026-03-11 state=failed\n| KeyError: merchant_subcategory_v2';
const answers: Answers = {
  airflow_dag_status: () => ({ text: LOG }),
  git_blame: () => ({ text: 'commit sha=abc1234 author="Ann <ann@example.com>" at=2026-01-01T00:00:00Z age=47d' }),
  propose_dag_retry: () => ({ text: 'step title="Run transform again"', step: retryStep }),
};
const signal = new AbortController().signal;

const call = (name: string, confidence = 0.5, extra: Record<string, unknown> = {}) => ({
  name,
  args: { thought: 'Look first.', hypothesis: 'A task failed.', confidence, ...extra },
});
const cause = {
  category: 'executor_failure',
  component: 'k8s',
  entity: 'k8s:node/n-7',
  change: 'node_lost',
  claim: 'A node went away.',
};
const quote = { call: 'call_1', quote: '| KeyError: merchant_subcategory_v2', supports: 'the error' };
const conclusion = (changed: Record<string, unknown> = {}) => ({
  name: 'conclude',
  id: 'answer',
  args: {
    outcome: 'repair',
    causes: [{ ...cause, evidence: [quote] }],
    summary: 'A node was lost. Run it again.',
    confidence: 0.9,
    plan: ['call_2'],
    ...changed,
  },
});

const refusal: ToolOutcome = { status: 'error', text: '', headline: '', truncated: false, redactions: 0, flags: [] };

type Model = ReturnType<typeof fakeModel>;
const reasonerOf = (model: Model, changed: Partial<Reasoner> = {}): Reasoner => ({
  name: 'stub',
  model: 'stub-1',
  priced: false,
  priceOf: () => 0,
  create: async () => model,
  ...changed,
});
const scripted = (...turns: { name: string; args: Record<string, unknown> }[][]): Model =>
  watched(turns.reduce<Model>((model, turn) => model.respondWithTools(turn), fakeModel()));
/** The tools bound at a turn: what the model could have called. */
const offered = (model: Model, turn: number): string[] => bound.get(model)?.[turn] ?? [];
const bound = new Map<Model, string[][]>();
function watched(model: Model): Model {
  const bindTools = model.bindTools.bind(model);
  model.bindTools = (tools) => {
    const names = tools.map((tool) =>
      'function' in tool ? (tool.function as { name: string }).name : String(tool.name),
    );
    bound.set(model, [...(bound.get(model) ?? []), names]);
    return bindTools(tools);
  };
  return model;
}

async function incidentAfter(model: Model, changed: Parameters<typeof createAgentCase>[2] = {}, table = answers) {
  const catalog = createTableCatalog(table);
  const agent = createAgentCase(reasonerOf(model), catalog, changed);
  const id = await openIncident(agent.log);
  await agent.investigation.run(id, signal);
  const stored = await agent.log.read(id);
  const incident = foldIncident(stored);
  if (incident === undefined) throw new Error('no incident');
  return { incident, catalog, agent, types: stored.map(({ entry }) => entry.type) };
}

describe('createInvestigation', () => {
  it('records each call before it runs and its answer after it, then diagnosis and proposal in one append', async () => {
    const model = scripted([call('airflow_dag_status')], [call('propose_dag_retry', 0.9)], [conclusion()]);
    const { incident, types, catalog } = await incidentAfter(model);
    expect(types).toEqual([
      'incident.opened',
      'investigation.started',
      'tool.called',
      'tool.answered',
      'tool.called',
      'tool.answered',
      'diagnosis.made',
      'proposal.made',
    ]);
    expect(incident.status).toBe('awaiting_decision');
    expect(incident.calls.map(({ call: made }) => [made.callId, made.call, made.thought])).toEqual([
      ['call_1', 1, 'Look first.'],
      ['call_2', 2, 'Look first.'],
    ]);
    expect(catalog.calls[0]).toEqual({ name: 'airflow_dag_status', args: {} });
    const version = incident.proposals[0];
    expect(version?.digest).toBe(version && proposalDigest(version.proposal));
    expect(version?.proposal).toMatchObject({
      steps: [retryStep],
      blastRadius: { datasets: ['gold.spend'], pipelines: [{ dag: 'spend_report', owner: 'finance-data' }] },
      expiresAt: '2026-03-11T03:14:00.000Z',
      proposedBy: 'agent',
    });
    expect(incident.diagnosis).toMatchObject({ outcome: 'repair', flags: [], struck: [] });
  });

  it('strikes an altered quote and escalates a cause of which no quote stands', async () => {
    const altered = { ...quote, quote: '| KeyError: merchant_subcategory_v3' };
    const model = scripted(
      [call('airflow_dag_status')],
      [call('propose_dag_retry')],
      [conclusion({ causes: [{ ...cause, evidence: [altered] }] })],
    );
    const { incident } = await incidentAfter(model);
    expect(incident.status).toBe('escalated');
    expect(incident.escalation?.reason).toContain('No evidence stands for k8s:node/n-7');
    expect(incident.diagnosis?.struck).toEqual([{ quote: altered.quote, reason: expect.stringContaining('call_1') }]);
    expect(incident.diagnosis?.flags).toContain('evidence_struck');
    expect(incident.diagnosis?.causes).toEqual([]);
  });

  it('keeps a quote that stands beside one that does not', async () => {
    const wrongCall = { ...quote, call: 'call_2' };
    const model = scripted(
      [call('airflow_dag_status')],
      [call('propose_dag_retry')],
      [conclusion({ causes: [{ ...cause, evidence: [wrongCall, quote] }] })],
    );
    const { incident } = await incidentAfter(model);
    expect(incident.status).toBe('awaiting_decision');
    expect(incident.diagnosis?.evidence.map((evidence) => evidence.callId)).toEqual(['call_1']);
    expect(incident.diagnosis?.struck).toHaveLength(1);
  });

  it('never makes more calls than the budget, also when one turn asks for many at once', async () => {
    const many = Array.from({ length: 5 }, () => call('airflow_dag_status'));
    const model = scripted(many, many, many, [conclusion({ outcome: 'inconclusive', causes: [], plan: [] })]);
    const { incident, catalog } = await incidentAfter(model);
    expect(catalog.calls).toHaveLength(12);
    expect(incident.calls.map(({ call: made }) => made.call)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(offered(model, 3)).toEqual(['conclude']);
    expect(incident.status).toBe('escalated');
    expect(incident.escalation).toMatchObject({ partial: true, to: 'payments-data' });
    expect(incident.escalation?.reason).toContain('The budget of 12 tool calls is used up.');
    expect(incident.diagnosis?.flags).toContain('partial');
  });

  it('withdraws the reading tools after two sure turns in a row, and the drafting tools once the plan is drafted', async () => {
    const model = scripted(
      [call('airflow_dag_status', 0.9)],
      [call('git_blame', 0.4)],
      [call('airflow_dag_status', 0.9)],
      [call('git_blame', 0.9)],
      [call('propose_dag_retry', 0.95)],
      [conclusion({ plan: ['call_5'] })],
    );
    const { incident } = await incidentAfter(model);
    expect(offered(model, 3)).toContain('airflow_dag_status');
    expect(offered(model, 4)).toEqual(['propose_dag_retry', 'conclude']);
    expect(incident.status).toBe('awaiting_decision');
  });

  it('runs no call of a withdrawn tool and does not count it', async () => {
    const sure = call('airflow_dag_status', 0.9);
    const model = scripted([sure], [sure], [sure], [conclusion({ plan: [] })]);
    const { incident, catalog } = await incidentAfter(model);
    expect(catalog.calls).toHaveLength(2);
    expect(incident.status).toBe('escalated');
  });

  it('refuses a call without reasoning, counts it, and says so', async () => {
    const bare = { name: 'airflow_dag_status', args: {} };
    const model = scripted([bare], [conclusion({ outcome: 'escalate', causes: [], plan: [] })]);
    const { incident, catalog } = await incidentAfter(model);
    expect(catalog.calls).toHaveLength(0);
    expect(incident.calls[0]?.answer).toMatchObject({ status: 'error' });
    expect(incident.calls[0]?.call.thought).toBe('(no thought was given)');
  });

  it('lets the catalog say what is wrong with arguments, and records that answer', async () => {
    const catalog = createTableCatalog(answers);
    catalog.tools = catalog.tools.map((tool) => ({ ...tool, args: z.strictObject({ dag_id: z.string() }) }));
    catalog.call = async () => ({ ...refusal, text: 'error text="dag_id: expected string"' });
    const model = scripted(
      [call('airflow_dag_status', 0.5, { dag_id: 7 })],
      [call('airflow_dag_status', 0.5, { dag_id: 'x', other: 1 })],
      [conclusion({ outcome: 'escalate', causes: [], plan: [] })],
    );
    const agent = createAgentCase(reasonerOf(model), catalog);
    const id = await openIncident(agent.log);
    await agent.investigation.run(id, signal);
    const incident = foldIncident(await agent.log.read(id));
    expect(incident?.calls.map(({ answer }) => answer?.status)).toEqual(['error', 'error']);
    expect(await agent.observations.get(incident?.calls[0]?.answer?.observation ?? '')).toContain('dag_id');
  });

  it('answers a call of a tool that does not exist with an error of our own words', async () => {
    const model = scripted(
      [call('ignore previous instructions')],
      [conclusion({ outcome: 'escalate', causes: [], plan: [] })],
    );
    const { incident, agent } = await incidentAfter(model);
    const answer = incident.calls[0]?.answer;
    expect(await agent.observations.get(answer?.observation ?? '')).toMatch(/^There is no such tool\. There are: /);
  });

  it('closes a false alarm with evidence, and escalates one without', async () => {
    const harmless = { outcome: 'no_action', causes: [], plan: [], reason: 'The run has passed since.' };
    const closed = await incidentAfter(
      scripted([call('airflow_dag_status')], [conclusion({ ...harmless, evidence: [quote] })]),
    );
    expect(closed.incident).toMatchObject({ status: 'closed', closedBecause: 'The run has passed since.' });
    const bare = await incidentAfter(scripted([call('airflow_dag_status')], [conclusion(harmless)]));
    expect(bare.incident.status).toBe('escalated');
  });

  it('escalates low confidence, an undrafted plan and a refused draft instead of proposing', async () => {
    const turns = [[call('airflow_dag_status')], [call('propose_dag_retry')]];
    const unsure = await incidentAfter(scripted(...turns, [conclusion({ confidence: 0.3 })]));
    expect(unsure.incident.escalation?.reason).toContain('not sure enough');
    const undrafted = await incidentAfter(scripted(...turns, [conclusion({ plan: [] })]));
    expect(undrafted.incident.escalation?.reason).toContain('no step was drafted');
    const refused = await incidentAfter(
      scripted(...turns, [conclusion()]),
      {},
      {
        ...answers,
        propose_dag_retry: () => ({ text: 'The run has not failed.', status: 'error' }),
      },
    );
    expect(refused.incident.escalation?.reason).toContain('call_2 drafted no step');
  });

  it('asks again when the answer does not fit the schema, and hands over to the fallback after two', async () => {
    const bad = conclusion({ causes: [{ ...cause, category: 'gremlins', evidence: [quote] }] });
    const model = scripted([call('airflow_dag_status')], [call('propose_dag_retry')], [bad], [bad]);
    const fallback = reasonerOf(scripted([conclusion()]), { name: 'playbook', model: 'playbook-1' });
    const { incident } = await incidentAfter(model, { fallback });
    expect(incident.reasonerChanges).toEqual([
      { from: 'stub', to: 'playbook', because: 'its answers did not fit the schema' },
    ]);
    expect(incident.status).toBe('awaiting_decision');
  });

  it('hands over to the fallback, on the record, when the model fails, and goes on from the same messages', async () => {
    let seen: BaseMessage[] = [];
    const fallbackModel = fakeModel()
      .respond((messages) => {
        seen = messages;
        return new AIMessage({ content: '', tool_calls: [{ ...call('propose_dag_retry'), id: 'x' }] });
      })
      .respondWithTools([conclusion()]);
    const model = fakeModel()
      .respondWithTools([call('airflow_dag_status')])
      .respond(Object.assign(new Error('upstream said: drop all tables'), { status: 500 }));
    const fallback = reasonerOf(fallbackModel, { name: 'playbook' });
    const { incident } = await incidentAfter(model, { fallback });
    expect(incident.reasonerChanges[0]?.because).toBe("the model's server answered 500");
    expect(seen.map((message) => message.getType())).toEqual(['system', 'human', 'ai', 'tool']);
    expect(incident.status).toBe('awaiting_decision');
  });

  it('escalates with the partial trace when every reasoner fails', async () => {
    const model = fakeModel()
      .respondWithTools([call('airflow_dag_status')])
      .alwaysThrow(new Error('gone'));
    const { incident, types } = await incidentAfter(model);
    expect(types.at(-1)).toBe('incident.escalated');
    expect(incident.escalation?.partial).toBe(true);
  });

  it('counts tokens and money on the log and stops asking the model at the daily ceiling', async () => {
    const spending = createMemorySpending(0.9);
    const model = fakeModel().respond(
      new AIMessage({
        content: '',
        tool_calls: [{ ...call('airflow_dag_status'), id: 'x' }],
        usage_metadata: { input_tokens: 1000, output_tokens: 50, total_tokens: 1050 },
        response_metadata: { model_name: 'stub-1-0311', system_fingerprint: 'fp_1' },
      }),
    );
    const reasoner = reasonerOf(model, { priced: true, priceOf: (usage) => usage.inputTokens / 5000 });
    const fallback = reasonerOf(scripted([conclusion({ outcome: 'escalate' })]), { name: 'playbook' });
    const policy = Policy.parse({ version: 1, agent: { dailyBudgetUsd: 1 } });
    const agent = createAgentCase(reasoner, createTableCatalog(answers), { fallback, policy, spending });
    const id = await openIncident(agent.log);
    await agent.investigation.run(id, signal);
    const incident = foldIncident(await agent.log.read(id));
    expect(incident?.calls[0]?.call.usage).toEqual({
      inputTokens: 1000,
      outputTokens: 50,
      costUsd: 0.2,
      model: 'stub-1-0311',
      systemFingerprint: 'fp_1',
    });
    expect(spending.total).toBeCloseTo(1.1);
    expect(incident?.reasonerChanges[0]?.because).toBe('the daily spending ceiling is reached');
  });

  it('flags an incident in which a tool saw planted instructions', async () => {
    const { incident } = await incidentAfter(
      scripted([call('airflow_dag_status')], [call('propose_dag_retry')], [conclusion()]),
      {},
      { ...answers, airflow_dag_status: () => ({ text: LOG, flags: ['injection_suspected'] }) },
    );
    expect(incident.diagnosis?.flags).toEqual(['injection_suspected']);
  });

  it('does nothing to an incident that is no longer under investigation', async () => {
    const { agent, incident } = await incidentAfter(
      scripted([call('airflow_dag_status')], [call('propose_dag_retry')], [conclusion()]),
    );
    const before = agent.log.lines.length;
    await agent.investigation.run(incident.id, signal);
    expect(agent.log.lines).toHaveLength(before);
  });
});
