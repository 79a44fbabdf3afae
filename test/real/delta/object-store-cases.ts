import { describe, expect, it } from 'vitest';
import type { ObjectStore, StoredObject } from '../../../src/domain/object-store.js';

export interface StoreCase {
  /** Writes an object as its owner would; the key counts from the bucket or container. */
  put(key: string, body: string | Uint8Array): Promise<unknown>;
  /** A store below this prefix. */
  open(prefix: string): ObjectStore;
  /** A store in a bucket, container or folder that is not there. */
  openMissing(): ObjectStore;
}

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();
async function keysOf(list: AsyncIterable<StoredObject>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of list) keys.push(key);
  return keys;
}

/** What readers of logs and tables rely on, the same for a folder, S3 and Azure. */
export function itReadsLikeAnObjectStore(name: string, given: StoreCase): void {
  describe(`an object store in ${name}`, () => {
    it('lists by prefix in the order of the keys, with size and time, from any key on, deep or shallow', async () => {
      for (const key of ['log/0001.json', 'log/0002.json', 'log/_side/x', 'log/10', 'logs/other', 'lo']) {
        await given.put(`cases/${key}`, key);
      }
      const store = given.open('cases');
      expect(await keysOf(store.list('log/'))).toEqual(['log/0001.json', 'log/0002.json', 'log/10', 'log/_side/x']);
      expect(await keysOf(store.list('log/', { shallow: true }))).toEqual(['log/0001.json', 'log/0002.json', 'log/10']);
      expect(await keysOf(store.list('log/', { startAfter: 'log/0001.json' }))).toEqual([
        'log/0002.json',
        'log/10',
        'log/_side/x',
      ]);
      expect(await keysOf(store.list('log/', { startAfter: 'log/00015', shallow: true }))).toEqual([
        'log/0002.json',
        'log/10',
      ]);
      expect(await keysOf(store.list('log/000'))).toEqual(['log/0001.json', 'log/0002.json']);
      expect(await keysOf(store.list('none/'))).toEqual([]);
      for await (const found of store.list('log/10')) {
        expect(found.bytes).toBe(6);
        expect(Math.abs(found.modifiedMs - Date.now())).toBeLessThan(120_000);
      }
    });

    it('takes long lists page by page', async () => {
      const names = Array.from({ length: 1_100 }, (_none, index) => `${String(index).padStart(5, '0')}.json`);
      for (let at = 0; at < names.length; at += 50) {
        await Promise.all(names.slice(at, at + 50).map((key) => given.put(`many/${key}`, key)));
      }
      const store = given.open('many');
      expect(await keysOf(store.list(''))).toEqual(names);
      expect(await keysOf(store.list('', { startAfter: '01097.json' }))).toEqual(['01098.json', '01099.json']);
    }, 120_000);

    it('gets the whole, a range and a tail, and says that there is none', async () => {
      await given.put('cases/digits', '0123456789');
      await given.put('cases/empty', '');
      const store = given.open('cases/');
      const get = async (key: string, range?: { start: number; end: number } | { tail: number }) =>
        store.get(key, { maxBytes: 100, ...(range ? { range } : {}) });
      expect(await get('digits')).toMatchObject({ totalBytes: 10 });
      expect(text((await get('digits'))?.bytes)).toBe('0123456789');
      expect(text((await get('digits', { start: 2, end: 5 }))?.bytes)).toBe('234');
      const tail = await get('digits', { tail: 3 });
      expect([text(tail?.bytes), tail?.totalBytes]).toEqual(['789', 10]);
      expect(text((await get('digits', { tail: 300 }))?.bytes)).toBe('0123456789');
      expect(await get('empty', { tail: 8 })).toMatchObject({ totalBytes: 0 });
      expect(await get('nothing')).toBeUndefined();
      expect(await get('nothing', { tail: 3 })).toBeUndefined();
    });

    it('reads no more than it may', async () => {
      await given.put('cases/large', new Uint8Array(3_000_000));
      const store = given.open('cases');
      await expect(store.get('large', { maxBytes: 1_000_000 })).rejects.toMatchObject({ kind: 'too_large' });
      expect((await store.get('large', { maxBytes: 10, range: { tail: 10 } }))?.totalBytes).toBe(3_000_000);
      let bytes = 0;
      const stream = await store.stream('large', { maxBytes: 3_000_000 });
      for await (const part of stream?.body ?? []) bytes += part.byteLength;
      expect(bytes).toBe(3_000_000);
    });

    it('stops when the caller gives up, before and while bytes come', async () => {
      const store = given.open('cases');
      await expect(store.get('large', { maxBytes: 10, signal: AbortSignal.abort() })).rejects.toMatchObject({
        kind: 'timeout',
      });
      const control = new AbortController();
      const stream = await store.stream('large', { maxBytes: 9_000_000, signal: control.signal });
      const readOn = async (): Promise<void> => {
        for await (const _part of stream?.body ?? []) control.abort();
      };
      await expect(readOn()).rejects.toMatchObject({ kind: 'timeout' });
    });

    it('tells a place that is not there from one that is empty, and never leaves it', async () => {
      await expect(keysOf(given.openMissing().list(''))).rejects.toMatchObject({ kind: 'misconfigured' });
      for (const key of ['../x', '/etc/passwd', 'a/../b', 'a\0']) {
        await expect(given.open('cases').get(key, { maxBytes: 1 })).rejects.toMatchObject({ kind: 'invalid_input' });
      }
    });
  });
}
