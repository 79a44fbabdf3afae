import { describe, expect, it } from 'vitest';
import type { Fault } from '../../test/support/delivery/scripted-platform.js';
import { count, INCIDENT, ids, open, script, settled, shown, texts, WHOLE } from '../../test/support/delivery/shown.js';
import { createStage } from '../../test/support/delivery/stage.js';

describe('one message per key', () => {
  it.each<[Fault]>([['refused'], ['failed'], ['lost'], ['late'], ['swallowed']])(
    'also when each first answer is %s',
    async (fault) => {
      const { stage } = await shown(WHOLE, { fault: script({ post: [fault, undefined, fault, undefined, fault] }) });
      expect(ids(stage).toSorted()).toEqual(['INC-1/card-a', 'INC-1/headline', 'INC-1/trace-1']);
      const done = ['failed', 'lost', 'late'].includes(fault);
      expect(count(stage, 'find')).toBeGreaterThan(0);
      if (done) expect(count(stage, 'post')).toBe(3);
      else expect(count(stage, 'post')).toBeGreaterThan(3);
    },
  );

  it('is not searched for when the refusal proves that it is not there', async () => {
    const { stage } = await shown(WHOLE, { fault: script({ post: ['limited', 'limited'] }) });
    expect(ids(stage)).toHaveLength(3);
    expect(count(stage, 'find')).toBe(0);
  });

  it.each(['lost', 'swallowed'] as const)('when the process is killed in a post that is %s', async (fault) => {
    const stage = createStage({ fault: script({ post: [undefined, fault] }) });
    const first = stage.start();
    stage.becomes(WHOLE);
    await stage.time.until(() => count(stage, 'post') === 2);
    first.kill();
    await settled(stage, stage.start());
    expect(ids(stage)).toEqual(['INC-1/headline', 'INC-1/trace-1', 'INC-1/card-a']);
    expect(count(stage, 'post')).toBe(fault === 'lost' ? 3 : 4);
  });

  it('when the store is away just as the answer comes', async () => {
    const stage = createStage();
    const process = stage.start();
    stage.becomes(open());
    await stage.time.until(() => count(stage, 'post') === 1);
    stage.storeAway.now = true;
    await stage.time.pass(5000);
    expect(ids(stage)).toEqual(['INC-1/headline']);
    stage.becomes({ ...WHOLE });
    stage.storeAway.now = false;
    await settled(stage, process);
    expect(ids(stage)).toEqual(['INC-1/headline', 'INC-1/trace-1', 'INC-1/card-a']);
    expect(count(stage, 'find')).toBe(0);
  });

  it('when two processes deliver: the second one waits for the lease, and takes over without a call', async () => {
    const stage = createStage();
    const [first, second] = [stage.start(), stage.start()];
    stage.becomes(WHOLE);
    await settled(stage, first);
    expect([first.delivery.status().leading, second.delivery.status().leading]).toEqual([true, false]);
    await stage.time.pass(6000);
    const report = await stage.store.lastReport();
    expect(report).toMatchObject({ threads: 0, messages: 0, blocked: [] });
    await first.stop();
    await stage.time.until(() => second.delivery.status().leading, 10_000);
    await stage.time.pass(6000);
    expect((await stage.store.lastReport())?.holder).not.toBe(report?.holder);
    await settled(stage, second);
    expect(stage.platform.calls).toHaveLength(3);
    stage.becomes({ ...WHOLE, version: 5, headline: 'it is well' });
    await settled(stage, second);
    expect(texts(stage)).toContain('it is well');
  });

  it('finishes the calls under way when it is asked to stop', async () => {
    const stage = createStage();
    const process = stage.start();
    stage.becomes(open());
    await stage.time.until(() => count(stage, 'post') === 1);
    await process.stop();
    expect((await stage.store.of(INCIDENT)).get('headline')?.state).toBe('posted');
  });
});

describe('a process that stood still', () => {
  it.each([100, 1050, 2300])('%i ms after it began does not send what another has sent meanwhile', async (ms) => {
    const stage = createStage();
    const first = stage.start();
    stage.becomes(WHOLE);
    await stage.time.pass(ms);
    first.freeze();
    const second = stage.start();
    stage.becomes({ ...WHOLE, version: 5, headline: 'newer' });
    await settled(stage, second);
    first.thaw();
    await stage.time.pass(120_000);
    expect(first.delivery.status()).toMatchObject({ leading: false });
    expect(ids(stage).toSorted()).toEqual(['INC-1/card-a', 'INC-1/headline', 'INC-1/trace-1']);
    expect(texts(stage)).toContain('newer');
    expect(stage.platform.violations).toEqual([]);
  });

  it('in the middle of a claim does not post when it wakes up and another has posted', async () => {
    const stage = createStage();
    const first = stage.start();
    const { claim } = stage.store;
    stage.store.claim = async (...args) => {
      const claimed = await claim(...args);
      first.freeze();
      stage.store.claim = claim;
      return claimed;
    };
    stage.becomes(open());
    const second = stage.start();
    await stage.time.until(() => count(stage, 'post') === 1, 120_000);
    await settled(stage, second);
    await stage.time.pass(5000);
    first.thaw();
    await stage.time.pass(120_000);
    expect(count(stage, 'post')).toBe(1);
    expect(ids(stage)).toEqual(['INC-1/headline']);
    expect((await stage.store.of(INCIDENT)).get('headline')?.state).toBe('posted');
  });

  it('and all others may deliver at once, were the lease to fail: the claims alone keep each message single', async () => {
    const many = { perMinute: 6000, burst: 100 };
    const stage = createStage({ limits: { post: many, chat: many, edit: many, find: many } });
    stage.store.lead = async () => true;
    // What is read is old by the time it is acted on, so that all three want to post the same.
    const { of } = stage.store;
    stage.store.of = async (incident) => {
      const deliveries = await of(incident);
      await stage.time.sleep(20);
      return deliveries;
    };
    const processes = [stage.start(), stage.start(), stage.start()];
    for (let n = 1; n <= 10; n++) stage.becomes({ ...WHOLE, incident: `INC-${n}`, channel: `C${n % 3}` });
    let done = 0;
    for (const { delivery } of processes) void delivery.settled().then(() => done++);
    await stage.time.until(() => done === 3);
    expect(stage.platform.all()).toHaveLength(30);
    expect(new Set(ids(stage)).size).toBe(30);
  });
});
