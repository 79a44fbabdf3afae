import { expect, it } from 'vitest';
import type { DeliveryReport } from '../domain/chat.js';
import { statusWords } from './status-words.js';

const NOW = new Date('2026-05-14T02:30:00.000Z');
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();
const report = (more: Partial<DeliveryReport> = {}): DeliveryReport => ({
  holder: 'web-1',
  at: ago(3),
  threads: 0,
  messages: 0,
  oldest: undefined,
  blocked: [],
  ...more,
});
const stuck = { channel: 'C1', reason: 'The channel is archived. Route its incidents elsewhere.', since: ago(600) };

it.each<[string, DeliveryReport | undefined, string, string[]]>([
  ['before anything was delivered', undefined, 'fine', ['Nothing was ever delivered to Slack.']],
  ['when all is told', report(), 'fine', ['web-1 delivers to Slack. All is told as it is in the log.']],
  [
    'with one message left',
    report({ threads: 1, messages: 1, oldest: ago(4) }),
    'fine',
    ['web-1 delivers to Slack. 1 message of 1 thread waits, the oldest for 4 s.'],
  ],
  [
    'with a backlog, a channel and a thread that are stuck',
    report({
      threads: 40,
      messages: 120,
      oldest: ago(10_000),
      blocked: [stuck, { incident: 'INC-1', reason: 'The thread is locked.', since: ago(300) }],
    }),
    'stuck',
    [
      'web-1 delivers to Slack. 120 messages of 40 threads wait, the oldest for 3 h.',
      'Stuck for 10 min: channel C1. The channel is archived. Route its incidents elsewhere.',
      'Stuck for 5 min: INC-1. The thread is locked.',
    ],
  ],
  [
    'when the whole chat refuses us',
    report({ blocked: [{ reason: 'The token was revoked.', since: ago(60) }] }),
    'stuck',
    ['web-1 delivers to Slack. All is told as it is in the log.', 'Stuck for 60 s: Slack. The token was revoked.'],
  ],
  [
    'when nobody delivers any more',
    report({ at: ago(900), threads: 2, messages: 3, oldest: ago(960) }),
    'silent',
    [
      'Nobody has delivered to Slack for 15 min (web-1 did). Start the web role.',
      '3 messages of 2 threads wait, the oldest for 16 min.',
    ],
  ],
])('deliveries in words %s', (_, given, state, lines) => {
  expect(statusWords('Slack', given, NOW)).toEqual({ state, lines });
});

it('names a few of many that are stuck', () => {
  const { lines } = statusWords('Slack', report({ blocked: Array.from({ length: 9 }, () => stuck) }), NOW);
  expect(lines).toHaveLength(7);
  expect(lines.at(-1)).toBe('4 more can not be told.');
});
