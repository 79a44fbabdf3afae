import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTeamsChat } from './chat-teams.js';
import { holdTo } from './contract.js';
import { CHAT } from './expectations/chat.js';

/** The same list while Teams delivers each click, form and look three times at once. */
let given: Awaited<ReturnType<typeof openTeamsChat>>;
beforeAll(async () => {
  given = await openTeamsChat({ times: 3 });
});
afterAll(() => given.close());

holdTo(
  CHAT,
  { name: 'teams, all invokes three times', version: () => 'the simulated Teams of this tree' },
  () => given,
);

it('Teams frowned at nothing of all that', () => {
  expect(given.teams.deliveries.filter(({ type }) => type === 'invoke').length).toBeGreaterThan(300);
  expect(given.warnings()).toEqual([]);
});
