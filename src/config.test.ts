import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig, readLocalConfig } from './config.js';
import { roleEnvironments } from './roles/local-environment.js';

const WEB = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  COUNTERSIGN_LOG_VKEY: 'vkey',
  COUNTERSIGN_POLICY: 'policy.yaml',
  COUNTERSIGN_INVENTORY: 'inventory.yaml',
  COUNTERSIGN_DECISION_KEY: 'key.pem',
  COUNTERSIGN_INTAKE_AUTH: 'auth.json',
  COUNTERSIGN_COOKIE_SECRET: 'a cookie secret for tests, long enough',
  COUNTERSIGN_REDACTION_KEY: 'a redaction key for tests',
};
const BOT = { SLACK_BOT_TOKEN: 'xoxb-made-up-token' };
const HTTP = { SLACK_SIGNING_SECRET: 'made-up-signing-secret' };
const SOCKET = { SLACK_APP_TOKEN: 'xapp-made-up-token' };

const GUID = '2d1f6c1e-8a0b-4a3e-9c55-6f0b7d7a1e21';
const TEAMS = { TEAMS_APP_ID: GUID, TEAMS_APP_PASSWORD: 'made-up-secret', TEAMS_TENANT_ID: GUID };
const LOCAL = {
  TEAMS_LOCAL: 'playground',
  TEAMS_TENANT_ID: GUID,
  TEAMS_SERVICE_URL: 'http://localhost:56150/_connector',
};
const HERE = 'http://127.0.0.1:4590/x';

describe('the settings of Teams', () => {
  it.each([
    ['the three that it needs', TEAMS],
    ['beside those of Slack', { ...TEAMS, ...BOT, ...HTTP }],
    ['of another cloud', { ...TEAMS, TEAMS_SERVICE_URL: 'https://smba.infra.gov.teams.microsoft.us/teams/' }],
    [
      'of a test on this machine',
      { ...TEAMS, TEAMS_LOGIN_URL: HERE, TEAMS_OPENID_METADATA: HERE, TEAMS_SERVICE_URL: HERE },
    ],
    ['of the Playground', LOCAL],
    [
      'empty ones, as in .env.example',
      { TEAMS_APP_ID: '', TEAMS_APP_PASSWORD: '', TEAMS_TENANT_ID: '', TEAMS_LOCAL: '' },
    ],
  ])('may be %s', (_, more) => {
    expect(() => readConfig('web', { ...WEB, ...more })).not.toThrow();
  });

  const without = (name: keyof typeof TEAMS): NodeJS.ProcessEnv => ({ ...TEAMS, [name]: undefined });
  it.each([
    ['no app', without('TEAMS_APP_ID'), /TEAMS_APP_ID: .* needs TEAMS_APP_ID/],
    ['no secret', without('TEAMS_APP_PASSWORD'), /TEAMS_APP_PASSWORD: .* needs TEAMS_APP_PASSWORD/],
    ['no tenant', without('TEAMS_TENANT_ID'), /TEAMS_TENANT_ID: .* needs TEAMS_TENANT_ID/],
    ['an id that is none', { ...TEAMS, TEAMS_APP_ID: 'made-up' }, /TEAMS_APP_ID: a GUID is written/],
    ['one half of a test', { ...TEAMS, TEAMS_LOGIN_URL: HERE }, /TEAMS_LOGIN_URL: .* come together/],
    [
      'a token over plain http',
      { ...TEAMS, TEAMS_SERVICE_URL: 'http://a.example/made-up' },
      /TEAMS_SERVICE_URL: .*https/,
    ],
    [
      'a secret over plain http',
      { ...TEAMS, TEAMS_LOGIN_URL: 'http://a.example/made-up', TEAMS_OPENID_METADATA: HERE },
      /TEAMS_LOGIN_URL: .*https/,
    ],
    [
      'keys over plain http',
      { ...TEAMS, TEAMS_LOGIN_URL: HERE, TEAMS_OPENID_METADATA: 'http://a.example/made-up' },
      /TEAMS_OPENID_METADATA: .*https/,
    ],
    ['a Playground that others reach', { ...LOCAL, COUNTERSIGN_WEB_HOST: '0.0.0.0' }, /TEAMS_LOCAL: .*loopback/],
    [
      'a Playground elsewhere',
      { ...LOCAL, TEAMS_SERVICE_URL: 'https://a.example/made-up' },
      /TEAMS_SERVICE_URL: .*loopback/,
    ],
    ['a Playground without an address', { ...LOCAL, TEAMS_SERVICE_URL: undefined }, /TEAMS_SERVICE_URL: .*loopback/],
    ['a Playground with an app', { ...LOCAL, ...TEAMS }, /TEAMS_LOCAL: .*take TEAMS_APP_ID away/],
    ['another kind of local', { ...LOCAL, TEAMS_LOCAL: 'made-up' }, /TEAMS_LOCAL/],
  ])('are refused with %s, without a word of a secret', (_, more, says) => {
    const read = (): unknown => readConfig('web', { ...WEB, ...more } as NodeJS.ProcessEnv);
    expect(read).toThrow(says);
    expect(read).not.toThrow(/made-up/);
  });
});

