import { describe, expect, it } from 'vitest';
import type { Fault } from '../../test/support/delivery/scripted-platform.js';
import { RETRY_AFTER_MS } from '../../test/support/delivery/scripted-platform.js';
import { createStage, type Process, type Stage } from '../../test/support/delivery/stage.js';
import type { ThreadSketch } from '../../test/support/delivery/threads.js';

const INCIDENT = 'INC-1';
const CARD = { id: 'a', text: 'decide', live: true };
const open = (over: Partial<ThreadSketch> = {}): ThreadSketch => ({
  incident: INCIDENT,
  version: 1,
  headline: 'it failed',
  ...over,
});
const WHOLE = open({ version: 4, trace: 'looked at the log', cards: [CARD] });

/** Faults for the first calls of a kind, one each; then all goes well. */
function script(faults: Partial<Record<'post' | 'edit' | 'find', (Fault | undefined)[]>>) {
  return (call: 'post' | 'edit' | 'find'): Fault | undefined => faults[call]?.shift();
}

const texts = ({ platform }: Stage, channel?: string): string[] => platform.seen(channel).map(({ text }) => text);
const ids = ({ platform }: Stage): string[] => platform.seen().map(({ id }) => id);
const count = ({ platform }: Stage, call: string): number => platform.calls.filter((one) => one.call === call).length;

async function settled(stage: Stage, { delivery }: Process, incident?: string): Promise<void> {
  let done = false;
  void delivery.settled(incident).then(() => {
    done = true;
  });
  await stage.time.until(() => done);
  expect(stage.platform.violations).toEqual([]);
}

/** One process shows this, and it is all there. */
async function shown(sketch: ThreadSketch, options: Parameters<typeof createStage>[0] = {}) {
  const stage = createStage(options);
  const process = stage.start();
  stage.becomes(sketch);
  await settled(stage, process);
  return { stage, process };
}

describe('a thread', () => {
  it('is posted message by message below its headline, each with its delivery id', async () => {
    const { stage } = await shown(WHOLE);
    const [headline, trace, card] = stage.platform.seen();
    expect(texts(stage)).toEqual(['it failed', 'looked at the log', 'decide']);
    expect(ids(stage)).toEqual(['INC-1/headline', 'INC-1/trace-1', 'INC-1/card-a']);
    expect([headline?.root, trace?.root, card?.root]).toEqual([undefined, headline?.name, headline?.name]);
    expect(await stage.store.incidentAt('C1', headline?.name ?? '')).toBe(INCIDENT);
    expect(await stage.store.incidentAt('C1', card?.name ?? '')).toBeUndefined();
  });

  it('is edited where it changed, and nothing else is called', async () => {
    const { stage, process } = await shown(WHOLE);
    const before = stage.platform.calls.length;
    stage.becomes({ ...WHOLE, version: 5, headline: 'it is being repaired' });
    await settled(stage, process);
    expect(texts(stage)).toEqual(['it is being repaired', 'looked at the log', 'decide']);
    expect(stage.platform.calls.length).toBe(before + 1);
  });

  it('is shown as it is now: what it was in between costs no call', async () => {
    const { stage, process } = await shown(WHOLE);
    for (let version = 5; version < 200; version++) {
      stage.becomes({ ...WHOLE, version, trace: `line ${version}` });
      await stage.time.pass(100);
    }
    await settled(stage, process);
    expect(texts(stage)).toContain('line 199');
    expect(count(stage, 'edit')).toBeLessThan(25);
  });

  it('is folded after an outage: everything once, in its final state', async () => {
    const stage = createStage();
    for (let version = 1; version < 30; version++) stage.becomes({ ...WHOLE, version, trace: `line ${version}` });
    stage.becomes({
      ...WHOLE,
      version: 30,
      headline: 'it is well',
      cards: [{ ...CARD, text: 'approved', live: false }],
    });
    await settled(stage, stage.start());
    expect(texts(stage)).toEqual(['it is well', 'looked at the log', 'approved']);
    expect(stage.platform.calls).toHaveLength(3);
  });

  it('stays in its channel when the routes change, and is not shown where there is no route', async () => {
    const { stage, process } = await shown(open({ channel: 'C1' }));
    stage.becomes(open({ version: 2, channel: 'C2', cards: [CARD] }));
    stage.becomes(open({ incident: 'INC-2', channel: 'nowhere' }));
    await settled(stage, process);
    expect(texts(stage, 'C1')).toEqual(['it failed', 'decide']);
    expect(texts(stage, 'C2')).toEqual([]);
  });
});

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
    await first.stop();
    await stage.time.until(() => second.delivery.status().leading, 10_000);
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

