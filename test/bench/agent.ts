import { setMaxListeners } from 'node:events';
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages';
import { createAgent, fakeModel, tool, toolStrategy } from 'langchain';
import { sha256Hex } from '../../src/domain/canonical.js';
import type { Entry } from '../../src/domain/events.js';
import { foldIncident } from '../../src/domain/incident.js';
import type { EventLog, StoredEntry } from '../../src/domain/ports.js';
import type { ToolCatalog } from '../../src/domain/tool.js';
import { Answer, conclude } from '../../src/investigate/answer.js';
import { loadPrompt, systemPrompt } from '../../src/investigate/prompt.js';
import type { Reasoner } from '../../src/investigate/reasoner.js';
import { withReasoning } from '../../src/investigate/reasoning.js';
import { createAgentCase, createTableCatalog, openIncident } from '../support/agent-case.js';

export interface AgentBench {
  /** Turns of the model in one investigation, the answer among them. */
  iterations: number;
  runs: number;
  /** Milliseconds of one iteration, median over the runs. */
  bareMs: number;
  oursMs: number;
  /** Ours over bare; the bar is 1.3. */
  ratio: number;
}

const TURNS = 10;
const OBSERVATION = Array.from(
  { length: 60 },
  (_none, index) => `| 2026-03-11T02:14:${index} WARN line ${index} of a log`,
).join('\n');

/** What an iteration of ours costs beside a bare `createAgent` loop: same tools, same prompt, same stub of a model, turn about. */
export async function benchAgent(runs = 30): Promise<AgentBench> {
  const bare: number[] = [];
  const ours: number[] = [];
  await timeBare();
  await timeOurs();
  for (let run = 0; run < runs; run += 1) {
    bare.push(await timeBare());
    ours.push(await timeOurs());
  }
  const iterations = TURNS + 1;
  const [bareMs, oursMs] = [median(bare) / iterations, median(ours) / iterations];
  return { iterations, runs, bareMs: round(bareMs), oursMs: round(oursMs), ratio: round(oursMs / bareMs) };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function catalog(): ToolCatalog {
  return createTableCatalog({
    airflow_dag_status: () => ({ text: OBSERVATION }),
    delta_history: () => ({ text: OBSERVATION }),
    propose_dag_retry: () => ({ text: 'refused reason="nothing failed"', status: 'no_data' }),
  });
}

/** A log that only keeps: what appending costs is measured by the log's own part. */
function plainLog(): EventLog {
  const entries: StoredEntry[] = [];
  return {
    async append(subject, version, events) {
      const added = events.map((event, index): StoredEntry => {
        const envelope = {
          v: 1,
          id: `${entries.length}`,
          at: '2026-03-11T02:14:00.000Z',
          subject,
          n: version + index + 1,
        };
        return { index: entries.length + index, entry: { ...envelope, ...event } as Entry };
      });
      entries.push(...added);
      return { version: version + added.length, entries: added };
    },
    read: async () => [...entries],
    readFrom: async (index) => entries.slice(index),
    size: async () => entries.length,
    follow: async () => undefined,
  };
}

/** The same ten calls and the same answer every time. */
function stub(): ReturnType<typeof fakeModel> {
  const model = fakeModel();
  for (let turn = 0; turn < TURNS; turn += 1) {
    const args = {
      thought: 'Look at the next thing.',
      hypothesis: 'Something failed.',
      confidence: 0.4,
      about: `${turn}`,
    };
    const name = turn % 2 === 0 ? 'airflow_dag_status' : 'delta_history';
    model.respond(
      new AIMessage({ content: '', tool_calls: [{ type: 'tool_call', id: `call_${turn + 1}`, name, args }] }),
    );
  }
  const answer = { outcome: 'inconclusive', causes: [], summary: 'I do not know.', confidence: 0.2 };
  model.respond(
    new AIMessage({ content: '', tool_calls: [{ type: 'tool_call', id: 'answer', name: 'conclude', args: answer }] }),
  );
  return model;
}

/** As a worker gives one to each job; every graph step listens to it. */
function freshSignal(): AbortSignal {
  const { signal } = new AbortController();
  setMaxListeners(200, signal);
  return signal;
}

async function timeBare(): Promise<number> {
  const { catalog: tools, prompt } = await parts();
  const signal = freshSignal();
  const model = stub();
  const started = performance.now();
  const agent = createAgent({
    model,
    systemPrompt: new SystemMessage(prompt),
    tools: tools.tools.map((entry) =>
      tool(async (args) => (await tools.call(entry.name, args, signal)).text, {
        name: entry.name,
        description: entry.description,
        schema: withReasoning(entry.args),
      }),
    ),
    responseFormat: toolStrategy(conclude.json),
  });
  const messages: BaseMessage[] = [new HumanMessage('Investigate.')];
  const state = await agent.invoke({ messages }, { signal, recursionLimit: 60 });
  const took = performance.now() - started;
  Answer.parse(state.structuredResponse);
  if (state.messages.filter((message) => ToolMessage.isInstance(message)).length < TURNS)
    throw new Error('the bare loop ran short');
  return took;
}

async function timeOurs(): Promise<number> {
  const { agent, id } = await parts();
  const signal = freshSignal();
  const started = performance.now();
  await agent.investigation.run(id, signal);
  const took = performance.now() - started;
  if (foldIncident(await agent.log.read(id))?.calls.length !== TURNS) throw new Error('our loop ran short');
  return took;
}

async function parts(): Promise<{
  agent: ReturnType<typeof createAgentCase>;
  id: string;
  prompt: string;
  catalog: ToolCatalog;
}> {
  const tools = catalog();
  const model = stub();
  const reasoner: Reasoner = {
    name: 'stub',
    model: 'stub',
    priced: false,
    priceOf: () => 0,
    create: async () => model,
  };
  const agent = createAgentCase(reasoner, tools, { log: plainLog() });
  const id = await openIncident(agent.log);
  const incident = foldIncident(await agent.log.read(id));
  if (incident === undefined) throw new Error(`no incident ${sha256Hex(id)}`);
  return { agent, id, catalog: tools, prompt: systemPrompt(loadPrompt(), incident, agent.inventory, agent.policy) };
}
