import { describe, expect, it } from 'vitest';
import { type AgentCase, createAgentCase, openIncident } from '../../test/support/agent-case.js';
import { createMemoryObservations } from '../../test/support/memory-log.js';
import { renamedColumn } from '../../test/support/renamed-column.js';
import type { EventLog, ObservationStore } from '../domain/ports.js';
import { createPlaybookReasoner } from './playbook/reasoner.js';

const signal = new AbortController().signal;

/** Makes the n-th call of one method fail, before it took effect or after. */
function failing<T extends EventLog | ObservationStore>(
  target: T,
  method: keyof T & ('append' | 'put'),
  nth: number,
  fault: 'before' | 'after',
): T {
  let calls = 0;
  const original = target[method] as (...args: unknown[]) => Promise<unknown>;
  return {
    ...target,
    async [method](...args: unknown[]) {
      calls += 1;
      if (calls === nth && fault === 'before') throw new Error('the connection was lost');
      const result = await original.apply(target, args);
      if (calls === nth && fault === 'after') throw new Error('the connection was lost');
      return result;
    },
  };
}

type Told = { type: string; data: { callId?: string } };

/** The story without what may differ between two tellings: ids, times, and the order of answers to calls made together. */
function story(agent: AgentCase): Told[] {
  const told = agent.log.lines.map((line) => {
    const { id: _id, at: _at, n: _n, ...entry } = JSON.parse(line) as Told & Record<string, unknown>;
    return entry;
  });
  const answered = (entry: Told | undefined): boolean => entry?.type === 'tool.answered';
  const group = (index: number): number => told.slice(0, index).findLastIndex((entry) => !answered(entry));
  return told
    .map((entry, index) => ({ entry, at: answered(entry) ? group(index) + 0.5 : index }))
    .sort((a, b) => a.at - b.at || (a.entry.data.callId ?? '').localeCompare(b.entry.data.callId ?? ''))
    .map(({ entry }) => entry);
}

async function untilDone(agent: AgentCase, id: string): Promise<number> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    try {
      await agent.investigation.run(id, signal);
      return attempt;
    } catch {
      // The queue runs the job again.
    }
  }
  throw new Error('the investigation never ended');
}

async function undisturbed(): Promise<{ story: Told[]; toolCalls: number; appends: number; puts: number }> {
  const catalog = renamedColumn();
  const agent = createAgentCase(createPlaybookReasoner(), catalog);
  const counted = { appends: 0, puts: 0 };
  const { append } = agent.log;
  agent.log.append = (...args) => {
    counted.appends += 1;
    return append(...args);
  };
  const { put } = agent.observations;
  agent.observations.put = (text) => {
    counted.puts += 1;
    return put(text);
  };
  const id = await openIncident(agent.log);
  await agent.investigation.run(id, signal);
  return { story: story(agent), toolCalls: catalog.calls.length, ...counted };
}

describe('an investigation whose worker dies', { timeout: 30_000 }, () => {
  it('ends in the same log wherever the log failed, stored or not, and never exceeds the calls', async () => {
    const whole = await undisturbed();
    expect(whole.appends).toBeGreaterThan(8);
    for (const fault of ['before', 'after'] as const) {
      for (let nth = 1; nth < whole.appends; nth += 1) {
        const catalog = renamedColumn();
        const agent = createAgentCase(createPlaybookReasoner(), catalog);
        const id = await openIncident(agent.log);
        const flaky = {
          ...createAgentCase(createPlaybookReasoner(), catalog, {
            ...agent,
            log: failing(agent.log, 'append', nth, fault),
          }),
          log: agent.log,
        };
        const attempts = await untilDone(flaky, id);
        expect(story(agent), `${fault} append ${nth}`).toEqual(whole.story);
        expect(attempts, `${fault} append ${nth}`).toBeLessThanOrEqual(2);
        expect(catalog.calls.length - whole.toolCalls, `${fault} append ${nth}`).toBeLessThanOrEqual(2);
      }
    }
  });

  it('ends in the same log wherever the observation store failed', async () => {
    const whole = await undisturbed();
    for (const fault of ['before', 'after'] as const) {
      for (let nth = 1; nth <= whole.puts; nth += 1) {
        const observations = failing(createMemoryObservations(), 'put', nth, fault);
        const agent = createAgentCase(createPlaybookReasoner(), renamedColumn(), { observations });
        const id = await openIncident(agent.log);
        await untilDone(agent, id);
        expect(story(agent), `${fault} put ${nth}`).toEqual(whole.story);
      }
    }
  });

  it('is not begun a second time beside a living worker: one of the two gives way, the story stays whole', async () => {
    const whole = await undisturbed();
    const catalog = renamedColumn();
    const agent = createAgentCase(createPlaybookReasoner(), catalog);
    const id = await openIncident(agent.log);
    await Promise.allSettled([agent.investigation.run(id, signal), agent.investigation.run(id, signal)]);
    await untilDone(agent, id);
    const types = story(agent).map((entry) => entry.type);
    expect(types).toEqual(whole.story.map((entry) => entry.type));
  });

  it('stops when it is told to, and goes on later', async () => {
    const stop = new AbortController();
    const catalog = renamedColumn();
    const { call } = catalog;
    catalog.call = async (name, args, given) => {
      if (catalog.calls.length === 1) stop.abort();
      return call(name, args, given);
    };
    const agent = createAgentCase(createPlaybookReasoner(), catalog);
    const id = await openIncident(agent.log);
    await expect(agent.investigation.run(id, stop.signal)).rejects.toMatchObject({ kind: 'unavailable' });
    await agent.investigation.run(id, signal);
    expect(story(agent)).toEqual((await undisturbed()).story);
  });
});
