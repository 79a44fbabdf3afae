import { describe, expect, it } from 'vitest';
import type { OnceStore } from '../../../src/domain/ports.js';
import { createMemoryOnce } from '../../../test/support/memory-log.js';
import type { TeamsJob } from './job.js';
import { createWaiting, type WorkAnswer } from './waiting.js';

const ANSWER: WorkAnswer = { kind: 'words', title: 'Recorded', text: 'ana approved this.', tone: 'good', over: true };

function job(id: string, ms: number): TeamsJob {
  const where = { user: '29:ana', conversation: 'a:chat', personal: true };
  return { kind: 'command', id, where, text: 'help', repliedUntil: Date.now() + ms };
}

describe('the reply to a gesture', () => {
  it('gets what the work of this process answers, and the work need not tell it', async () => {
    const waiting = createWaiting({ once: createMemoryOnce() });
    const { job: one, answer } = waiting.expect(job('a', 2000));
    const told = answer();
    expect(await waiting.give(one, ANSWER)).toBe(true);
    expect(await told).toEqual(ANSWER);
  });

  it('gets what the work of another process answers, which hears that it was shown', async () => {
    const once = createMemoryOnce();
    const { job: one, answer } = createWaiting({ once }).expect(job('b', 2000));
    const [told, shown] = await Promise.all([answer(), createWaiting({ once }).give(one, ANSWER)]);
    expect(told).toEqual(ANSWER);
    expect(shown).toBe(true);
  });

  it('does not wait longer than it may, and the work is left to tell it', async () => {
    const waiting = createWaiting({ once: createMemoryOnce() });
    const { job: one, answer } = waiting.expect(job('c', 100));
    const began = performance.now();
    expect(await answer()).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(1000);
    expect(await waiting.give(one, ANSWER)).toBe(false);
  });

  it('gets the first answer when the gesture comes again after a restart', async () => {
    const once = createMemoryOnce();
    const before = createWaiting({ once });
    const first = before.expect(job('d', 1000));
    const told = first.answer();
    await before.give(first.job, ANSWER);
    await told;
    expect(await createWaiting({ once }).expect(job('d', 1000)).answer()).toEqual(ANSWER);
  });

  it('does not need the store where the work is done by this process', async () => {
    const away = async (): Promise<never> => {
      throw new Error('away');
    };
    const once: OnceStore = { begin: away, settle: away };
    const waiting = createWaiting({ once });
    const { job: one, answer } = waiting.expect(job('e', 1000));
    const told = answer();
    expect(await waiting.give(one, ANSWER)).toBe(true);
    expect(await told).toEqual(ANSWER);
  });

  it('of a job that nobody replies to is told by the work at once', async () => {
    const { repliedUntil: _, ...silent } = job('f', 0);
    expect(await createWaiting({ once: createMemoryOnce() }).give(silent as TeamsJob, ANSWER)).toBe(false);
  });
});
