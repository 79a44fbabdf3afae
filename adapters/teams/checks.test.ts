import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReferenceStore } from '../../src/domain/chat-references.js';
import { createProcessLog } from '../../src/log.js';
import type { TeamsServer } from '../../test/support/teams/server-types.js';
import { ARCHIVED, INCIDENTS, NOWHERE, settingsFor, startSmallTenant } from '../../test/support/teams/small-tenant.js';
import { teamsChecks } from './checks.js';
import type { TeamsSettings } from './settings.js';

let teams: TeamsServer;
beforeEach(async () => {
  teams = await startSmallTenant({ limits: 'off' });
});
afterEach(() => teams.close());

interface Given {
  settings?: Partial<TeamsSettings>;
  channels?: string[];
  store?: ReferenceStore;
  aheadMs?: number;
}

async function examine({ settings = {}, channels = [INCIDENTS], store, aheadMs = 0 }: Given = {}) {
  const checks = await teamsChecks({
    settings: { ...settingsFor(teams), ...settings },
    channels,
    ...(store === undefined ? {} : { store }),
    clock: { now: () => new Date(Date.now() + aheadMs) },
    processLog: createProcessLog('test', 'silent'),
  });
  const said = JSON.stringify(checks);
  expect(said).not.toContain(teams.tenant.bot.password);
  expect(said).not.toMatch(/made-up|Bearer|fetch failed|ECONN|at .*\.js/);
  return Object.fromEntries(checks.map(({ name, ok, text }) => [name, { ok, text }]));
}

/** What Teams has said of itself: where it is called, and which team the channel is of. */
function heard(team: string, serviceUrl: string): ReferenceStore {
  const at = '2026-05-04T10:00:00.000Z';
  return {
    service: async () => ({ serviceUrl, botId: '28:x', tenantId: 't', at }),
    saveService: async () => undefined,
    personalChat: async () => undefined,
    savePersonalChat: async () => undefined,
    teamOf: async () => ({ team, at }),
    saveTeam: async () => undefined,
  };
}

describe('what doctor finds in Teams', () => {
  it('is in order when the settings are, and says that Teams has not called us yet', async () => {
    const found = await examine();
    expect(Object.values(found).filter(({ ok }) => !ok)).toEqual([]);
    expect(found['Teams login']?.text).toBe(
      `app ${teams.tenant.bot.appId} of tenant ${teams.tenant.tenantId} is let in`,
    );
    expect(found['Teams clock']?.text).toMatch(/agrees|1 s/);
    expect(found['Teams service']?.text).toMatch(/^warning: Teams has not called us yet.*\/teams\/messages/);
    expect(found[`Teams channel ${INCIDENTS}`]?.text).toBe('the app is there; 2 people');
  });

  it('names the channel once Teams has said of which team it is', async () => {
    const found = await examine({ store: heard(teams.tenant.team.id, teams.serviceUrl) });
    expect(found[`Teams channel ${INCIDENTS}`]?.text).toBe('data-incidents, the app is there; 2 people');
    expect(found['Teams service']?.text).toMatch(/^called at 127\.0\.0\.1:\d+, as Teams said on 2026-05-04$/);
  });

  it.each<[string, Partial<TeamsSettings>, RegExp]>([
    ['a wrong secret', { appPassword: 'a-made-up-secret' }, /TEAMS_APP_PASSWORD/],
    ['a wrong app', { appId: '00000000-0000-0000-0000-000000000000' }, /TEAMS_APP_ID/],
  ])('is %s, said once and by its name', async (_, settings, says) => {
    const found = await examine({ settings });
    expect(found['Teams login']).toEqual({ ok: false, text: expect.stringMatching(says) });
    expect(found[`Teams channel ${INCIDENTS}`]).toEqual({ ok: false, text: 'Not tried, as the login failed.' });
    expect(teams.record.filter(({ call }) => call === 'token')).toHaveLength(1);
    expect(found['Teams keys']?.ok).toBe(true);
  });

  it.each<[string, Partial<TeamsSettings>, string, RegExp]>([
    ['the login is away', { loginUrl: 'http://127.0.0.1:1/x' }, 'Teams login', /login/i],
    ['the keys are away', { openIdMetadata: 'http://127.0.0.1:1/x' }, 'Teams keys', /can not be read.*nothing/],
    ['the keys are somewhere else', { openIdMetadata: 'URL/nowhere' }, 'Teams keys', /not where they should be/],
    ['Teams is away', { serviceUrl: 'http://127.0.0.1:1/' }, `Teams channel ${INCIDENTS}`, /connection to Teams broke/],
    ['Teams is not there', { serviceUrl: 'URL/nowhere/' }, `Teams channel ${INCIDENTS}`, /no such channel|not take/],
  ])('is that %s', async (_, settings, name, says) => {
    const here = Object.fromEntries(
      Object.entries(settings).map(([key, url]) => [key, url?.replace('URL', teams.url)]),
    );
    const found = await examine({ settings: here });
    expect(found[name]).toEqual({ ok: false, text: expect.stringMatching(says) });
  });

  it('is a channel that is not there, without spoiling the others', async () => {
    const found = await examine({ channels: [NOWHERE, INCIDENTS, INCIDENTS, ARCHIVED] });
    expect(found[`Teams channel ${NOWHERE}`]).toEqual({
      ok: false,
      text: expect.stringMatching(/Add the app to the team/),
    });
    expect(found[`Teams channel ${INCIDENTS}`]?.ok).toBe(true);
  });

  it.each([
    [90_000, true, /^warning: our clock is (89|90|91) s ahead/],
    [400_000, false, /every click is refused/],
  ])('is a clock that is %i ms ahead', async (aheadMs, ok, says) => {
    expect((await examine({ aheadMs }))['Teams clock']).toEqual({ ok, text: expect.stringMatching(says) });
  });

  it('is that nobody is authenticated in the Playground', async () => {
    const found = await examine({ settings: { appId: '', appPassword: '', local: 'playground' }, channels: [] });
    expect(found['Teams login']).toEqual({
      ok: true,
      text: expect.stringMatching(/^warning: .*nobody is authenticated/),
    });
    expect(found).not.toHaveProperty('Teams keys');
  });
});
