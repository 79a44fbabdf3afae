import { describe, expect, it } from 'vitest';
import type { ChatService, ChatTeam, PersonalChat, ReferenceStore } from '../../src/domain/chat-references.js';
import { AppError } from '../../src/domain/errors.js';
import { createTeamsReferences } from './references.js';
import type { TeamsSettings } from './settings.js';

const TENANT = '7f3f0c0e-5d3c-4b5a-9a51-0e3c6a1d2b4f';
const settings: TeamsSettings = {
  ...{ appId: 'app', appPassword: 'p', tenantId: TENANT, serviceUrl: 'https://first.example/teams/' },
};
const CHANNEL = '19:incidents@thread.tacv2';

function memory(): ReferenceStore & { writes: string[] } {
  const services = new Map<string, ChatService>();
  const chats = new Map<string, PersonalChat>();
  const teams = new Map<string, ChatTeam>();
  const writes: string[] = [];
  return {
    writes,
    service: async (app) => services.get(app),
    async saveService(app, service) {
      writes.push('service');
      services.set(app, service);
    },
    personalChat: async (person) => chats.get(person),
    async savePersonalChat(person, chat) {
      writes.push('chat');
      chats.set(person, chat);
    },
    teamOf: async (channel) => teams.get(channel),
    async saveTeam(channel, team) {
      writes.push('team');
      teams.set(channel, team);
    },
  };
}

const said = (more: object = {}): object => ({
  serviceUrl: 'https://emea.example/teams/',
  recipient: { id: '28:app' },
  from: { id: '29:maria', aadObjectId: 'AAAA-1' },
  conversation: { id: `${CHANNEL};messageid=17`, conversationType: 'channel', tenantId: TENANT },
  channelData: { tenant: { id: TENANT }, team: { id: '19:team@thread.tacv2' } },
  ...more,
});
const personal = (id: string): object => ({ conversation: { id, conversationType: 'personal', tenantId: TENANT } });

describe('where Teams is reached', () => {
  const clock = { at: 0, now: () => new Date(clock.at) };

  it('is what the settings say, until Teams says so itself; then the newest word counts, also after a restart', async () => {
    const store = memory();
    const references = createTeamsReferences({ store, settings, clock });
    expect(await references.service()).toMatchObject({ serviceUrl: 'https://first.example/teams/', botId: '28:app' });
    await references.remember(said());
    await references.remember(said({ serviceUrl: 'https://amer.example/teams/' }));
    expect(await references.service()).toMatchObject({ serviceUrl: 'https://amer.example/teams/' });
    const again = createTeamsReferences({ store, settings, clock });
    expect(await again.service()).toMatchObject({ serviceUrl: 'https://amer.example/teams/' });
    const anotherApp = createTeamsReferences({ store, settings: { ...settings, appId: 'other' }, clock });
    expect(await anotherApp.service()).toMatchObject({ serviceUrl: 'https://first.example/teams/' });
  });

  it('is learned from another process within a minute', async () => {
    const store = memory();
    const [one, two] = [1, 2].map(() => createTeamsReferences({ store, settings, clock }));
    await one?.service();
    await two?.remember(said());
    clock.at += 61_000;
    expect(await one?.service()).toMatchObject({ serviceUrl: 'https://emea.example/teams/' });
  });

  it('is written once, not with every message', async () => {
    const store = memory();
    const references = createTeamsReferences({ store, settings, clock });
    for (let n = 0; n < 5; n++) await references.remember(said());
    for (let n = 0; n < 5; n++) await references.remember(said(personal('a:1')));
    expect(store.writes).toEqual(['service', 'team', 'chat']);
  });

  it.each([
    ['of another tenant', said({ channelData: { tenant: { id: 'another' } }, serviceUrl: 'https://evil.example/' })],
    ['over plain http, where our token could be read', said({ serviceUrl: 'http://evil.example/' })],
    ['that is no address', said({ serviceUrl: 'file:///etc/passwd' })],
    ['without a recipient', said({ recipient: undefined, serviceUrl: 'https://evil.example/' })],
    ['that is nothing', undefined],
  ])('is not learned from a message %s', async (_, activity) => {
    const store = memory();
    const references = createTeamsReferences({ store, settings, clock });
    await references.remember(activity);
    expect(await references.service()).toMatchObject({ serviceUrl: 'https://first.example/teams/' });
  });

  it('knows the personal chat of who wrote to us alone, and the team of a channel', async () => {
    const store = memory();
    const references = createTeamsReferences({ store, settings, clock });
    await references.remember(said());
    expect(await references.personalChat('aaaa-1')).toBeUndefined();
    await references.remember(said(personal('a:1')));
    expect(await references.personalChat('aaaa-1')).toMatchObject({ conversation: 'a:1', user: '29:maria' });
    expect(await references.teamOf(CHANNEL)).toBe('19:team@thread.tacv2');
    const again = createTeamsReferences({ store, settings, clock });
    expect(await again.personalChat('AAAA-1')).toMatchObject({ conversation: 'a:1' });
    expect(await again.teamOf(CHANNEL)).toBe('19:team@thread.tacv2');
    expect(await again.teamOf('19:other@thread.tacv2')).toBeUndefined();
  });

  it('is known to this process although it can not be stored, and stored with the next message', async () => {
    const store = memory();
    let away = true;
    const { saveService } = store;
    store.saveService = async (app, service) => {
      if (away) throw new AppError('unavailable', { safeText: 'Redis is away.' });
      await saveService(app, service);
    };
    const references = createTeamsReferences({ store, settings, clock });
    await expect(references.remember(said())).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await references.service()).toMatchObject({ serviceUrl: 'https://emea.example/teams/' });
    away = false;
    await references.remember(said());
    expect(store.writes).toContain('service');
  });
});
