import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blastRadiusOf } from '../../src/domain/blast-radius.js';
import { AppError } from '../../src/domain/errors.js';
import { lineageOf } from '../../src/domain/lineage.js';
import { Inventory } from '../../src/domain/pipeline.js';
import type { LineageStore } from '../../src/domain/ports.js';
import { ProposalStep } from '../../src/domain/proposal.js';
import { type Sighting, sightingKey } from '../../src/domain/sighting.js';
import { createProcessLog } from '../../src/log.js';
import { createLineageCollector, type LineageCollector } from './collector.js';
import { sightingsIn } from './event.js';
import { createLineageRouter } from './router.js';

const RECEIVED = new Date('2026-11-23T14:00:00Z');
const clock = { now: () => RECEIVED };

function recorded(name: 'spark-delta' | 'airflow'): unknown[] {
  const text = readFileSync(new URL(`recorded/${name}.ndjson`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const allIn = (events: unknown[]): Sighting[] => events.flatMap((event) => sightingsIn(event, RECEIVED));
const links = (sightings: readonly Sighting[]): string[] => [
  ...new Set(sightings.map(({ job, does, dataset }) => `${job.name} ${does} ${dataset.namespace} ${dataset.name}`)),
];

const event = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  eventType: 'COMPLETE',
  eventTime: '2026-11-23T13:00:00.000Z',
  run: { runId: '0199d9d2-0000-7000-8000-000000000001', facets: {} },
  job: { namespace: 'airflow', name: 'orders.load' },
  inputs: [{ namespace: 's3://lake', name: 'bronze/orders' }],
  outputs: [{ namespace: 's3://lake', name: 'silver/orders' }],
  producer: 'https://example.com',
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  ...more,
});

function memoryStore(): LineageStore & { kept: Map<string, Sighting>; puts: number } {
  const kept = new Map<string, Sighting>();
  return {
    kept,
    puts: 0,
    all: async () => [...kept.values()],
    async put(sightings) {
      this.puts += 1;
      for (const one of sightings) kept.set(sightingKey(one), one);
    },
    async drop(keys) {
      for (const key of keys) kept.delete(key);
    },
  };
}

describe('events that Spark 4.2 with Delta really sent', () => {
  it('say which statement reads and writes which path', () => {
    expect(links(allIn(recorded('spark-delta')))).toEqual([
      'nightly_orders.execute_save_into_data_source_command.bronze_orders writes file /srv/lake/bronze/orders',
      'nightly_orders.execute_save_into_data_source_command.silver_orders reads file /srv/lake/bronze/orders',
      'nightly_orders.execute_save_into_data_source_command.silver_orders writes file /srv/lake/silver/orders',
      'nightly_orders.create_table.silver_orders writes file /srv/lake/silver/orders',
      'nightly_orders.atomic_replace_table_as_select.gold_daily_revenue reads file /srv/lake/silver/orders',
      'nightly_orders.overwrite_by_expression_exec_v1.spark_catalog_gold_daily_revenue reads file /srv/lake/silver/orders',
      'nightly_orders.atomic_replace_table_as_select.gold_daily_revenue writes file /srv/lake/gold/daily_revenue',
      'nightly_orders.execute_merge_into_command.orders reads file /srv/lake/silver/orders',
      'nightly_orders.execute_merge_into_command.orders writes file /srv/lake/silver/orders',
      'nightly_orders.execute_save_into_data_source_command.gold_checked reads file /srv/lake/silver/orders',
      'nightly_orders.execute_save_into_data_source_command.gold_checked writes file /srv/lake/gold/checked',
    ]);
  });

  it('carry the catalogue name, the application and the task above it, and columns', () => {
    const sightings = allIn(recorded('spark-delta'));
    const gold = sightings.find(({ does, dataset }) => does === 'writes' && dataset.name.endsWith('daily_revenue'));
    expect(gold).toMatchObject({
      parents: ['nightly_orders', 'nightly_orders.build'],
      aliases: [{ name: 'gold.daily_revenue' }],
    });
    const silver = sightings.find(({ does, dataset }) => does === 'writes' && dataset.name.endsWith('silver/orders'));
    expect(silver?.columns).toEqual([
      {
        from: { namespace: 'file', name: '/srv/lake/bronze/orders' },
        pairs: [
          ['id', 'order_id'],
          ['email', 'customer'],
          ['amount', 'amount'],
          ['day', 'day'],
        ],
      },
    ]);
  });

  it('give the blast radius of a renamed column, each link marked as seen only', () => {
    const inventory = Inventory.parse({
      pipelines: [{ dag: 'land', owner: 'core', tasks: [{ id: 'write', writes: ['bronze.orders'] }] }],
      tables: [{ name: 'silver.orders', owner: 'orders-team', classes: ['pii'] }],
    });
    const lineage = lineageOf(inventory, { sightings: allIn(recorded('spark-delta')), now: RECEIVED });
    const action = { do: 'schema_evolution', table: 'bronze.orders', op: 'rename', arg: { from: 'email', to: 'mail' } };
    const text = { title: 't', before: '', after: '', restorePoint: 'r' };
    const lists = { effects: [], touches: ['bronze.orders'], preconditions: [], verification: [] };
    const step = ProposalStep.parse({ action, ...text, ...lists, idempotency: 'guarded' });
    const { datasets, detail } = blastRadiusOf(lineage, [step], RECEIVED);
    expect(datasets).toEqual(['gold.checked', 'gold.daily_revenue', 'silver.orders']);
    expect(detail?.tables.find(({ name }) => name === 'silver.orders')).toMatchObject({
      hops: 1,
      owner: 'orders-team',
      classes: ['pii'],
      observed: expect.stringMatching(/^2026-11-23T13:1/),
    });
    // gold.daily_revenue came without column lineage, and that is said.
    expect(detail?.columns).toEqual({
      of: 'bronze.orders.email',
      built: ['silver.orders.customer'],
      total: 1,
      unknownTables: 1,
    });
  });
});

describe('events that Airflow 3.3 really sent', () => {
  it('name the task, its DAG and its owner; a failed task says what it reads, too', () => {
    const sightings = allIn(recorded('airflow'));
    expect(links(sightings)).toEqual([
      'nightly_orders.export reads s3://lake gold/daily_revenue',
      'nightly_orders.export writes s3://lake reports/revenue_export',
      'nightly_orders.announce reads s3://lake reports/revenue_export',
    ]);
    expect(sightings[0]).toMatchObject({ parents: ['nightly_orders'], jobOwner: 'orders-team' });
  });
});

describe('what is kept of an event', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a partition folder', { name: 'silver/orders/ds=2026-05-14/hour=3' }, 'silver/orders'],
    ['a control character', { name: 'silver/or\u001bders' }, 'silver/or ders'],
    ['a query with a signature', { name: 'silver/orders?sig=abc' }, 'silver/orders'],
  ])('is a name without %s', (_, dataset, name) => {
    const inputs = [{ namespace: 's3://lake', ...dataset }];
    expect(sightingsIn(event({ inputs, outputs: [] }), RECEIVED)[0]?.dataset.name).toBe(name);
  });

  it('is a namespace without the password of its address', () => {
    const inputs = [{ namespace: 'postgres://app:hunter2@db:5432', name: 'shop.public.orders' }];
    expect(JSON.stringify(sightingsIn(event({ inputs }), RECEIVED))).not.toContain('hunter2');
  });

  it('is dated by the event, and never later than it came', () => {
    const at = (eventTime: string): string | undefined => sightingsIn(event({ eventTime }), RECEIVED)[0]?.at;
    expect(at('2026-11-23T13:00:00+01:00')).toBe('2026-11-23T12:00:00.000Z');
    expect(at('2031-01-01T00:00:00Z')).toBe(RECEIVED.toISOString());
  });

  it('loses a facet that is not as the standard has it, and nothing else', () => {
    const outputs = [
      { namespace: 's3://lake', name: 'silver/orders', facets: { columnLineage: { fields: 7 }, ownership: 'x' } },
    ];
    expect(links(sightingsIn(event({ outputs }), RECEIVED))).toHaveLength(2);
  });

  it.each([
    ['a number', 7, '(body)'],
    ['no time', event({ eventTime: 'yesterday' }), 'eventTime'],
    ['a dataset without a name', event({ inputs: [{ namespace: 'x' }] }), 'inputs.0.name'],
  ])('is nothing of %s, and the field is named', (_, payload, field) => {
    expect(() => sightingsIn(payload, RECEIVED)).toThrowError(
      expect.objectContaining({ kind: 'invalid_input', field }),
    );
  });

  it('is nothing of a dataset event, which has no job', () => {
    const { job: _job, run: _run, ...dataset } = event({ dataset: { namespace: 'x', name: 'y' } });
    expect(sightingsIn(dataset, RECEIVED)).toEqual([]);
  });
});

