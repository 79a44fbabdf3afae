import { describe, expect, it } from 'vitest';
import type { AgentCase } from '../../test/support/agent-case.js';
import { ask, investigated, signal, work } from '../../test/support/follow-up-case.js';
import { storyFaults } from '../../test/support/story-faults.js';
import type { Incident } from '../domain/incident.js';
import { createFollowUp } from './follow-up.js';

describe('a worker that dies while it answers', { timeout: 30_000 }, () => {
  const QUESTION = 'did bronze.transactions change its schema yesterday?';
  /** Calls of one turn are answered in any order, so entries are compared whatever theirs. */
  const story = (agent: AgentCase): string[] =>
    agent.log.lines
      .map((line) => {
        const { type, data } = JSON.parse(line);
        return JSON.stringify({ type, ...data, durationMs: 0 });
      })
      .sort();

  async function undisturbed(): Promise<{ story: string[]; appends: number }> {
    const { agent, id } = await investigated();
    await ask(agent, id, QUESTION);
    const before = agent.log.lines.length;
    await work(agent, id);
    return { story: story(agent), appends: agent.log.lines.length - before };
  }

  it('leaves the same log wherever the append failed, stored or not, and no event twice', async () => {
    const whole = await undisturbed();
    expect(whole.appends).toBeGreaterThanOrEqual(4);
    for (const type of ['tool.called', 'tool.answered', 'question.answered'] as const) {
      for (const fault of ['before', 'after'] as const) {
        const { agent, id } = await investigated();
        await ask(agent, id, QUESTION);
        agent.log.failNext(fault, type);
        const followUp = createFollowUp(agent);
        await expect(followUp.answer(id, 'q1', signal), `${fault} ${type}`).rejects.toMatchObject({ retryable: true });
        await followUp.answer(id, 'q1', signal);
        await followUp.answer(id, 'q1', signal);
        expect(story(agent), `${fault} ${type}`).toEqual(whole.story);
        expect(storyFaults(agent.log.lines)).toEqual([]);
      }
    }
  });

  it('stops when it is told to, and another goes on', async () => {
    const whole = await undisturbed();
    const { agent, id } = await investigated();
    await ask(agent, id, QUESTION);
    const stop = new AbortController();
    const catalogFor = agent.catalogFor;
    const stopping = {
      ...agent,
      catalogFor: (incident: Incident) => {
        const catalog = catalogFor(incident);
        return {
          ...catalog,
          call: (...args: Parameters<typeof catalog.call>) => {
            stop.abort();
            return catalog.call(...args);
          },
        };
      },
    };
    await expect(createFollowUp(stopping).answer(id, 'q1', stop.signal)).rejects.toMatchObject({ kind: 'unavailable' });
    await createFollowUp(agent).answer(id, 'q1', signal);
    expect(story(agent)).toEqual(whole.story);
  });
});