describe('order', () => {
  it('holds later messages back while the fate of an earlier one is not known', async () => {
    const stage = createStage({ fault: script({ post: [undefined, 'swallowed'] }) });
    const process = stage.start();
    stage.becomes(WHOLE);
    await stage.time.pass(16_000);
    expect(ids(stage)).toEqual(['INC-1/headline']);
    expect(process.delivery.status()).toMatchObject({ threads: 1, messages: 2 });
    await settled(stage, process);
    expect(ids(stage)).toEqual(['INC-1/headline', 'INC-1/trace-1', 'INC-1/card-a']);
  });

  it('never puts an old state over a newer one while the log is read again', async () => {
    const { stage, process } = await shown({ ...WHOLE, version: 9, headline: 'newest' });
    await process.stop();
    stage.threads.clear();
    const again = stage.start();
    for (let version = 1; version <= 9; version++) {
      stage.becomes({ ...WHOLE, version, headline: version === 9 ? 'newest' : `old ${version}` });
      await stage.time.pass(3000);
    }
    await settled(stage, again);
    expect(stage.platform.calls).toHaveLength(3);
  });

  it('waits for the edit that another process has under way before it edits itself', async () => {
    const { stage, process } = await shown(open(), { fault: script({ edit: ['late'] }) });
    stage.becomes(open({ version: 2, headline: 'older' }));
    await stage.time.until(() => count(stage, 'edit') === 1);
    await process.stop();
    stage.becomes(open({ version: 3, headline: 'newer' }));
    await settled(stage, stage.start());
    await stage.time.pass(60_000);
    expect(texts(stage)).toEqual(['newer']);
  });

  it('repeats an edit whose fate is not known, even when the thread went back to what was there', async () => {
    const { stage, process } = await shown(open(), { fault: script({ edit: ['failed'] }) });
    stage.becomes(open({ version: 2, headline: 'other' }));
    await stage.time.until(() => texts(stage)[0] === 'other');
    stage.becomes(open({ version: 3 }));
    await settled(stage, process);
    expect(texts(stage)).toEqual(['it failed']);
  });
});

describe('limits', () => {
  it('lets decisions go first, then changes of state, then progress', async () => {
    const stage = createStage({ limits: { edit: { perMinute: 6, burst: 1 } } });
    const process = stage.start();
    const sketch = (n: number, version: number, word: string): ThreadSketch => ({
      ...{ incident: `INC-${n}`, version, headline: 'h', trace: n < 6 ? `t${word}` : 't', channel: `C${n}` },
      cards: [
        { id: 'a', text: n === 9 ? `d${word}` : 'd', live: n === 9 },
        { id: 'b', text: n === 7 ? `s${word}` : 's' },
      ],
    });
    for (let n = 1; n < 10; n++) stage.becomes(sketch(n, 1, ''));
    await settled(stage, process);
    for (let n = 1; n < 10; n++) stage.becomes(sketch(n, 2, '2'));
    const before = stage.platform.calls.length;
    await settled(stage, process);
    const order = stage.platform.calls.slice(before).map(({ id }) => id);
    expect(order.slice(0, 2)).toEqual(['INC-9/card-a', 'INC-7/card-b']);
    expect(order).toHaveLength(7);
  });

  it('lets nobody starve: old progress goes before new changes of state', async () => {
    const stage = createStage({ limits: { edit: { perMinute: 6, burst: 1 } } });
    const process = stage.start();
    const busy = (version: number): void => {
      for (let n = 1; n < 6; n++)
        stage.becomes(open({ incident: `INC-${n}`, version, headline: `h${version}`, channel: `C${n}` }));
    };
    busy(1);
    stage.becomes(open({ incident: 'INC-P', channel: 'C9', trace: 'one' }));
    await settled(stage, process);
    stage.becomes(open({ incident: 'INC-P', channel: 'C9', trace: 'two', version: 2 }));
    for (let version = 2; version < 40; version++) {
      busy(version);
      await stage.time.pass(5000);
    }
    expect(texts(stage, 'C9')).toEqual(['it failed', 'two']);
  });

  it('stops only the buckets of the call that was refused', async () => {
    const stage = createStage({
      fault: (call, _, { channel }) => (call === 'edit' && channel === 'C1' ? limited() : undefined),
    });
    let left = 1;
    const limited = (): Fault | undefined => (left-- > 0 ? 'limited' : undefined);
    const process = stage.start();
    stage.becomes(open());
    await settled(stage, process);
    stage.becomes(open({ version: 2, headline: 'changed' }));
    await stage.time.until(() => count(stage, 'edit') === 1);
    const refusedAt = stage.time.now();
    stage.becomes(open({ incident: 'INC-2', channel: 'C2' }));
    stage.becomes(open({ incident: 'INC-3', channel: 'C1' }));
    await settled(stage, process);
    const at = (id: string): number => (stage.platform.seen().find((one) => one.id === id)?.at ?? 0) - refusedAt;
    expect([at('INC-2/headline'), at('INC-3/headline')].every((ms) => ms < 3000)).toBe(true);
    const edits = stage.platform.calls.filter(({ call }) => call === 'edit');
    expect((edits[1]?.at ?? 0) - refusedAt).toBeGreaterThanOrEqual(RETRY_AFTER_MS);
  });

  it('starts with empty buckets', async () => {
    const stage = createStage({ limits: { post: { perMinute: 60, burst: 5 } } });
    stage.becomes(WHOLE);
    const begun = stage.time.now();
    await settled(stage, stage.start());
    expect(stage.platform.calls.map(({ at }) => at - begun)).toEqual([1000, 2000, 3000]);
  });
});