describe('the settings of Slack', () => {
  it.each([
    ['none at all', {}],
    ['HTTP', { ...BOT, ...HTTP }],
    ['Socket Mode', { ...BOT, ...SOCKET }],
    ['another server', { ...BOT, ...SOCKET, SLACK_API_URL: 'http://127.0.0.1:4590/api/' }],
    ['empty ones, as in .env.example', { SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '', SLACK_APP_TOKEN: '' }],
  ])('may be %s', (_, more) => {
    expect(() => readConfig('web', { ...WEB, ...more })).not.toThrow();
  });

  it.each([
    ['a bot token without a way in', BOT, /SLACK_SIGNING_SECRET: .*SLACK_APP_TOKEN/],
    ['both ways in', { ...BOT, ...HTTP, ...SOCKET }, /SLACK_APP_TOKEN: give .* not both/],
    ['a secret without a bot token', HTTP, /SLACK_BOT_TOKEN: SLACK_SIGNING_SECRET needs/],
    ['an address alone', { SLACK_API_URL: 'http://127.0.0.1:1/' }, /SLACK_BOT_TOKEN: SLACK_API_URL needs/],
    ['the tokens mixed up', { SLACK_BOT_TOKEN: 'xapp-made-up-token', ...HTTP }, /SLACK_BOT_TOKEN: a bot token/],
    ['another kind of app token', { ...BOT, SLACK_APP_TOKEN: 'xoxb-made-up-token' }, /SLACK_APP_TOKEN: an app/],
  ])('are refused with %s, without a word of a secret', (_, more, says) => {
    const read = (): unknown => readConfig('web', { ...WEB, ...more });
    expect(read).toThrow(says);
    expect(read).not.toThrow(/made-up/);
  });

  it('reach the web role of a one-machine start and no other', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'countersign-config-'));
    const config = { ...readLocalConfig({ ...BOT, ...SOCKET, ...TEAMS, PATH: '/usr/bin' }), dataDir };
    const environments = roleEnvironments({
      config,
      secrets: {
        decisionKeyFile: 'a',
        decisionKeysFile: 'b',
        logKeyFile: 'c',
        intakeAuthFile: 'd',
        intakeToken: 'e',
        cookieSecret: 'f',
        redactionKey: 'g',
      },
      redisUrls: { web: 'r', investigator: 'r', repairer: 'r', sealer: 'r' },
      vkey: 'v',
      platform: {
        read: {},
        write: {},
        inventoryFile: 'i',
        policyFile: undefined,
        notice: undefined,
        controlUrl: undefined,
        pid: () => undefined,
        stop: async () => undefined,
      },
      policyFile: 'p',
      webPort: 0,
    });
    const { web, ...others } = environments;
    expect(web).toMatchObject({ ...BOT, ...SOCKET, ...TEAMS });
    expect(JSON.stringify(others)).not.toMatch(/SLACK|TEAMS|made-up/);
  });
});