describe('the collector', () => {
  const collector = (store: LineageStore, limits?: { sightings: number; characters: number }): LineageCollector =>
    createLineageCollector({ store, clock, ...(limits === undefined ? {} : { limits }) });

  it('writes a link once, however often it is seen within the hour, and again when it is news', async () => {
    const store = memoryStore();
    const one = collector(store);
    for (let run = 0; run < 50; run++) await one.record([event()]);
    expect(store.puts).toBe(1);
    await one.record([event({ eventTime: '2026-11-23T13:59:00Z' })]);
    expect(store.puts).toBe(1);
    await one.record([event({ eventTime: '2026-11-23T14:00:00Z' })]);
    expect(store.puts).toBe(2);
    const job = { namespace: 'airflow', name: 'orders.load', facets: { ownership: { owners: [{ name: 'team:a' }] } } };
    await one.record([event({ eventTime: '2026-11-23T14:00:00Z', job })]);
    expect(one.sightings()[0]).toMatchObject({ jobOwner: 'a', at: '2026-11-23T14:00:00.000Z' });
  });

  it('an older event that comes late does not make a link look older', async () => {
    const one = collector(memoryStore());
    await one.record([event()]);
    await one.record([event({ eventTime: '2026-01-01T00:00:00Z' })]);
    expect(one.sightings()[0]?.at).toBe('2026-11-23T13:00:00.000Z');
  });

  it('puts inputs and outputs of one run together that came in different events', async () => {
    const one = collector(memoryStore());
    await one.record([event({ eventType: 'START', outputs: [] })]);
    await one.record([event({ inputs: [] })]);
    expect(links(one.sightings())).toHaveLength(2);
  });

  it.each([
    ['number', { sightings: 10, characters: 1_000_000 }],
    ['size', { sightings: 1000, characters: 3000 }],
  ])('is bounded in %s, and forgets the oldest first', async (_, limits) => {
    const store = memoryStore();
    const one = collector(store, limits);
    for (let n = 0; n < 40; n++) {
      const minute = String(n).padStart(2, '0');
      const job = { namespace: 'airflow', name: `job_${minute}` };
      await one.record([event({ job, outputs: [], eventTime: `2026-11-23T13:${minute}:00Z` })]);
    }
    expect(JSON.stringify([...store.kept.values()]).length).toBeLessThan(limits.characters + 100);
    expect(store.kept.size).toBeLessThanOrEqual(limits.sightings);
    expect(one.sightings()).toHaveLength(store.kept.size);
    const names = [...store.kept.values()].map(({ job }) => job.name);
    expect(names).toContain('job_39');
    expect(names).not.toContain('job_00');
  });

  it('knows after a restart what it knew before', async () => {
    const store = memoryStore();
    await collector(store).record(recorded('spark-delta'));
    const again = collector(store);
    await again.load();
    const puts = store.puts;
    await again.record(recorded('spark-delta'));
    expect(store.puts).toBe(puts);
    expect(again.sightings().length).toBe(store.kept.size);
  });

  it('keeps nothing in memory that could not be stored', async () => {
    const away: LineageStore = {
      ...memoryStore(),
      put: () => Promise.reject(new AppError('unavailable', { safeText: 'x' })),
    };
    const one = collector(away);
    await expect(one.record([event()])).rejects.toMatchObject({ kind: 'unavailable' });
    expect(one.sightings()).toEqual([]);
  });
});

