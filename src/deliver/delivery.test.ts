import { describe, expect, it } from 'vitest';
import { CARD, count, INCIDENT, ids, open, settled, shown, texts, WHOLE } from '../../test/support/delivery/shown.js';
import { createStage, type Stage } from '../../test/support/delivery/stage.js';

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

/** Of which channels the process log says this. */
function said({ logged }: Stage, words: string): string[] {
  return logged.filter((line) => line.includes(words)).map((line) => (JSON.parse(line) as { channel: string }).channel);
}

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
    expect((await stage.store.lastReport())?.blocked).toEqual(process.delivery.status().blocked);
    expect(said(stage, 'takes nothing here')).toEqual([fault === 'forbidden' ? 'C1' : 'all']);
    state.bad = false;
    await settled(stage, process);
    await stage.time.pass(1000);
    expect(said(stage, 'takes messages here again')).toEqual([fault === 'forbidden' ? 'C1' : 'all']);
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
