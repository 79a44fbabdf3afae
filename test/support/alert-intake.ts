import type { AddressInfo } from 'node:net';
import express from 'express';
import { createAlertRouter } from '../../adapters/alerts/router.js';
import type { Alert } from '../../src/domain/alert.js';
import { AppError } from '../../src/domain/errors.js';
import { createProcessLog } from '../../src/log.js';
import { createMemoryOnce } from './memory-log.js';

/** One request as it came, and what the intake answered and made of it. */
export interface Delivery {
  headers: Record<string, string | string[] | undefined>;
  text: string;
  status: number;
  alerts: Alert[];
}
export interface AlertIntake {
  url: string;
  token: string;
  /** Answered requests, oldest first. */
  deliveries: Delivery[];
  /** While true, the log behind the intake can not be written. */
  away: boolean;
  stop(): Promise<void>;
}

/** The product's own intake on a server of its own, which remembers what it was sent. */
export async function startAlertIntake(token: string): Promise<AlertIntake> {
  const app = express();
  const intake = { token, deliveries: [] as Delivery[], away: false };
  let accepted: Alert[] = [];
  app.use((request, response, next) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('finish', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      intake.deliveries.push({ headers: request.headers, text, status: response.statusCode, alerts: accepted });
      accepted = [];
    });
    next();
  });
  const router = createAlertRouter({
    async accept(alert) {
      if (intake.away) throw new AppError('unavailable', { safeText: 'The log is not available.' });
      accepted.push(alert);
      return { incident: 'INC-1', outcome: 'opened' };
    },
    auth: { alertmanager: { scheme: 'bearer', tokens: [token] } },
    once: createMemoryOnce(),
    clock: { now: () => new Date() },
    processLog: createProcessLog('test', 'silent'),
  });
  app.use('/intake', router);
  const server = app.listen(0, '127.0.0.1');
  await new Promise<void>((done) => server.once('listening', () => done()));
  return Object.assign(intake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/intake/alertmanager`,
    stop: () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  });
}
