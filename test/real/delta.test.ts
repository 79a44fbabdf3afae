import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeltaReader } from '../../adapters/delta/read.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import type { ObjectStore } from '../../src/domain/object-store.js';
import type { DeltaReader, DeltaTable } from '../../src/domain/platform-ports.js';
import { holdTo } from '../contract/contract.js';
import { type DeltaGiven, deltaContract } from '../contract/expectations/delta.js';
import { refuseWriting } from './delta/folder-rights.js';
import {
  copyLog,
  copyToBucket,
  type TestBucket,
  testBucket,
  writeLong,
  writeWithDeltaRs,
  writeWithSpark,
} from './delta/tables.js';
import { addressOf } from './up.js';

const dir = mkdtempSync(join(tmpdir(), 'delta-real-'));
const [bySpark, byRust, long] = [join(dir, 'spark'), join(dir, 'rust'), join(dir, 'long')];
const COMMITS = 2_000;
let counts: Record<string, number>;
let bucket: TestBucket;
let python: string;
const written: Record<string, { from: Date; to: Date }> = {};

const storeAt = (folder: string): ObjectStore => createObjectStore(folder, { purpose: 'Delta lake' });
const readerAt = (folder: string): DeltaReader => createDeltaReader({ store: storeAt(folder) });
const bucketStore = (prefix: string): ObjectStore =>
  createObjectStore(`s3://${bucket.bucket}/${prefix}`, {
    purpose: 'Delta lake',
    s3: { endpoint: bucket.endpoint, credentials: bucket.keys.reader },
  });

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const from = new Date();
  await work();
  written[name] = { from, to: new Date() };
}

