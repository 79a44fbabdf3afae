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
    const config = { ...readLocalConfig({ ...BOT, ...SOCKET, PATH: '/usr/bin' }), dataDir };
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
    expect(web).toMatchObject({ ...BOT, ...SOCKET });
    expect(JSON.stringify(others)).not.toMatch(/SLACK|made-up/);
  });
});
