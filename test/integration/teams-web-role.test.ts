import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config.js';
import { transact } from '../../src/domain/ledger.js';
import type { DoctorLine } from '../../src/roles/role-process.js';
import { examineWeb } from '../../src/roles/web-doctor.js';
import { INCIDENTS } from '../support/teams/small-tenant.js';
import { startTwoChatsRole, type TwoChatsRole } from '../support/two-chats-role.js';
import { until as untilWithin } from '../support/until.js';

let world: TwoChatsRole;

beforeAll(async () => {
  world = await startTwoChatsRole();
}, 120_000);
afterAll(() => world.close());
afterEach(() => world.teams.faults.clear());

const WAIT_MS = 90_000;
/** A new deliverer waits for the lease of the one before it, and begins at the pace of Teams' hourly limit. */
const until = <T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> => untilWithin(look, what, 40_000);

/** Nobody decided, so that the thread is over. */
async function expire(incident: string): Promise<void> {
  await transact(world.reader.log, incident, (known) => {
    const data = { digest: known?.proposals[0]?.digest ?? '', because: 'nobody decided in time' };
    const actor = { kind: 'system' as const, id: 'gate', role: 'web' };
    return { events: [{ type: 'proposal.expired', data, actor }], result: undefined };
  });
}

/** The first field of a form. */
function fieldIn(card: unknown): string {
  return /"type":"Input\.\w+","id":"([^"]+)"/.exec(JSON.stringify(card))?.[1] ?? '';
}

/** Each delivery stands once; a second one of the same would have the same text. */
const roots = (...parts: string[]) => world.inTeams(...parts).filter(({ id, root }) => id === root);

it('tells an incident in both chats at once, each in its own thread, and edits both when it goes on', async () => {
  const incident = await world.incidentWithProposal('daily_transactions');
  const card = await until(() => world.inTeams('Approve', incident)[0], 'the card in Teams');
  await until(() => world.inSlack('Approve', incident)[0], 'the card in Slack');
  const [root] = roots('daily_transactions failed');
  expect(card.root).toBe(root?.id);
  await expire(incident);
  await until(
    () => world.inTeams(incident).every(({ card: one }) => !JSON.stringify(one).includes('"Approve"')),
    'the edit',
  );
  await until(
    () => !world.inSlack(incident).some((one) => JSON.stringify(one).includes('"Approve"')),
    'the edit in Slack',
  );
  expect(roots('daily_transactions failed')).toHaveLength(1);
  world.teams.strictWarnings();
});

it('records an approval from Teams, and both chats show it', async () => {
  const incident = await world.incidentWithProposal('refunds');
  const card = await until(() => world.inTeams('Approve', incident)[0], 'the card in Teams');
  const maria = world.teams.person('maria');
  const form = await maria.clickExecute(card.id, 'Approve');
  expect(form.card).toBeDefined();
  await maria.clickExecute(card.id, 'decide', {
    ...(form.card === undefined ? {} : { card: form.card }),
    inputs: { [fieldIn(form.card)]: 'Compared both versions of the schema by hand' },
  });
  const decided = await until(
    async () => (await world.reader.log.read(incident)).find(({ entry }) => entry.type === 'decision.recorded'),
    'the decision',
  );
  expect(decided.entry).toMatchObject({
    data: { statement: { votes: [{ by: { id: 'maria@example.com', via: 'teams' } }] } },
  });
  await until(() => world.inTeams('Approved by maria@example.com')[0], 'the decided card in Teams');
  await until(() => world.inSlack('Approved by maria@example.com')[0], 'the decided card in Slack');
});

it(
  'goes on after kill -9 where it was: nothing twice, nothing lost, and what changed meanwhile is edited',
  async () => {
    const incident = await world.incidentWithProposal('ledger');
    await until(() => world.inTeams('Approve', incident)[0], 'the card');
    await until(() => world.delivered(incident), 'the role to know of it');
    const before = world.inTeams(incident).map(({ id }) => id);
    await world.web.kill9();
    await expire(incident);
    await world.web.start();
    await world.connectChats();
    const next = await world.incidentWithProposal('early');
    await until(() => world.inTeams('Approve', next)[0], 'the next thread');
    await until(
      () => world.inTeams(incident).every(({ card }) => !JSON.stringify(card).includes('"Approve"')),
      'the edit',
    );
    expect(roots('ledger failed')).toHaveLength(1);
    expect(roots('early failed')).toHaveLength(1);
    expect(world.inTeams(incident).map(({ id }) => id)).toEqual(expect.arrayContaining(before));
  },
  WAIT_MS,
);

