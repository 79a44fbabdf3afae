import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { holdTo } from '../contract/contract.js';
import { alertmanagerContract } from '../contract/expectations/alertmanager.js';
import { type AlertIntake, type Delivery, startAlertIntake } from '../support/alert-intake.js';
import { alerts, pointTo } from './alertmanager/receiver.js';
import { type Exporter, startExporter } from './prometheus/exporter.js';
import { writeRules, writeTargets } from './prometheus/rules.js';
import { addressOf } from './up.js';

const NAME = `ContractLateData${process.pid}`;
const labels = {
  severity: 'critical',
  dag: 'orders_daily',
  task: 'load',
  table: 'bronze.orders',
  team: 'orders & more',
};
const annotations = { summary: 'bronze.orders is late', description: 'No rows for 31 minutes ("quoted", ünïcode)' };
const METRIC = `contract_minutes_late_${process.pid}`;

let server: Awaited<ReturnType<typeof addressOf>>;
let intake: AlertIntake;
let exporter: Exporter;
let firing: Delivery;
let repeated: Delivery;
let resolved: Delivery;

/** The next delivery that says `status` of our alert and was answered with `answer`; a rule needs seconds to fire. */
async function next(
  status: 'firing' | 'resolved',
  answer: number,
  after = intake.deliveries.length,
): Promise<Delivery> {
  const found = (): Delivery | undefined =>
    intake.deliveries
      .slice(after)
      .find(
        ({ text, ...delivery }) =>
          delivery.status === answer && text.includes(NAME) && JSON.parse(text).status === status,
      );
  return vi.waitFor(
    () => {
      const delivery = found();
      if (delivery === undefined)
        throw new Error(`Alertmanager sent nothing ${status} that was answered with ${answer}.`);
      return delivery;
    },
    { timeout: 60_000, interval: 100 },
  );
}

beforeAll(async () => {
  server = await addressOf('alertmanager');
  intake = await startAlertIntake(randomBytes(16).toString('hex'));
  exporter = await startExporter();
  exporter.set(METRIC, 31);
  await pointTo(intake.url, intake.token);
  await writeTargets(NAME, [{ address: exporter.address }]);
  await writeRules(NAME, [{ alert: NAME, expr: `max(${METRIC}) > 30`, for: '2s', labels, annotations }]);
  firing = await next('firing', 202);
  repeated = await next('firing', 202);
  exporter.set(METRIC, 0);
  resolved = await next('resolved', 202);
});
afterAll(async () => {
  await writeRules(NAME, []);
  await writeTargets(NAME, []);
  await pointTo('http://127.0.0.1:9/', '');
  await exporter.stop();
  await intake.stop();
});

holdTo(alertmanagerContract, { name: 'alertmanager', version: () => server.version }, () => ({
  intake,
  firing,
  repeated,
  resolved,
  labels: { alertname: NAME, ...labels },
  annotations,
  subject: { dag: 'orders_daily', task: 'load', table: 'bronze.orders' },
  severity: 'critical' as const,
}));

describe('what only a real sender does', () => {
  it('sends again what could not be written, until it is: 503 loses no alert', async () => {
    const from = intake.deliveries.length;
    intake.away = true;
    exporter.set(METRIC, 45);
    const refused = await next('firing', 503, from);
    expect(refused.alerts).toEqual([]);
    await next('firing', 503, intake.deliveries.indexOf(refused) + 1);
    intake.away = false;
    const accepted = await next('firing', 202, from);
    expect(accepted.alerts[0]?.startedAt).not.toBe(firing.alerts[0]?.startedAt);
    expect(accepted.alerts[0]?.fingerprint).toBe(firing.alerts[0]?.fingerprint);
  });

  it('with a wrong token is refused, reaches nobody, and is heard once the token is right', async () => {
    const from = intake.deliveries.length;
    await pointTo(intake.url, 'not-the-token');
    const refused = await next('firing', 401, from);
    expect(refused.alerts).toEqual([]);
    expect((await alerts()).filter((alert) => alert.labels['alertname'] === NAME)).toHaveLength(1);
    await pointTo(intake.url, intake.token);
    const accepted = await next('firing', 202, intake.deliveries.indexOf(refused));
    expect(accepted.alerts[0]?.subject.table).toBe('bronze.orders');
  });

  it('asks for a login that Countersign does not have: nobody can inject or silence an alert without it', async () => {
    const post = (path: string): Promise<Response> =>
      fetch(server['url'] + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '[]' });
    expect((await post('/api/v2/alerts')).status).toBe(401);
    expect((await post('/api/v2/silences')).status).toBe(401);
    expect((await fetch(`${server['url']}/-/reload`, { method: 'POST' })).status).toBe(401);
  });
});
