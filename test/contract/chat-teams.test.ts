import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTeamsChat } from './chat-teams.js';
import { holdTo } from './contract.js';
import { CHAT } from './expectations/chat.js';

let given: Awaited<ReturnType<typeof openTeamsChat>>;
beforeAll(async () => {
  given = await openTeamsChat();
});
afterAll(() => given.close());

holdTo(CHAT, { name: 'teams', version: () => 'the simulated Teams of this tree' }, () => given);

it('Teams frowned at nothing of all that', () => {
  expect(given.warnings()).toEqual([]);
});
