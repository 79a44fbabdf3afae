import { createHmac } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { SlackClock } from './clock.js';
import type { Faults } from './faults.js';
import type { Delivered, Outgoing, Sender, SocketHub } from './parts.js';
import type { RecordedDelivery } from './server-types.js';
import type { SlackApp } from './types.js';

interface SenderOptions {
  app: SlackApp;
  clock: SlackClock;
  faults: Faults;
  hub: SocketHub;
  deliveries: RecordedDelivery[];
  reactionMs: number;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

export function createSender({ app, clock, faults, hub, deliveries, reactionMs }: SenderOptions): Sender {
  const agent = new PlainAgent({ keepAlive: true, maxSockets: 200 });

  const post: Sender['post'] = (body, type, more = {}) =>
    new Promise((resolve) => {
      let settled = false;
      const finish = (delivered: Omit<Delivered, 'noRetry'>, noRetry = false): void => {
        if (settled) return;
        settled = true;
        cancel();
        resolve({ ...delivered, noRetry });
      };
      let outgoing: ClientRequest | undefined;
      const cancel = clock.after(reactionMs, () => {
        finish({ outcome: 'http_timeout', body: '' });
        outgoing?.destroy();
      });
      if (app.requestUrl === undefined) {
        finish({ outcome: 'connection_failed', body: '' });
        return;
      }
      const bytes = Buffer.from(body, 'utf8');
      outgoing = plainRequest(app.requestUrl, {
        method: 'POST',
        agent,
        headers: {
          ...signed(app, faults, bytes),
          'content-type': type,
          'content-length': bytes.length,
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          accept: '*/*',
          ...more,
        },
      });
      outgoing.on('error', () => finish({ outcome: 'connection_failed', body: '' }));
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => finish({ outcome: 'connection_failed', body: '' }));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          const good = status >= 200 && status < 300;
          finish(
            { outcome: good ? 'ok' : 'http_error', status, body: Buffer.concat(chunks).toString('utf8') },
            response.headers['x-slack-no-retry'] === '1',
          );
        });
      });
      outgoing.end(bytes);
    });

  const send = async (outgoing: Outgoing): Promise<Delivered> => {
    const began = performance.now();
    const at = clock.now();
    const via = app.socketMode ? 'socket' : 'http';
    const delivered = app.socketMode ? await hub.deliver(outgoing) : await overHttp(outgoing, post);
    deliveries.push({
      kind: outgoing.kind,
      via,
      at,
      ms: clock.speed === 0 ? performance.now() - began : clock.now() - at,
      outcome: delivered.outcome,
      payload: outgoing.payload,
      ...(delivered.status === undefined ? {} : { status: delivered.status }),
      ...(outgoing.retryNum === undefined ? {} : { retryNum: outgoing.retryNum }),
      ...(outgoing.eventId === undefined ? {} : { eventId: outgoing.eventId }),
    });
    return delivered;
  };

  return { send, post, close: () => agent.destroy() };
}

/** Events are JSON, commands a plain form, the rest JSON in the form field `payload`; content types stand without a charset. */
function overHttp(outgoing: Outgoing, post: Sender['post']): Promise<Delivered> {
  if (outgoing.kind === 'event') {
    const retry: Record<string, string> =
      outgoing.retryNum === undefined
        ? {}
        : { 'x-slack-retry-num': String(outgoing.retryNum), 'x-slack-retry-reason': outgoing.retryReason ?? '' };
    return post(JSON.stringify(outgoing.payload), JSON_TYPE, retry);
  }
  const fields =
    outgoing.kind === 'command'
      ? (outgoing.payload as Record<string, string>)
      : { payload: JSON.stringify(outgoing.payload) };
  return post(new URLSearchParams(fields).toString(), FORM);
}

/**
 * Signs the exact bytes that are sent. The timestamp is of the wall, as the app judges it by its own wall clock, however fast the
 * simulation runs.
 */
function signed(app: SlackApp, faults: Faults, bytes: Buffer): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000) + faults.signatureSkewSeconds);
  const secret = faults.forgeSignature ? `not-${app.signingSecret}` : app.signingSecret;
  const mac = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(bytes).digest('hex');
  return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mac}` };
}