it(
  'pays with a copy for a kill -9 between the message in Teams and our knowing of it; the copy says so when it is touched',
  async () => {
    const { teams, web } = world;
    teams.faults.add({ kind: 'slow', calls: ['activity.send'], slowMs: 4000 });
    const incident = await world.incidentWithProposal('report_b');
    const lost = await until(() => world.inTeams('Approve', incident)[0], 'the card, without an answer');
    await web.kill9();
    teams.faults.clear();
    await web.start();
    await world.connectChats();
    const again = (): unknown => world.inTeams('Approve', incident).find(({ id }) => id !== lost.id);
    await until(again, 'the card again');
    await until(() => world.delivered(incident), 'the role to know of it');
    const form = await teams.person('maria').clickExecute(lost.id, 'Approve');
    expect(fieldIn(form.card)).not.toBe('');
    await until(() => !JSON.stringify(lost.card).includes('"Approve"'), 'the copy to say so');
    expect(again()).toBeDefined();
    expect(roots('report_b failed')).toHaveLength(1);
  },
  WAIT_MS,
);

it(
  'keeps to 429 and tries 412 again, and nothing stands twice',
  async () => {
    const { teams } = world;
    const asked = teams.limits.impatient;
    teams.faults.add({ kind: 'ratelimited', calls: ['conversation.create'], count: 1, retryAfterSeconds: 3 });
    teams.faults.add({ kind: 'precondition', calls: ['activity.send', 'activity.update'], count: 2 });
    const incident = await world.incidentWithProposal('report_a');
    await until(() => world.inTeams('Approve', incident)[0], 'the card');
    expect(roots('report_a failed')).toHaveLength(1);
    expect(world.inTeams('Approve', incident)).toHaveLength(1);
    expect(teams.limits.impatient).toBe(asked);
    expect(teams.faults.struck).toMatchObject({ ratelimited: 1, precondition: 2 });
    expect(world.inSlack('report_a')).toEqual([]);
  },
  WAIT_MS,
);

it(
  'tells Slack although Teams is away, and Teams when it is back',
  async () => {
    world.teams.faults.down(true);
    const incident = await world.incidentWithProposal('late');
    await until(() => world.inSlack('Approve', incident)[0], 'the card in Slack');
    expect(world.inTeams('late failed')).toEqual([]);
    await until(async () => /wait|stuck/i.test((await doctor('Teams deliveries'))?.detail ?? ''), 'doctor to say it');
    expect(await doctor('Slack deliveries')).toMatchObject({ ok: true });
    world.teams.faults.down(false);
    await until(() => world.inTeams('Approve', incident)[0], 'the card in Teams');
    expect(roots('late failed')).toHaveLength(1);
  },
  WAIT_MS,
);

const examine = (more: NodeJS.ProcessEnv = {}): Promise<DoctorLine[]> =>
  examineWeb(readConfig('web', { ...world.environment, ...more }));
const doctor = async (check: string, more: NodeJS.ProcessEnv = {}): Promise<DoctorLine | undefined> =>
  (await examine(more)).find((line) => line.check === check);

it(
  'doctor finds Teams in order, and says of each setting what is wrong with it',
  async () => {
    const found = await examine();
    const lines = found.filter(({ check }) => check.startsWith('Teams'));
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect(lines.map(({ check }) => check)).toEqual([
      ...['Teams deliveries', 'Teams login', 'Teams keys', 'Teams clock', 'Teams service'],
      `Teams channel ${INCIDENTS}`,
    ]);
    const nobody = '00000000-0000-0000-0000-000000000000';
    expect(await doctor('Teams login', { TEAMS_APP_PASSWORD: 'not-the-secret-42' })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/TEAMS_APP_PASSWORD/),
    });
    expect(await doctor('Teams login', { TEAMS_APP_ID: nobody })).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/TEAMS_APP_ID/),
    });
    expect(await doctor('Teams keys', { TEAMS_OPENID_METADATA: `${world.teams.url}/nowhere` })).toMatchObject({
      ok: false,
    });
    const none = { TEAMS_APP_ID: '', TEAMS_APP_PASSWORD: '', TEAMS_TENANT_ID: '', TEAMS_SERVICE_URL: '' };
    const without = await examine({ ...none, TEAMS_LOGIN_URL: '', TEAMS_OPENID_METADATA: '' });
    expect(without.some(({ check }) => check.startsWith('Teams'))).toBe(false);
    expect(without.find(({ check }) => check === 'routes')?.detail).toMatch(
      /channels of Teams, which is not connected/,
    );
  },
  WAIT_MS,
);
