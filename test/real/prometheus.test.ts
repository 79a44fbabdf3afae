import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../adapters/http/client.js';
import { createMetricReader } from '../../adapters/prometheus/read.js';
import type { MetricReader } from '../../src/domain/platform-ports.js';
import { holdTo } from '../contract/contract.js';
import { metricsContract } from '../contract/expectations/metrics.js';
import { type Exporter, startExporter } from './prometheus/exporter.js';
import { writeTargets } from './prometheus/rules.js';
import { addressOf } from './up.js';

let server: Awaited<ReturnType<typeof addressOf>>;
let reader: MetricReader;
let exporter: Exporter;
const run = `contract-${process.pid}`;

const login = (password = server['password']): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${server['user']}:${password}`).toString('base64')}`,
});
const readerWith = (headers: Record<string, string>, maxBytes?: number): MetricReader =>
  createMetricReader({
    http: createHttpClient({
      system: 'Prometheus',
      baseUrl: server['url'] ?? '',
      headers,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    }),
  });

beforeAll(async () => {
  server = await addressOf('prometheus');
  reader = readerWith(login());
  exporter = await startExporter();
});
afterAll(async () => {
  await writeTargets(run, []);
  await exporter.stop();
});

holdTo(metricsContract, { name: 'prometheus', version: () => server.version }, () => ({
  reader,
  stranger: readerWith(login('wrong')),
  end: new Date(server['historyUntil'] ?? ''),
  async request(method, path) {
    return (await fetch(server['url'] + path, { method, headers: login() })).status;
  },
}));

/** Asks until the answer is as wanted: a scrape every two seconds decides when. */
const scraped = (expr: string) => expect.poll(() => reader.instant(expr), { timeout: 20_000, interval: 300 });

describe('a target that is scraped', () => {
  const lag = `live_lag{run="${run}"}`;
  it('is seen within seconds of being written down, and its newest value is the one that is told', async () => {
    exporter.set('live_lag', 17);
    await writeTargets(run, [{ address: exporter.address, labels: { run } }]);
    await scraped(lag).toBe(17);
    exporter.set('live_lag', 99);
    await scraped(lag).toBe(99);
  });

  it('gives not-a-number and infinity as they were exposed', async () => {
    exporter.set('live_lag', 'NaN');
    await scraped(lag).toBeNaN();
    exporter.set('live_lag', '-Inf');
    await scraped(lag).toBe(Number.NEGATIVE_INFINITY);
  });

  it('has no value once it no longer exposes the series: stale is absent, and not the last value', async () => {
    exporter.set('live_lag', 5);
    await scraped(lag).toBe(5);
    exporter.set('live_lag', undefined);
    await scraped(lag).toBeUndefined();
    await scraped(`up{run="${run}"}`).toBe(1);
  });

  it('that is away is up 0', async () => {
    await exporter.stop();
    await scraped(`up{run="${run}"}`).toBe(0);
  });
});

describe('what is too much', () => {
  it('is said, with the number of series, and nothing is cut silently', async () => {
    const error = await reader
      .range('{__name__=~"prometheus_.+"}', new Date(Date.now() - 10_000), new Date(), 15)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: 'too_large' });
    expect(error.safeText).toMatch(/gives \d{3,} series/);
  });

  it('in bytes ends the answer', async () => {
    const narrow = readerWith(login(), 2000);
    await expect(
      narrow.range('{__name__=~"prometheus_.+"}', new Date(Date.now() - 60_000), new Date(), 15),
    ).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('in time is a timeout and not an input fault', async () => {
    const hasty = createMetricReader({
      http: createHttpClient({ system: 'Prometheus', baseUrl: server['url'] ?? '', headers: login() }),
      timeoutSeconds: 0.001,
    });
    const heavy = 'sum(avg_over_time(kafka_consumergroup_lag[30d:1m]))';
    await expect(hasty.instant(heavy)).rejects.toMatchObject({ kind: 'timeout' });
  });
});
