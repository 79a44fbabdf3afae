import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slackChecks } from '../../adapters/slack/checks.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import { createSlackIdentity, type SlackIdentity } from '../../adapters/slack/identity.js';
import { SCOPES } from '../../adapters/slack/scopes.js';
import type { SlackServer } from '../support/slack/server-types.js';
import {
  ARCHIVED,
  BEN,
  BOT,
  FOREIGN,
  HIDDEN,
  INCIDENTS,
  MARIA,
  SECRET,
  startSmallWorld,
} from '../support/slack/small-world.js';

/** Identity and doctor against the local Slack, with the scopes of the manifest and no others. */

const GROUP = 'S0ONCALL01';
const wall = { now: () => new Date() };

let slack: SlackServer;
let identity: SlackIdentity;
beforeEach(async () => {
  slack = await startSmallWorld({ app: { scopes: Object.keys(SCOPES), socketMode: true } });
  identity = createSlackIdentity({
    client: client(slack.workspace.app.token),
    clock: wall,
    team: slack.workspace.team.id,
  });
});
afterEach(() => slack.close());

function client(token: string): ReturnType<typeof createSlackClient> {
  return createSlackClient({ token, apiUrl: slack.apiUrl });
}
const doctor = async (
  channels: string[],
  named: string[] = [],
): Promise<Record<string, [ok: boolean, text: string]>> => {
  const checks = await slackChecks({
    client: client(slack.workspace.app.token),
    appClient: client(slack.workspace.app.appToken),
    channels,
    named,
    clock: wall,
  });
  return Object.fromEntries(checks.map(({ name, ok, text }) => [name, [ok, text]]));
};

describe('people of the workspace', () => {
  it('are their addresses; the app itself is nobody', async () => {
    expect(await identity.personOf(MARIA)).toEqual({ id: 'maria@example.com', via: 'slack' });
    expect(await identity.personOf(BOT)).toBeUndefined();
    expect(await identity.personOf('U0NOWHERE1')).toBeUndefined();
    expect(await identity.membersOf(GROUP)).toEqual(['maria@example.com']);
  });

  it('are nobody once they are deactivated', async () => {
    const ben = slack.workspace.users.get(BEN);
    if (ben === undefined) throw new Error('no Ben');
    ben.deleted = true;
    expect(await identity.personOf(BEN)).toBeUndefined();
  });

  it('are not guessed when the app may not see addresses', async () => {
    slack.workspace.app.scopes = slack.workspace.app.scopes.filter((scope) => scope !== 'users:read.email');
    await expect(identity.personOf(MARIA)).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('are not known without the right to read groups, and a group that is gone is not found', async () => {
    await expect(identity.membersOf('S0GONE0001')).rejects.toMatchObject({ kind: 'not_found' });
    slack.workspace.app.scopes = slack.workspace.app.scopes.filter((scope) => scope !== 'usergroups:read');
    await expect(identity.membersOf(GROUP)).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('doctor', () => {
  it('finds nothing wrong with an app of the manifest', async () => {
    const checks = await doctor([INCIDENTS, SECRET], [GROUP, MARIA]);
    expect(Object.entries(checks).filter(([, [ok]]) => !ok)).toEqual([]);
    expect(checks['Slack scopes']?.[1]).toBe('all that is needed, and nothing more');
    expect(checks[`Slack channel ${SECRET}`]?.[1]).toBe('#payroll, the app is a member');
    expect(slack.record.filter(({ method }) => method.startsWith('chat.'))).toEqual([]);
  });

  it('names each channel that can not be used, and why', async () => {
    const checks = await doctor([FOREIGN, ARCHIVED, HIDDEN]);
    expect(checks[`Slack channel ${FOREIGN}`]).toEqual([false, expect.stringContaining('/invite @Countersign')]);
    expect(checks[`Slack channel ${ARCHIVED}`]).toEqual([false, expect.stringContaining('#old is archived')]);
    expect(checks[`Slack channel ${HIDDEN}`]).toEqual([false, expect.stringContaining('/invite @Countersign')]);
  });

  it.each(Object.keys(SCOPES))('names %s when it is missing', async (scope) => {
    slack.workspace.app.scopes = slack.workspace.app.scopes.filter((one) => one !== scope);
    const checks = await doctor([], [GROUP]);
    expect(checks['Slack scopes']).toEqual([false, expect.stringContaining(`missing: ${scope} (`)]);
  });

  it('says that Socket Mode is off', async () => {
    slack.workspace.app.socketMode = false;
    expect((await doctor([]))['Slack Socket Mode']?.[0]).toBe(false);
  });
});
