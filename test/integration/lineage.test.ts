import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { LINEAGE_KEY } from '../../adapters/redis/keys.js';
import { createLineageStore } from '../../adapters/redis/lineage-store.js';
import { lineageOf } from '../../src/domain/lineage.js';
import { Inventory } from '../../src/domain/pipeline.js';
import { createWeb } from '../../src/roles/web.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';

const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const EVENTS = readFileSync(new URL('../../adapters/open-lineage/recorded/spark-delta.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n');

let redis: TestRedis;
let folder: string;
let admin: Redis;
let investigator: Redis;

beforeAll(async () => {
  redis = await startTestRedis();
  folder = mkdtempSync(join(tmpdir(), 'countersign-lineage-'));
  admin = await connectRedis(redis.url, { name: 'admin', use: 'commands' });
  investigator = await connectRedis(redis.urlFor('investigator'), { name: 'investigator', use: 'commands' });
});
afterAll(async () => {
  admin.disconnect();
  investigator.disconnect();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The web role itself, on its own Redis user, until the callback is over. */
async function withWeb<T>(auth: unknown, use: (url: string) => Promise<T>): Promise<T> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const role = createWeb({
    REDIS_URL: redis.urlFor('web'),
    COUNTERSIGN_LOG_LEVEL: 'silent',
    COUNTERSIGN_LOG_VKEY: VKEY,
    COUNTERSIGN_ALLOW_WEAK_REDIS: false,
    COUNTERSIGN_POLICY: file('policy.yaml', 'version: 1\n'),
    COUNTERSIGN_INVENTORY: file('inventory.yaml', 'pipelines: []\n'),
    COUNTERSIGN_WEB_HOST: '127.0.0.1',
    COUNTERSIGN_WEB_PORT: 0,
    COUNTERSIGN_WEB_ALLOWED_HOSTS: '127.0.0.1',
    COUNTERSIGN_WEB_HTTPS: false,
    COUNTERSIGN_DECISION_KEY: file('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    COUNTERSIGN_INTAKE_AUTH: file('auth.json', JSON.stringify(auth)),
    COUNTERSIGN_COOKIE_SECRET: 'a cookie secret for tests, long enough',
    COUNTERSIGN_REDACTION_KEY: 'a redaction key for tests',
  });
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  const ready = new Promise<string>((resolve, reject) => {
    running = role.run(stop.signal, (about) => resolve(about?.url ?? ''));
    running.catch(reject);
  });
  try {
    return await use(await ready);
  } finally {
    stop.abort();
    await running;
  }
}

const send = (url: string, body: string, token: string): Promise<Response> =>
  fetch(`${url}/api/v1/lineage`, { method: 'POST', body, headers: { authorization: `Bearer ${token}` } });

const AUTH = {
  openlineage: { scheme: 'bearer', tokens: ['ol-token'] },
  generic: { scheme: 'bearer', tokens: ['other'] },
};

describe('OpenLineage events, from the web role to the investigator', () => {
  it('reach the investigator’s read as lineage, and never the log', async () => {
    const logged = await admin.llen('{cs}:log:0');
    const statuses = await withWeb(AUTH, (url) =>
      Promise.all(EVENTS.map(async (event) => (await send(url, event, 'ol-token')).status)),
    );
    expect(new Set(statuses)).toEqual(new Set([201]));
    expect(await admin.llen('{cs}:log:0')).toBe(logged);
    const sightings = await createLineageStore(investigator).all();
    const inventory = Inventory.parse({ pipelines: [] });
    const lineage = lineageOf(inventory, { sightings, now: new Date('2026-11-24T00:00:00Z') });
    const merge = lineage.jobs.find(({ name }) => name === 'nightly_orders.execute_merge_into_command.orders');
    expect([...(merge?.reads.keys() ?? [])]).toEqual(['silver.orders']);
    expect([...(merge?.writes.keys() ?? [])]).toEqual(['silver.orders']);
  });

  it('are known to the next web process, and what is damaged in the cache is passed over', async () => {
    const before = await admin.hlen(LINEAGE_KEY);
    await admin.hset(LINEAGE_KEY, 'damaged', '{"job":', 'other', '{"of":"another version"}');
    const known = await createLineageStore(investigator).all();
    expect(known).toHaveLength(before);
    await withWeb(AUTH, async (url) => expect((await send(url, EVENTS[6] ?? '', 'ol-token')).status).toBe(201));
  });

  it('are taken from nobody else: not without a token, not with another source’s, not where none is configured', async () => {
    await withWeb(AUTH, async (url) => {
      expect((await send(url, EVENTS[6] ?? '', 'other')).status).toBe(401);
      expect((await send(url, EVENTS[6] ?? '', '')).status).toBe(401);
    });
    await withWeb({ generic: AUTH.generic }, async (url) => {
      expect((await send(url, EVENTS[6] ?? '', 'ol-token')).status).toBe(401);
    });
  });

  it('the web role does not start with a scheme that OpenLineage clients do not have', async () => {
    const signed = { openlineage: { scheme: 'standard_webhooks', secrets: ['whsec_x'] } };
    await expect(withWeb(signed, async () => undefined)).rejects.toMatchObject({ kind: 'misconfigured' });
  });
});
