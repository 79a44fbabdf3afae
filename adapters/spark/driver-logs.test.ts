import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/domain/object-store.js';
import { createDriverLogs, splitDriverLogAddress } from './driver-logs.js';

const app = { id: 'local-1', name: 'x', startedAt: '', endedAt: undefined, completed: true };

/** Objects in memory; `asked` counts the bytes that were read. */
function storeOf(objects: Record<string, string | Buffer>): ObjectStore & { asked: () => number } {
  let asked = 0;
  return {
    name: 'memory',
    asked: () => asked,
    async *list(prefix) {
      for (const [key, body] of Object.entries(objects)) {
        if (key.startsWith(prefix)) yield { key, bytes: Buffer.from(body).length, modifiedMs: 1 };
      }
    },
    async get(key, { range, maxBytes }) {
      const whole = Buffer.from(objects[key] ?? '');
      const start = range && 'tail' in range ? Math.max(0, whole.length - range.tail) : (range?.start ?? 0);
      const bytes = whole.subarray(start, range && 'end' in range ? range.end : undefined);
      if (bytes.length > maxBytes) throw new Error('more than was allowed');
      asked += bytes.length;
      return { bytes, totalBytes: whole.length, modifiedMs: 1 };
    },
    stream: async () => undefined,
  };
}

describe('createDriverLogs', () => {
  it.each([
    ['a folder an application', '{app}/', 'local-1/driver.log'],
    ['one file an application', '{app}_driver.log', 'local-1_driver.log'],
    ['a folder somewhere below', 'prod/{app}/driver/', 'prod/local-1/driver/stderr'],
  ])('finds %s, and not that of another application', async (_, pattern, key) => {
    const other = key.replace('local-1', 'local-12');
    const store = storeOf({ [key]: 'mine', [other]: 'not mine' });
    expect(await createDriverLogs({ store, pattern }).of(app)).toEqual([{ source: key, text: 'mine' }]);
  });

  it('shows the driver before executors, errors before output, and no more than two', async () => {
    const logs = createDriverLogs({
      store: storeOf({
        'local-1/executor-1/stderr': 'e',
        'local-1/driver/stdout': 'o',
        'local-1/driver/stderr': 'd',
        'local-1/driver/empty': '',
      }),
      pattern: '{app}/',
    });
    expect((await logs.of(app)).map(({ source }) => source)).toEqual([
      'local-1/driver/stderr',
      'local-1/driver/stdout',
    ]);
  });

  it('reads beginning and end of a log of any size, and says what it left out', async () => {
    const store = storeOf({
      'local-1/driver.log': `first\n${'INFO nothing\n'.repeat(1_000_000)}java.lang.Error: last\n`,
    });
    const [log] = await createDriverLogs({ store, pattern: '{app}/' }).of(app);
    expect(store.asked()).toBeLessThan(2_100_000);
    expect(log?.text).toMatch(/^first\n/);
    expect(log?.text).toContain('java.lang.Error: last');
    expect(log?.text).toMatch(/\d+ bytes not read|lines cut/);
    expect(Buffer.byteLength(log?.text ?? '')).toBeLessThan(26_000);
  });

  it('unpacks a packed log, and says so when it can not', async () => {
    const of = async (packed: Buffer) =>
      (await createDriverLogs({ store: storeOf({ 'local-1/stderr.gz': packed }), pattern: '{app}/' }).of(app))[0]?.text;
    expect(await of(gzipSync('Caused by: x'))).toBe('Caused by: x');
    expect(await of(Buffer.from('no gzip'))).toContain('can not be unpacked');
    expect(await of(gzipSync(Buffer.alloc(70_000_000)))).toContain('64 MB');
  });

  it('has nothing for an application without a log', async () => {
    expect(await createDriverLogs({ store: storeOf({}), pattern: '{app}/' }).of(app)).toEqual([]);
  });
});

describe('splitDriverLogAddress', () => {
  it.each([
    ['/mnt/logs', '/mnt/logs', '{app}/'],
    ['/mnt/logs/{app}_driver.log', '/mnt/logs', '{app}_driver.log'],
    ['s3://bucket/{app}/', 's3://bucket', '{app}/'],
    ['s3://bucket/emr/containers/{app}/', 's3://bucket/emr/containers', '{app}/'],
    ['https://a.blob.core.windows.net/c/{app}/?sv=1&sig=x', 'https://a.blob.core.windows.net/c?sv=1&sig=x', '{app}/'],
  ])('splits %s', (address, store, pattern) => {
    expect(splitDriverLogAddress(address)).toEqual({ store, pattern });
  });

  it('refuses an address that names no place before the application', () => {
    expect(() => splitDriverLogAddress('{app}/x')).toThrow(expect.objectContaining({ kind: 'misconfigured' }));
  });
});
