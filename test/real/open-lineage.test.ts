import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLineageCollector, type LineageCollector } from '../../adapters/open-lineage/collector.js';
import { createLineageRouter } from '../../adapters/open-lineage/router.js';
import { AppError } from '../../src/domain/errors.js';
import { lineageOf } from '../../src/domain/lineage.js';
import { Inventory } from '../../src/domain/pipeline.js';
import { createProcessLog } from '../../src/log.js';
import { mavenArtifact } from './java.js';
import { placeOf } from './place.js';
import { runToEnd } from './processes.js';
import { pythonEnvironment } from './python.js';
import { deltaJars, installSpark } from './spark/installation.js';
import { runJob } from './spark/submit.js';

/** OpenLineage's own clients against our intake: here we are the server, so there is no simulator to hold to it. */

const TOKEN = 'a-token-of-this-test';
const LISTENER = 'io.openlineage:openlineage-spark_2.13:1.53.0:jar';
const FOLDER = join(import.meta.dirname, 'open-lineage');

let python: string;
let lake: string;
let server: Server;
let url: string;
let lineage: LineageCollector;
/** What the clients asked for, and what they were told. */
let answers: string[];

beforeAll(async () => {
  python = join(await pythonEnvironment(placeOf('open-lineage'), 'openlineage'), 'python');
  await installSpark(placeOf('spark'));
  lake = mkdtempSync(join(tmpdir(), 'countersign-lake-'));
});
afterAll(() => rmSync(lake, { recursive: true, force: true }));

beforeEach(async () => {
  answers = [];
  const clock = { now: () => new Date() };
  const store = { all: async () => [], put: async () => undefined, drop: async () => undefined };
  lineage = createLineageCollector({ store, clock });
  const app = express();
  app.use((request, response, next) => {
    const encoding = request.headers['content-encoding'] ?? 'plain';
    response.on('finish', () => answers.push(`${request.method} ${request.path} ${encoding} ${response.statusCode}`));
    next();
  });
  app.use(
    createLineageRouter({
      authenticate(headers) {
        if (headers.authorization === `Bearer ${TOKEN}`) return;
        throw new AppError('unauthenticated', { safeText: 'Not authenticated.' });
      },
      record: lineage.record,
      processLog: createProcessLog('test', 'silent'),
    }),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const emit = (env: Record<string, string>): Promise<string> =>
  runToEnd({ program: python, args: [join(FOLDER, 'emit.py')], env }, 60_000);

const byHttp = (token: string): Record<string, string> => ({
  OPENLINEAGE__TRANSPORT__TYPE: 'http',
  OPENLINEAGE__TRANSPORT__URL: url,
  OPENLINEAGE__TRANSPORT__AUTH__TYPE: 'api_key',
  OPENLINEAGE__TRANSPORT__AUTH__APIKEY: token,
});

describe('openlineage-python', () => {
  it.each([
    ['plain', {}],
    ['gzip', { OPENLINEAGE__TRANSPORT__COMPRESSION: 'gzip' }],
  ])('delivers a run to the default address, %s', async (encoding, more) => {
    await emit({ ...byHttp(TOKEN), ...more });
    expect(answers).toEqual(Array(2).fill(`POST /api/v1/lineage ${encoding} 201`));
    const { jobs, columns } = lineageOf(Inventory.parse({ pipelines: [] }), {
      sightings: lineage.sightings(),
      now: new Date(),
    });
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).toMatchObject({ name: 'churn_model.train', owner: 'ml' });
    expect([...(jobs[0]?.reads.keys() ?? [])]).toEqual(['silver.orders']);
    expect([...(jobs[0]?.writes.keys() ?? [])]).toEqual(['ml.churn']);
    expect(columns.map(({ from, to }) => `${from.table}.${from.column} ${to.table}.${to.column}`)).toEqual([
      'silver.orders.amount ml.churn.risk',
      'silver.orders.day ml.churn.*',
    ]);
  });

  it('is refused with another token, and says so', async () => {
    await expect(emit(byHttp('another-token'))).rejects.toThrow(/401/);
    expect(lineage.sightings()).toEqual([]);
  });
});

describe('openlineage-spark in Spark with Delta Lake', () => {
  it('delivers the lineage of a job by paths, by names and by a merge, from its own listener', async () => {
    const jars = [...(await deltaJars()), await mavenArtifact(LISTENER)].map((jar) => `file://${jar}`);
    const { code, output } = await runJob({
      name: 'Nightly Orders',
      job: join(FOLDER, 'nightly_orders.py'),
      args: [lake],
      conf: {
        'spark.jars': jars.join(','),
        'spark.sql.warehouse.dir': `file://${join(lake, 'warehouse')}`,
        'spark.extraListeners': 'io.openlineage.spark.agent.OpenLineageSparkListener',
        'spark.openlineage.transport.type': 'http',
        'spark.openlineage.transport.url': url,
        'spark.openlineage.transport.auth.type': 'api_key',
        'spark.openlineage.transport.auth.apiKey': TOKEN,
        'spark.openlineage.transport.compression': 'gzip',
        'spark.openlineage.parentJobNamespace': 'airflow',
        'spark.openlineage.parentJobName': 'nightly_orders.build',
        'spark.openlineage.parentRunId': '0199d9d2-0000-7000-8000-000000000001',
      },
    });
    expect(code, output.slice(-2000)).toBe(0);
    expect(new Set(answers)).toEqual(new Set(['POST /api/v1/lineage gzip 201']));
    const inventory = Inventory.parse({
      pipelines: [
        { dag: 'nightly_orders', owner: 'orders-team', tasks: [{ id: 'build', writes: ['gold.daily_revenue'] }] },
      ],
    });
    const found = lineageOf(inventory, { sightings: lineage.sightings(), now: new Date() });
    expect(found.jobs.map(({ name }) => name)).toEqual(['nightly_orders.build']);
    const [build] = found.jobs;
    expect([...(build?.reads.keys() ?? [])].sort()).toEqual(['bronze.orders', 'silver.orders']);
    expect(build?.writes.get('gold.daily_revenue')).toMatchObject({ configured: true, seen: expect.any(String) });
    expect([...(build?.writes.keys() ?? [])].sort()).toEqual([
      'bronze.orders',
      'gold.checked',
      'gold.daily_revenue',
      'silver.orders',
    ]);
    expect(found.columns).toContainEqual({
      from: { table: 'bronze.orders', column: 'email' },
      to: { table: 'silver.orders', column: 'customer' },
    });
  }, 420_000);
});
