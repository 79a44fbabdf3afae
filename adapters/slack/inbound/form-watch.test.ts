import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/domain/errors.js';
import { createProcessLog } from '../../../src/log.js';
import { createMemoryOnce } from '../../../test/support/memory-log.js';
import type { Inbound } from './context.js';
import { promiseForm, workForm } from './form-watch.js';
import type { ChatJob, JobOf } from './job.js';
import { OPENED_LATE } from './texts.js';

const WHERE = { user: 'U1', channel: 'C1' };
const never = new Promise<void>(() => undefined);

interface Watch {
  inbound: Inbound;
  noted: { job: JobOf<'form'>; delayMs: number }[];
  told: string[];
  background: Promise<unknown>[];
}

function watch(put?: () => Promise<void>): Watch {
  const noted: Watch['noted'] = [];
  const told: string[] = [];
  const background: Promise<unknown>[] = [];
  const inbound = {
    once: createMemoryOnce(),
    inbox: {
      put: put ?? (async (job: ChatJob, delayMs = 0) => void noted.push({ job: job as JobOf<'form'>, delayMs })),
    },
    answers: { say: async (_where: unknown, reply: { text: string }) => void told.push(reply.text) },
    background: (work: Promise<unknown>) => void background.push(work),
    processLog: createProcessLog('test', 'silent'),
  } as unknown as Inbound;
  return { inbound, noted, told, background };
}

describe('a form that a click asked for', () => {
  it('is noted before the click is acknowledged, to be looked at when its trigger is long over', async () => {
    const { inbound, noted } = watch();
    await promiseForm(inbound, { gesture: 'g', where: WHERE }, () => never);
    expect(noted).toMatchObject([{ job: { kind: 'form', where: WHERE } }]);
    expect(noted[0]?.delayMs).toBeGreaterThan(3000);
  });

  it('that came is not spoken of', async () => {
    const { inbound, noted, told, background } = watch();
    await promiseForm(inbound, { gesture: 'g', where: WHERE }, async () => undefined);
    await Promise.all(background);
    for (const { job } of noted) await workForm(inbound, job);
    expect(noted).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it('is opened once, however often the gesture is delivered', async () => {
    const { inbound, background } = watch();
    let opened = 0;
    const open = async (): Promise<void> => void opened++;
    await Promise.all([1, 2, 3].map(() => promiseForm(inbound, { gesture: 'g', where: WHERE }, open)));
    await promiseForm(inbound, { gesture: 'another', where: WHERE }, open);
    await Promise.all(background);
    expect(opened).toBe(2);
  });

  it('that did not come, as the process died, is told to the person', async () => {
    const { inbound, noted, told } = watch();
    await promiseForm(inbound, { gesture: 'g', where: WHERE }, () => never);
    for (const { job } of noted) await workForm(inbound, job);
    expect(told).toEqual([expect.stringContaining(OPENED_LATE)]);
  });

  it('is opened although the inbox can not be written', async () => {
    const { inbound, background } = watch(async () => {
      throw new AppError('unavailable', { safeText: 'away' });
    });
    await promiseForm(inbound, { gesture: 'g', where: WHERE }, async () => undefined);
    expect(background).toHaveLength(1);
  });
});
