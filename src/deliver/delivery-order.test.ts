import { describe, expect, it } from 'vitest';
import { type Fault, RETRY_AFTER_MS } from '../../test/support/delivery/scripted-platform.js';
import { count, ids, open, script, settled, shown, texts, WHOLE } from '../../test/support/delivery/shown.js';
import { createStage } from '../../test/support/delivery/stage.js';
import type { ThreadSketch } from '../../test/support/delivery/threads.js';

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
