import { expect } from 'vitest';
import { type AlertReading, alertFromMessage } from '../../../adapters/slack/alert-text.js';
import { Alert } from '../../../src/domain/alert.js';

export const NOW = new Date('2026-05-14T02:20:00.000Z');
export const TS = '1778725000.000100';
export const known = {
  dags: ['daily_transactions', 'daily_transactions_eu', 'fraud'],
  tables: ['bronze.transactions', 'silver.transactions'],
  services: ['payments-api'],
};

export function read(message: object, names?: typeof known): AlertReading {
  const found = alertFromMessage(
    { type: 'message', ts: TS, ...message },
    names ? { receivedAt: NOW, known: names } : { receivedAt: NOW },
  );
  if (found === undefined) throw new Error('nothing was read');
  // Whatever is sent, what comes out is an alert.
  expect(Alert.parse(found.alert)).toEqual(found.alert);
  expect(found.alert.receivedAt).toBe(NOW.toISOString());
  return found;
}

export const bot = { subtype: 'bot_message', bot_id: 'B0ALERT' };