describe('what people and the chat do', () => {
  it('sends the plain form of a refused message, once', async () => {
    const { stage, process } = await shown(open({ headline: 'malformed', cards: [CARD] }));
    expect(stage.platform.seen().map(({ form }) => form)).toEqual(['plain', 'rich']);
    expect(count(stage, 'post')).toBe(3);
    stage.becomes(open({ headline: 'well', version: 2, cards: [CARD] }));
    await settled(stage, process);
    stage.becomes(open({ headline: 'malformed again', version: 3, cards: [CARD] }));
    await settled(stage, process);
    expect(count(stage, 'edit')).toBe(3);
    expect(stage.platform.seen()[0]).toMatchObject({ text: 'malformed again', form: 'plain' });
  });

  it('says which message is refused in both forms, tries again slowly, and goes on elsewhere', async () => {
    const stage = createStage();
    const process = stage.start();
    stage.becomes(open({ trace: 'hopeless', cards: [CARD] }));
    stage.becomes(open({ incident: 'INC-2' }));
    await stage.time.pass(240_000);
    expect(ids(stage)).toEqual(['INC-1/headline', 'INC-2/headline']);
    expect(process.delivery.status()).toMatchObject({
      blocked: [{ incident: INCIDENT, reason: 'The body is malformed.' }],
    });
    expect(count(stage, 'post')).toBeLessThan(9);
    stage.becomes(open({ version: 2, trace: 'better', cards: [CARD] }));
    await settled(stage, process);
    expect(ids(stage)).toHaveLength(4);
  });

  it('posts a deleted headline and a live decision anew, and leaves other deleted messages alone', async () => {
    const cards = [CARD, { id: 'b', text: 'outcome' }];
    const { stage, process } = await shown(open({ trace: 't', cards }));
    const [, trace, decision, outcome] = stage.platform.seen();
    for (const gone of [trace, decision, outcome]) stage.platform.remove(gone?.name ?? '');
    stage.becomes(open({ version: 2, trace: 't2', cards: cards.map((card) => ({ ...card, text: `${card.text} 2` })) }));
    await settled(stage, process);
    expect(ids(stage)).toEqual(['INC-1/headline', 'INC-1/card-a~2']);
    stage.platform.remove(stage.platform.seen()[0]?.name ?? '');
    stage.becomes(open({ version: 3, headline: 'changed', trace: 't2', cards }));
    await settled(stage, process);
    stage.becomes(open({ version: 4, headline: 'changed', trace: 't2', cards: [...cards, { id: 'c', text: 'new' }] }));
    await settled(stage, process);
    const [card, headline, last] = stage.platform.seen();
    expect([card?.text, headline?.text, last?.text]).toEqual(['decide', 'changed', 'new']);
    expect([headline?.root, last?.root]).toEqual([undefined, headline?.name]);
    expect(await stage.store.incidentAt('C1', headline?.name ?? '')).toBe(INCIDENT);
  });

  it('does not insist: a message that is deleted again and again stays away', async () => {
    const { stage, process } = await shown(open());
    for (let version = 2; version < 8; version++) {
      for (const { name } of stage.platform.seen()) stage.platform.remove(name);
      stage.becomes(open({ version, headline: `v${version}` }));
      await settled(stage, process);
    }
    expect(stage.platform.all()).toHaveLength(3);
    expect(stage.platform.seen()).toHaveLength(0);
  });

  it('notices at the next post that the headline is gone with its whole thread', async () => {
    const { stage, process } = await shown(open());
    stage.platform.remove(stage.platform.seen()[0]?.name ?? '');
    stage.becomes(open({ version: 2, cards: [CARD] }));
    await settled(stage, process);
    expect(ids(stage)).toEqual(['INC-1/headline~2', 'INC-1/card-a']);
    const [headline, card] = stage.platform.seen();
    expect(card?.root).toBe(headline?.name);
  });

  it.each(['forbidden', 'unauthenticated'] as const)('waits while the app is %s, and loses nothing', async (fault) => {
    const state = { bad: true };
    const stage = createStage({
      fault: (_, __, { channel }) =>
        state.bad && (fault === 'unauthenticated' || channel === 'C1') ? fault : undefined,
    });
    const process = stage.start();
    for (let n = 1; n <= 20; n++) stage.becomes(open({ incident: `INC-${n}`, channel: n === 20 ? 'C2' : 'C1' }));
    await stage.time.pass(300_000);
    expect(texts(stage)).toHaveLength(fault === 'forbidden' ? 1 : 0);
    expect(stage.platform.calls.length).toBeLessThan(15);
    expect(process.delivery.status().blocked.length).toBeGreaterThan(0);
    expect(process.delivery.status().blocked[0]?.reason).toContain(fault);
    state.bad = false;
    await settled(stage, process);
    expect(texts(stage)).toHaveLength(20);
    expect(process.delivery.status()).toMatchObject({ threads: 0, messages: 0, blocked: [], oldest: undefined });
  });

  it('keeps posting while the edits of one message are refused', async () => {
    const stage = createStage({ fault: (call) => (call === 'edit' ? 'forbidden' : undefined) });
    const process = stage.start();
    stage.becomes(open());
    await settled(stage, process);
    stage.becomes(open({ version: 2, headline: 'changed' }));
    await stage.time.pass(2000);
    stage.becomes(open({ version: 3, headline: 'changed', cards: [CARD] }));
    await stage.time.pass(5000);
    expect(texts(stage)).toEqual(['it failed', 'decide']);
    await stage.time.pass(600_000);
    expect(count(stage, 'edit')).toBeLessThan(13);
  });

  it('calls little while the chat is away, and catches up when it is back', async () => {
    const state = { away: true };
    const stage = createStage({ fault: () => (state.away ? 'refused' : undefined) });
    const process = stage.start();
    for (let n = 1; n <= 30; n++) stage.becomes(open({ incident: `INC-${n}`, channel: `C${n % 3}` }));
    await stage.time.pass(1_800_000);
    expect(stage.platform.calls.length).toBeLessThan(60);
    state.away = false;
    await settled(stage, process);
    expect(texts(stage)).toHaveLength(30);
  });
});

