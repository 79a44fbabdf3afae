import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import { parse, stringify } from 'yaml';
import { createHttpClient } from '../../adapters/http/client.js';
import { createMetricReader } from '../../adapters/prometheus/read.js';
import { prometheusLogin } from '../support/connectors.js';
import { startPlatformOf, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { metricsContract } from './expectations/metrics.js';
import { HISTORY } from './expectations/metrics-history.js';

let platform: TestPlatform;
beforeAll(async () => {
  const scenario = parse(readFileSync('fixtures/scenarios/s00.yaml', 'utf8'));
  for (const { name, labels, meaning, points } of HISTORY) {
    scenario.world.metrics[name] = {
      labels,
      meaning,
      noise: 0,
      points: points.map(([before, value]) => [`-${before}m`, value]),
    };
  }
  platform = await startPlatformOf(stringify(scenario));
});
afterAll(() => platform.stop());

const readerWith = (headers: Record<string, string>) =>
  createMetricReader({
    http: createHttpClient({ system: 'Prometheus', baseUrl: platform.addresses.prometheus, headers }),
  });

holdTo(metricsContract, { name: 'simulator', version: () => 'Prometheus 3.5' }, () => ({
  reader: readerWith(prometheusLogin(platform)),
  stranger: readerWith({ authorization: `Basic ${Buffer.from('countersign-reader:wrong').toString('base64')}` }),
  end: new Date(platform.engine.scenario.alert.at),
  async request(method, path) {
    const options = { method, headers: prometheusLogin(platform) };
    return (await fetch(platform.addresses.prometheus + path, options)).status;
  },
}));