beforeAll(async () => {
  // Another user must get to the tables, as one that may read a share does.
  chmodSync(dir, 0o755);
  python = (await addressOf('delta'))['python'] ?? '';
  bucket = await testBucket();
  await timed('spark', async () => {
    counts = await writeWithSpark(bySpark);
  });
  await timed('rust', () => writeWithDeltaRs(python, byRust));
  await timed('s3', async () => {
    await bucket.remove('rust/', () => true);
    await writeWithDeltaRs(python, `s3://${bucket.bucket}/rust`, {
      AWS_ENDPOINT_URL: bucket.endpoint,
      AWS_ALLOW_HTTP: 'true',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: bucket.keys.writer.accessKeyId,
      AWS_SECRET_ACCESS_KEY: bucket.keys.writer.secretAccessKey,
    });
    await bucket.remove('rust/contract/cleaned/_delta_log/', (name) => Number(name.slice(0, 20)) < 7);
  });
}, 1_500_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const story = (reader: DeltaReader, by: string, writeAsReader: () => Promise<void>): DeltaGiven => ({
  reader,
  table: 'contract.orders',
  cleaned: { reader, table: 'contract.cleaned', oldest: 7, version: 8 },
  from: written[by]?.from ?? new Date(0),
  to: written[by]?.to ?? new Date(0),
  writeAsReader,
});
const folderStory = (root: string, by: string): DeltaGiven =>
  story(readerAt(root), by, () => refuseWriting(join(root, 'contract/orders/_delta_log')));
async function refusedByS3(): Promise<void> {
  const Key = `rust/contract/orders/_delta_log/${'9'.repeat(20)}.json`;
  const put = bucket.client.reader.send(new PutObjectCommand({ Bucket: bucket.bucket, Key, Body: '{}' }));
  await expect(put).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
}

const versionOf = async (index: number): Promise<string> =>
  (await addressOf('delta')).version.split(' / ')[index] ?? '';
holdTo(deltaContract, { name: 'delta:delta-spark', version: () => versionOf(0) }, () => folderStory(bySpark, 'spark'));
holdTo(deltaContract, { name: 'delta:delta-rs', version: () => versionOf(1) }, () => folderStory(byRust, 'rust'));
holdTo(deltaContract, { name: 'delta:delta-rs on S3', version: () => versionOf(1) }, () =>
  story(createDeltaReader({ store: bucketStore('rust') }), 's3', refusedByS3),
);

async function read(root: string, table: string, limit = 20): Promise<DeltaTable> {
  const found = await readerAt(root).table(table, limit);
  if (!found) throw new Error(`${table} was not found.`);
  return found;
}

describe('tables that Spark wrote', () => {
  it('hold the rows that Spark counts, whatever the checkpoint', async () => {
    const seen = await Promise.all(
      Object.keys(counts).map(async (table) => [table, (await read(bySpark, table)).rows] as const),
    );
    expect(Object.fromEntries(seen)).toEqual(counts);
    expect(Object.keys(counts).length).toBeGreaterThanOrEqual(10);
  });

  it('are read from multi-part and V2 checkpoints alone, once the commits before are gone', async () => {
    for (const [table, rows] of [
      ['real.parts', 50],
      ['real.v2_parquet', 60],
      ['real.v2_json', 60],
    ] as const) {
      const to = join(dir, 'cut');
      const log = copyLog(bySpark, to, table);
      const old = readdirSync(log).filter((name) => /^0{19}[0-4]\./.test(name) || name.endsWith('.crc'));
      for (const name of old) rmSync(join(log, name));
      expect(await read(to, table)).toMatchObject({ rows, historyComplete: false, historyFrom: { version: 5 } });
    }
  });

  it('tell a rename from a drop by the name in the files', async () => {
    const { commits } = await read(bySpark, 'real.mapped');
    const [dropped, renamed] = commits;
    const physical = renamed?.columnsBefore?.[1]?.physical;
    expect(physical).toMatch(/^col-/);
    expect(renamed).toMatchObject({ operation: 'RENAME COLUMN', columnsAfter: [{}, { name: 'title', physical }, {}] });
    expect(dropped?.columnsAfter?.map(({ name }) => name)).toEqual(['id', 'day']);
  });

  it('count deleted rows out that are only marked', async () => {
    const table = await read(bySpark, 'real.vectors');
    expect(table).toMatchObject({ rows: 6, files: 1 });
    expect(table.features).toContain('deletionVectors');
  });

  it('tell a type that grew in place', async () => {
    const [widened] = (await read(bySpark, 'real.widened')).commits;
    expect(widened).toMatchObject({ columnsBefore: [{ type: 'integer' }, {}], columnsAfter: [{ type: 'long' }, {}] });
  });

  it('carry their own times where the table keeps them, whatever a copy did to the files', async () => {
    const to = join(dir, 'copied');
    const log = copyLog(bySpark, to, 'real.timed');
    for (const name of readdirSync(log)) utimesSync(join(log, name), 0, 0);
    const times = (table: DeltaTable): string[] => table.commits.map(({ at }) => at);
    expect(times(await read(to, 'real.timed'))).toEqual(times(await read(bySpark, 'real.timed')));
  });
});

describe('a damaged or unfamiliar log', () => {
  const TABLE = 'real.v2_parquet';
  let to: string;
  const damaged = (table = TABLE): string => {
    to = mkdtempSync(join(dir, 'damaged-'));
    return copyLog(bySpark, to, table);
  };
  const commit = (log: string, version: number): string => join(log, `${String(version).padStart(20, '0')}.json`);

  it('is read whatever _last_checkpoint says', async () => {
    const log = damaged();
    const whole = await read(bySpark, TABLE);
    for (const hint of ['', 'no json', '{"version":3,"size":1}', '{"version":900,"size":1}', '{"version":-1}']) {
      writeFileSync(join(log, '_last_checkpoint'), hint);
      expect(await read(to, TABLE)).toEqual(whole);
    }
    rmSync(join(log, '_last_checkpoint'));
    expect(await read(to, TABLE)).toEqual(whole);
  });

  it('is read from older state when its checkpoint is cut short, lacks a part or a sidecar', async () => {
    for (const table of [TABLE, 'real.parts', 'real.vectors']) {
      const log = damaged(table);
      const [first = ''] = readdirSync(log)
        .filter((name) => name.includes('.checkpoint.'))
        .sort();
      truncateSync(join(log, first), 200);
      expect(await read(to, table)).toEqual(await read(bySpark, table));
    }
    const parts = damaged('real.parts');
    rmSync(join(parts, readdirSync(parts).find((name) => name.includes('.checkpoint.')) ?? ''));
    expect((await read(to, 'real.parts')).rows).toBe(50);
  });

  it('is refused where a commit is missing, and nothing is guessed', async () => {
    const log = damaged('real.vectors');
    for (const name of readdirSync(log).filter((each) => each.includes('checkpoint'))) rmSync(join(log, name));
    rmSync(commit(log, 1));
    await expect(read(to, 'real.vectors')).rejects.toMatchObject({
      kind: 'unexpected_answer',
      safeText: expect.stringContaining('between versions 0 and 2'),
    });
  });

  it('is read past log compactions and files of others', async () => {
    const log = damaged();
    writeFileSync(join(log, `${'0'.repeat(20)}.${'2'.padStart(20, '0')}.compacted.json`), 'not read');
    writeFileSync(join(log, '.hidden'), 'not read');
    writeFileSync(join(log, 'zzz.txt'), 'not read');
    expect(await read(to, TABLE)).toEqual(await read(bySpark, TABLE));
  });

  const withFeature = (feature: string): void => {
    const log = damaged();
    for (const name of readdirSync(log).filter((each) => /checkpoint|crc$/.test(each) && !each.startsWith('_'))) {
      rmSync(join(log, name), { force: true });
    }
    const text = readFileSync(commit(log, 0), 'utf8');
    expect(text).toContain('"v2Checkpoint"');
    writeFileSync(commit(log, 0), text.replaceAll('"v2Checkpoint"', `"v2Checkpoint","${feature}"`));
  };

  it('is refused when a catalog keeps its commits', async () => {
    // Spark makes such a table only through a catalog that knows how; the protocol is all that tells it.
    withFeature('catalogManaged');
    await expect(read(to, TABLE)).rejects.toMatchObject({ safeText: expect.stringContaining('kept by a catalog') });
  });

  it('shows its history, and tells nothing of its rows, under a feature nobody here knows', async () => {
    withFeature('laterFeature');
    const table = await read(to, TABLE);
    expect(table).toMatchObject({ unknownFeatures: ['laterFeature'], rows: undefined });
    expect(table.commits).toHaveLength(7);
  });

  it('is read again when files are cleaned away meanwhile, and given up when that goes on', async () => {
    const store = storeAt(bySpark);
    const vanishing = (times: number): ObjectStore => {
      let left = times;
      return {
        ...store,
        stream: async (key, options) => {
          left -= 1;
          return left >= 0 ? undefined : store.stream(key, options);
        },
      };
    };
    const readWith = (times: number) => createDeltaReader({ store: vanishing(times) }).table(TABLE, 5);
    expect(await readWith(1)).toMatchObject({ version: 6, rows: 60 });
    await expect(readWith(999)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe(`a table of ${COMMITS} commits`, () => {
  /** The store with its requests counted. */
  function counted(store: ObjectStore): { store: ObjectStore; requests: () => number } {
    let requests = 0;
    const count =
      <A extends unknown[], R>(call: (...args: A) => R) =>
      (...args: A): R => {
        requests += 1;
        return call(...args);
      };
    return {
      store: { name: store.name, list: count(store.list), get: count(store.get), stream: count(store.stream) },
      requests: () => requests,
    };
  }
  async function measured(
    store: ObjectStore,
    table: string,
  ): Promise<{ table: DeltaTable; ms: number; requests: number }> {
    const seen = counted(store);
    const began = performance.now();
    const found = await createDeltaReader({ store: seen.store }).table(table, 15);
    if (!found) throw new Error(`${table} was not found.`);
    return { table: { ...found, table: '' }, ms: performance.now() - began, requests: seen.requests() };
  }

  it('is read by what is shown and the checkpoint, with few requests, to the same result as a whole replay', async () => {
    await writeLong(python, join(long, 's/short'), COMMITS);
    const log = copyLog(long, join(dir, 'replayed'), 's.short');
    for (const name of readdirSync(log).filter((each) => each.includes('checkpoint'))) rmSync(join(log, name));
    const quick = await measured(storeAt(long), 's.short');
    const whole = await measured(storeAt(join(dir, 'replayed')), 's.short');
    expect(quick.table).toEqual(whole.table);
    expect(quick.table).toMatchObject({ rows: COMMITS, historyComplete: true });
    expect(quick.table.commits.filter(({ columnsAfter }) => columnsAfter)).toHaveLength(1);
    expect(quick.requests).toBeLessThan(40);
    expect(whole.requests).toBeGreaterThan(COMMITS);
    await copyToBucket(bucket, join(long, 's/short/_delta_log'), 'long/s/short/_delta_log');
    const remote = await measured(bucketStore('long'), 's.short');
    expect({ rows: remote.table.rows, requests: remote.requests < 40 }).toEqual({ rows: COMMITS, requests: true });
    process.stderr.write(
      `${COMMITS} commits: ${quick.ms.toFixed(0)} ms, ${quick.requests} requests; replayed whole ${whole.ms.toFixed(0)} ms, ` +
        `${whole.requests} requests; on S3 ${remote.ms.toFixed(0)} ms, ${remote.requests} requests\n`,
    );
  }, 600_000);
});
