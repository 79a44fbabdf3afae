import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAlerts } from '../../../adapters/alerts/formats.js';
import { type AirflowServer, until } from './world.js';

interface Delivery {
  authorization: string | undefined;
  path: string | undefined;
  body: { dag_id: string; run_id: string } & Record<string, unknown>;
}

/** The failure callback of docs/connect.md in a running Airflow: it really fires, and the intake reads what it sends. */
export function describeCallback(
  server: () => AirflowServer,
  dags: readonly { dag: string; tells: RegExp; most: number }[],
): void {
  const deliveries: Delivery[] = [];
  let listener: Server | undefined;
  const settingsFile = (): string => join(server().address['home'] ?? '', 'callback.env.json');

  beforeAll(async () => {
    const listening = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => {
        text += part.toString();
      });
      request.on('end', () => {
        const body = JSON.parse(text) as Delivery['body'];
        deliveries.push({ authorization: request.headers.authorization, path: request.url, body });
        response.writeHead(202).end('{}');
      });
    });
    listener = listening;
    await new Promise<void>((ready) => listening.listen(0, '127.0.0.1', ready));
    const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
    const settings = { COUNTERSIGN_URL: url, COUNTERSIGN_TOKEN: 'a-token-of-the-test' };
    writeFileSync(settingsFile(), JSON.stringify(settings), { mode: 0o600 });
  });
  afterAll(() => {
    rmSync(settingsFile(), { force: true });
    listener?.close();
  });

  describe('the failure callback', () => {
    for (const { dag, tells, most } of dags) {
      it(`tells of ${dag} in the form of the intake`, async () => {
        const run = await server().trigger(dag, dag);
        const { authorization, path, body } = await until(`${dag} is told`, async () =>
          deliveries.find((item) => item.body.dag_id === dag && item.body.run_id === run),
        );
        expect([authorization, path]).toEqual(['Bearer a-token-of-the-test', '/intake/airflow']);
        const [alert] = parseAlerts('airflow', body, new Date());
        expect(alert?.subject).toMatchObject({ dag, run });
        expect(body['exception']).toMatch(tells);
        expect(body['try_number']).toBe(body['max_tries']);
        expect(String(body['log_url'])).toContain(dag);
        expect(Math.abs(Date.parse(String(body['at'])) - Date.now())).toBeLessThan(120_000);
        await server().untilRun(dag, run);
        expect(deliveries.filter((item) => item.body.run_id === run).length).toBeLessThanOrEqual(most);
      }, 200_000);
    }
  });
}
