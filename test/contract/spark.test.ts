import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { createHttpClient } from '../../adapters/http/client.js';
import { createObjectStore } from '../../adapters/object-store/open.js';
import { createDriverLogs } from '../../adapters/spark/driver-logs.js';
import { createSparkReader } from '../../adapters/spark/read.js';
import { collectDriverLogs } from '../../fixtures/platform/servers/spark-driver-logs.js';
import { startPlatformOf, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { sparkContract } from './expectations/spark.js';
import type { SparkGiven } from './expectations/spark-world.js';
import { sparkWorld } from './spark-world.js';

const SECRET = 'not-a-real-secret';
const logs = mkdtempSync(join(tmpdir(), 'driver-logs-'));
let platform: TestPlatform;
let given: SparkGiven;

beforeAll(async () => {
  platform = await startPlatformOf(sparkWorld('contract', SECRET, '3g'));
  collectDriverLogs(platform.engine, logs);
  const http = createHttpClient({ system: 'Spark History Server', baseUrl: platform.addresses.spark });
  const store = createObjectStore(logs, { purpose: 'driver logs' });
  given = {
    reader: createSparkReader({ http, driverLogs: createDriverLogs({ store, pattern: '{app}/' }) }),
    http,
    prefix: 'contract',
    secret: SECRET,
    executorMemory: '3g',
  };
});
afterAll(async () => {
  await platform.stop();
  rmSync(logs, { recursive: true, force: true });
});

holdTo(sparkContract, { name: 'simulator', version: () => 'simulated' }, () => given);