describe('the intake', () => {
  let server: Server;
  let base: string;
  let lineage: LineageCollector;
  let away: boolean;

  beforeEach(async () => {
    away = false;
    lineage = createLineageCollector({ store: memoryStore(), clock });
    const app = express();
    app.use(
      createLineageRouter({
        authenticate(headers) {
          if (headers.authorization !== 'Bearer good')
            throw new AppError('unauthenticated', { safeText: 'Not authenticated.' });
        },
        record: (events) =>
          away ? Promise.reject(new AppError('unavailable', { safeText: 'Away.' })) : lineage.record(events),
        processLog: createProcessLog('test', 'silent'),
      }),
    );
    app.use((_request, response) => void response.status(418).end());
    server = createServer(app).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Response> =>
    fetch(`${base}${path}`, { method: 'POST', body, headers: { authorization: 'Bearer good', ...headers } });

  it.each(['/api/v1/lineage', '/intake/openlineage'])('takes one event or a list at %s', async (path) => {
    const one = await post(path, JSON.stringify(event()));
    expect(one.status).toBe(201);
    expect(await one.json()).toEqual({ links: 2 });
    expect((await post(path, JSON.stringify(recorded('airflow')))).status).toBe(201);
    expect(lineage.sightings()).toHaveLength(5);
  });

  it('takes a body that Spark compressed', async () => {
    const answer = await post('/api/v1/lineage', new Uint8Array(gzipSync(JSON.stringify(event()))), {
      'content-encoding': 'gzip',
    });
    expect(answer.status).toBe(201);
  });

  it('refuses who has no token, before it reads what they send', async () => {
    const answer = await post('/api/v1/lineage', 'x'.repeat(5_000_000), { authorization: 'Bearer bad' });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ title: 'Unauthorized', detail: 'Not authenticated.' });
    expect(lineage.sightings()).toEqual([]);
  });

  it('answers what is no event with 400 and the field, too much with 413, and a store that is away with 503', async () => {
    expect(await (await post('/api/v1/lineage', '{')).json()).toMatchObject({ status: 400, field: '(body)' });
    expect(await (await post('/api/v1/lineage', '{"eventTime":1}')).json()).toMatchObject({
      status: 400,
      field: 'eventTime',
    });
    expect((await post('/api/v1/lineage', 'x'.repeat(4_300_000))).status).toBe(413);
    expect((await post('/api/v1/lineage', JSON.stringify(Array.from({ length: 501 }, () => event())))).status).toBe(
      413,
    );
    away = true;
    expect((await post('/api/v1/lineage', JSON.stringify(event()))).status).toBe(503);
  });

  it('leaves every other path alone', async () => {
    expect((await post('/intake/alertmanager', '{}')).status).toBe(418);
    expect((await fetch(`${base}/api/v1/lineage`)).status).toBe(418);
  });
});
