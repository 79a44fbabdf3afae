import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { alertmanagerWebhook } from '../../fixtures/platform/alert-delivery.js';
import { type AlertIntake, type Delivery, startAlertIntake } from '../support/alert-intake.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { alertmanagerContract } from './expectations/alertmanager.js';

let platform: TestPlatform;
let intake: AlertIntake;
let sent: Delivery[];
beforeAll(async () => {
  platform = await startPlatform('s01');
  intake = await startAlertIntake(randomBytes(16).toString('hex'));
  const ended = new Date(Date.parse(platform.engine.scenario.alert.at) + 3_600_000);
  sent = [];
  for (const body of [undefined, undefined, ended].map((end) => alertmanagerWebhook(platform.engine, end)))
    sent.push(await deliver(body));
});
afterAll(async () => {
  await intake.stop();
  await platform.stop();
});

/** As the demo delivers a scenario's alert. */
async function deliver(payload: Record<string, unknown>): Promise<Delivery> {
  const count = intake.deliveries.length;
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${intake.token}`,
    'user-agent': 'Alertmanager/simulated',
  };
  await fetch(intake.url, { method: 'POST', headers, body: JSON.stringify(payload) });
  return intake.deliveries[count] as Delivery;
}

holdTo(alertmanagerContract, { name: 'simulator', version: () => 'webhook 4' }, () => {
  const { alert } = platform.engine.scenario;
  const { dag, task, run, table } = alert.labels;
  const [firing, repeated, resolved] = sent as [Delivery, Delivery, Delivery];
  return {
    intake,
    firing,
    repeated,
    resolved,
    labels: { alertname: alert.monitor, severity: alert.severity, ...alert.labels },
    annotations: { summary: alert.text, description: alert.text },
    subject: JSON.parse(JSON.stringify({ dag, task, run, table })),
    severity: alert.severity,
  };
});