describe('after a restart', () => {
  it('what is shown already costs no call', async () => {
    const { stage, process } = await shown(WHOLE);
    await process.stop();
    await settled(stage, stage.start());
    expect(stage.platform.calls).toHaveLength(3);
  });

  it('shows what a changed policy or version makes of an open thread, without a new event', async () => {
    const { stage, process } = await shown(WHOLE);
    await process.stop();
    stage.becomes({ ...WHOLE, cards: [{ ...CARD, text: 'decide, carefully' }] });
    await settled(stage, stage.start());
    expect(texts(stage)).toContain('decide, carefully');
  });

  it('what was over before the chat was connected is not told there', async () => {
    const stage = createStage();
    stage.becomes(open({ finished: true, at: '2026-05-04T09:00:00.000Z' }));
    stage.becomes(open({ incident: 'INC-2', at: '2026-05-04T09:00:00.000Z' }));
    await settled(stage, stage.start());
    expect(ids(stage)).toEqual(['INC-2/headline']);
  });

  it('does not load or render ten thousand finished threads, and keeps nothing of them', async () => {
    const stage = createStage();
    const first = stage.start();
    for (let n = 0; n < 10; n++) stage.becomes(open({ incident: `INC-${n}` }));
    await settled(stage, first);
    await first.stop();
    for (let n = 10; n < 10_010; n++) {
      stage.becomes(open({ incident: `INC-${n}`, finished: true }));
      await stage.store.saveShown(`INC-${n}`, 1);
    }
    const [calls, reads] = [stage.platform.calls.length, stage.store.reads()];
    const [begun, heap] = [performance.now(), process.memoryUsage().heapUsed];
    const second = stage.start();
    await settled(stage, second);
    const took = performance.now() - begun;
    const grown = (process.memoryUsage().heapUsed - heap) / 2 ** 20;
    process.stdout.write(`restart over 10,010 threads: ${took.toFixed(0)} ms, ${grown.toFixed(1)} MiB more heap\n`);
    expect(stage.platform.calls).toHaveLength(calls);
    expect(stage.store.reads() - reads).toBe(10);
    expect(second.rendered).toHaveLength(10);
  });
});
