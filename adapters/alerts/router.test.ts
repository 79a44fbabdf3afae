import { createHmac, randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.js';
import { AppError } from '../../src/domain/errors.js';
import { createProcessLog } from '../../src/log.js';
import { createMemoryOnce } from '../../test/support/memory-log.js';
import { createAlertRouter } from './router.js';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const generic = {
  fingerprint: 'f1',
  started_at: '2026-03-11T02:14:00Z',
  title: 'load failed',
  subject: { dag: 'daily' },
};
const alertmanager = {
  version: '4',
  status: 'firing',
  groupKey: '{}:{}',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'DagFailed', dag: 'daily', severity: 'page' },
      startsAt: '2026-03-11T02:14:00Z',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: 'abc',
    },
  ],
};

let server: Server;
let base: string;
let accepted: Alert[];
let away: boolean;

beforeEach(async () => {
  accepted = [];
  away = false;
  const app = express();
  app.use(
    '/intake',
    createAlertRouter({
      accept: async (alert) => {
        if (away) throw new AppError('unavailable', { safeText: 'The log is not available.' });
        accepted.push(alert);
        return { incident: 'INC-1', outcome: 'opened' };
      },
      auth: {
        generic: { scheme: 'standard_webhooks', secrets: [secret] },
        alertmanager: { scheme: 'bearer', tokens: ['old-token', 'new-token'] },
        airflow: { scheme: 'bearer', tokens: ['airflow-token'] },
        pagerduty: { scheme: 'pagerduty', secrets: ['pd-secret'] },
      },
      once: createMemoryOnce(),
      clock: { now: () => new Date() },
      processLog: createProcessLog('test', 'silent'),
    }),
  );
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/intake`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

function signed(body: string, id = 'msg_1', at = new Date()): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${base}/${path}`, { method: 'POST', body, headers });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe('generic intake, Standard Webhooks', () => {
  it('accepts a delivery signed by the reference library', async () => {
    const body = JSON.stringify(generic);
    expect((await post('generic', body, signed(body))).status).toBe(202);
    expect(accepted[0]).toMatchObject({ source: 'generic', fingerprint: 'f1', subject: { dag: 'daily' } });
  });

  it.each([
    ['unsigned', {}],
    ['of another body', signed('{}')],
    ['stale by six minutes', signed(JSON.stringify(generic), 'm', new Date(Date.now() - 360_000))],
    ['six minutes in the future', signed(JSON.stringify(generic), 'm', new Date(Date.now() + 360_000))],
  ])('refuses a delivery that is %s with 401 and no detail', async (_name, headers) => {
    const answer = await post('generic', JSON.stringify(generic), headers as Record<string, string>);
    expect(answer).toMatchObject({ status: 401, body: { title: 'Unauthorized', detail: 'Not authenticated.' } });
    expect(accepted).toHaveLength(0);
  });

  it('refuses the same bytes a second time, and answers a re-signed retry with the first answer', async () => {
    const body = JSON.stringify(generic);
    const first = signed(body, 'msg_7', new Date(Date.now() - 5000));
    expect((await post('generic', body, first)).status).toBe(202);
    expect((await post('generic', body, first)).status).toBe(401);
    const retry = await post('generic', body, signed(body, 'msg_7'));
    expect(retry).toMatchObject({ status: 202, body: { accepted: [{ incident: 'INC-1' }] } });
    expect(accepted).toHaveLength(1);
  });
});

describe('other sources', () => {
  it('accepts Alertmanager by any of its tokens and maps labels', async () => {
    const answer = await post('alertmanager', JSON.stringify(alertmanager), { authorization: 'Bearer old-token' });
    expect(answer.status).toBe(202);
    expect(accepted[0]).toMatchObject({ fingerprint: 'abc', severity: 'critical', subject: { dag: 'daily' } });
  });

  it('accepts PagerDuty signatures, answers a repeated event without a second effect, ignores other event types', async () => {
    const send = (event: Record<string, unknown>) => {
      const body = JSON.stringify({ event });
      return post('pagerduty', body, {
        'x-pagerduty-signature': `v1=${createHmac('sha256', 'pd-secret').update(body).digest('hex')}`,
      });
    };
    const event = {
      id: 'E1',
      event_type: 'incident.triggered',
      occurred_at: '2026-03-11T02:14:00Z',
      data: { id: 'P1', title: 'daily is late' },
    };
    expect((await send(event)).status).toBe(202);
    expect((await send(event)).status).toBe(202);
    expect((await send({ ...event, id: 'E2', event_type: 'incident.annotated' })).body).toEqual({ accepted: [] });
    expect(accepted).toHaveLength(1);
  });

  it('reads the Airflow callback', async () => {
    const body = JSON.stringify({
      dag_id: 'daily',
      task_id: 'load',
      run_id: 'r1',
      try_number: 3,
      max_tries: 3,
      at: '2026-03-11T02:14:00+00:00',
      exception: 'boom',
    });
    await post('airflow', body, { authorization: 'Bearer airflow-token' });
    expect(accepted[0]).toMatchObject({
      title: 'daily.load failed (try 3/3)',
      text: 'boom',
      fingerprint: 'airflow:daily.load',
      startedAt: '2026-03-11T02:14:00.000Z',
    });
  });
});

describe('bad input and a missing log', () => {
  const token = { authorization: 'Bearer new-token' };

  it.each([
    ['not JSON', '{', '(body)'],
    [
      'a missing field',
      JSON.stringify({ ...alertmanager, alerts: [{ ...alertmanager.alerts[0], fingerprint: undefined }] }),
      'alerts.0.fingerprint',
    ],
    ['a wrong version', JSON.stringify({ ...alertmanager, version: '3' }), 'version'],
  ])('answers %s with 400 naming the field', async (_name, body, field) => {
    const answer = await post('alertmanager', body, token);
    expect(answer).toMatchObject({ status: 400, body: { field } });
    expect(answer.type).toContain('application/problem+json');
  });

  it('answers more than 1 MB with 413', async () => {
    expect((await post('alertmanager', 'x'.repeat(1_100_000), token)).status).toBe(413);
  });

  it('answers 503 when the log can not be written, and accepts the retry', async () => {
    away = true;
    const body = JSON.stringify(generic);
    expect((await post('generic', body, signed(body, 'msg_9', new Date(Date.now() - 2000)))).status).toBe(503);
    away = false;
    expect((await post('generic', body, signed(body, 'msg_9'))).status).toBe(202);
    expect(accepted).toHaveLength(1);
  });

  it('knows no other source', async () => {
    expect((await post('grafana', '{}', token)).status).toBe(404);
  });
});
