import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSlackChat } from './chat-slack.js';
import { holdTo } from './contract.js';
import { CHAT } from './expectations/chat.js';

let given: Awaited<ReturnType<typeof openSlackChat>>;
beforeAll(async () => {
  given = await openSlackChat();
});
afterAll(() => given.close());

holdTo(CHAT, { name: 'slack', version: () => 'the simulated Slack of this tree' }, () => given);

it('Slack frowned at nothing of all that', () => {
  expect(given.warnings()).toEqual([]);
});
