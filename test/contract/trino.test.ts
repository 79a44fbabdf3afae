import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { createHttpClient } from '../../adapters/http/client.js';
import { startPlatformOf, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { trinoContract } from './expectations/trino.js';
import { submitTo, tableInLog } from './trino-world.js';

const columns = { id: 'long', name: 'string' };
const WORLD = {
  delta: {
    'contract.plain': { version: 2, columns, rows: 3 },
    'contract.mapped': { version: 2, columns, rows: 3, props: { 'columnMapping.mode': 'name' } },
  },
  // What the simulator can not run: it holds no rows. The message is the one a real server gave.
  queries: {
    '20260514_021000_00001_sim00': {
      at: '-4m',
      user: 'pipeline',
      state: 'FAILED',
      sql: 'SELECT count(*) FROM tpch.sf1.lineitem a JOIN tpch.sf1.lineitem b ON a.orderkey = b.orderkey',
      error: {
        name: 'EXCEEDED_LOCAL_MEMORY_LIMIT',
        type: 'INSUFFICIENT_RESOURCES',
        code: 131079,
        message:
          'Query exceeded per-node memory limit of 1MB [Allocated: 776.86kB, Delta: 262.86kB, Top Consumers: {TableScanOperator=775.37kB, DynamicFilterSourceOperator=1.03kB, TaskOutputOperator=240B}]',
      },
    },
    '20260514_021000_00002_sim00': {
      at: '-3m',
      user: 'pipeline',
      state: 'RUNNING',
      sql: 'SELECT count(*) FROM tpch.sf100.lineitem a CROSS JOIN tpch.sf100.orders b',
    },
    '20260514_021000_00003_sim00': {
      at: '-2m',
      user: 'pipeline',
      schema: 'contract',
      state: 'FINISHED',
      sql: 'INSERT INTO contract.mapped (id, name) SELECT id, name FROM contract.plain',
    },
    '20260514_021000_00004_sim00': {
      at: '-1m',
      user: 'pipeline',
      schema: 'contract',
      state: 'FINISHED',
      sql: 'CREATE TABLE contract.plain_copy AS SELECT id FROM contract.plain',
    },
  },
};

let platform: TestPlatform;
beforeAll(async () => {
  const scenario = parse(readFileSync(join(import.meta.dirname, '../../fixtures/scenarios/s01.yaml'), 'utf8')) as {
    world: Record<string, Record<string, unknown>>;
  };
  Object.assign(scenario.world['delta'] ?? {}, WORLD.delta);
  scenario.world['trino'] = { queries: WORLD.queries };
  platform = await startPlatformOf(stringify(scenario));
});
afterAll(() => platform.stop());

holdTo(trinoContract, { name: 'simulator', version: () => 'as of 476' }, () => {
  const session = { user: 'pipeline', catalog: 'lake', schema: 'contract' };
  return {
    http: createHttpClient({ system: 'Trino', baseUrl: platform.addresses.trino }),
    reader: platform.credentials.read.trinoUser,
    repairer: platform.credentials.write.trinoUser,
    pipeline: session.user,
    catalog: session.catalog,
    plain: 'contract.plain',
    mapped: 'contract.mapped',
    ran: {
      memory: '20260514_021000_00001_sim00',
      running: '20260514_021000_00002_sim00',
      insert: '20260514_021000_00003_sim00',
      create: '20260514_021000_00004_sim00',
    },
    submit: submitTo(platform.addresses.trino, session),
    table: (name) => tableInLog(platform.credentials.read.deltaRoot, name),
  };
});
