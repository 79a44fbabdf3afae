import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACTION } from '../../adapters/slack/action-ids.js';
import { AppError } from '../../src/domain/errors.js';
import { INCREASE, testStep } from '../support/incidents.js';
import { viewText, wordsBlock } from '../support/slack-gestures.js';
import { ANA, CHANNEL, type InboundWorld, startInboundWorld } from '../support/slack-inbound.js';
import { until } from '../support/until.js';

let world: InboundWorld;

beforeAll(async () => {
  world = await startInboundWorld();
});
afterAll(async () => {
  world.slack.strictWarnings();
  await world.close();
});
afterEach(() => {
  world.backend.preview = world.core.backend.preview;
});
beforeEach(() => {
  world.slack.person('ana').reload();
  world.slack.workspace.modals.clear();
});

const now = {
  fact: 'config.value' as const,
  target: 'feature_export.memory_gi',
  op: 'equals' as const,
  value: '8',
};
const steps = [testStep(INCREASE, { preconditions: [{ ...now, text: 'it is 8 still', withinSeconds: 0 }] })];

/** The gate's preview waits until it is let go, or fails then. */
function slowly(): { release(error?: Error): void } {
  const { preview } = world.backend;
  let release: (error?: Error) => void = () => undefined;
  const released = new Promise<void>((resolve, reject) => {
    release = (error) => (error === undefined ? resolve() : reject(error));
  });
  released.catch(() => undefined);
  world.backend.preview = async (click) => released.then(() => preview(click));
  return { release: (error) => release(error) };
}

async function formOf(action: string): Promise<Awaited<ReturnType<InboundWorld['show']>>> {
  const shown = await world.show({ level: 'medium', steps });
  const ana = world.slack.person('ana');
  await ana.click(CHANNEL, shown.card, action);
  await until(() => ana.view()?.callback_id === 'cs_form', 'the form');
  return shown;
}

describe('a form whose check takes longer than an acknowledgement may', () => {
  it('is recorded all the same, and comes back with what was typed when the gate wants better words', async () => {
    const shown = await formOf(ACTION.approve);
    const ana = world.slack.person('ana');
    const check = slowly();
    expect(await ana.submitView({ [wordsBlock(world, 'ana')]: 'ok ok ok ok' })).toEqual({
      ok: true,
      ms: expect.any(Number),
    });
    await until(
      () => ana.view()?.callback_id === 'cs_form' && viewText(world, 'ana').includes('"ok ok ok ok"'),
      'the form again',
    );
    check.release();
    expect(await world.types(shown.incident)).not.toContain('decision.recorded');
    const words = 'the heap was full in three runs before it failed';
    await ana.submitView({ [wordsBlock(world, 'ana')]: words });
    await until(() => viewText(world, 'ana').includes('ana@example.com approved this'), 'the answer');
    expect(await world.types(shown.incident)).toContain('decision.recorded');
  });

  it('shows the change as soon as it is known, and counts nothing before it is confirmed', async () => {
    const shown = await formOf(ACTION.modify);
    const ana = world.slack.person('ana');
    const check = slowly();
    const sent = await ana.submitView({ [wordsBlock(world, 'ana')]: '24' });
    expect(sent.ok).toBe(true);
    expect(ana.view()?.callback_id).toBe('cs_answer');
    check.release();
    await until(() => ana.view()?.callback_id === 'cs_confirm_edit', 'the change');
    expect(viewText(world, 'ana')).toContain('24');
    expect(await world.types(shown.incident)).not.toContain('proposal.modified');
    await ana.submitView();
    await until(() => viewText(world, 'ana').includes('changed the proposal'), 'the answer');
  });

  it('comes back with what is wrong when the change can not be', async () => {
    await formOf(ACTION.modify);
    const ana = world.slack.person('ana');
    const check = slowly();
    await ana.submitView({ [wordsBlock(world, 'ana')]: '16' });
    check.release();
    await until(() => ana.view()?.callback_id === 'cs_form', 'the form');
    expect(viewText(world, 'ana')).toContain('Nothing was changed; to decide on it as it is');
    expect(viewText(world, 'ana')).toContain('"initial_value":"16"');
  });

  it('says that nothing was recorded when the check fails', async () => {
    const shown = await formOf(ACTION.modify);
    const ana = world.slack.person('ana');
    const check = slowly();
    await ana.submitView({ [wordsBlock(world, 'ana')]: '24' });
    check.release(new AppError('unavailable', { safeText: 'The log is away.' }));
    await until(() => viewText(world, 'ana').includes('Nothing was recorded'), 'the answer');
    expect(await world.types(shown.incident)).not.toContain('proposal.modified');
  });

  it('hears of a decision that came before it from the gate itself', async () => {
    const shown = await formOf(ACTION.modify);
    const ana = world.slack.person('ana');
    const check = slowly();
    await ana.submitView({ [wordsBlock(world, 'ana')]: '24' });
    const by = { id: 'ben@example.com', via: 'slack' as const };
    const click = { incident: shown.incident, shownDigest: shown.digest, verdict: 'reject' as const, by };
    await world.backend.decide({ ...click, words: 'it is the wrong application', clickId: 'earlier' });
    check.release();
    await until(() => viewText(world, 'ana').includes('Too late: ben@example.com'), `an answer to ${ANA}`);
  });
});
