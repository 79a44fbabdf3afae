import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { connectLog, type LogConnection } from '../../adapters/redis/connect-log.js';
import { ACTION, VIEW } from '../../adapters/slack/action-ids.js';
import { blockIdOf } from '../../adapters/slack/form-inputs.js';
import { generateDecisionKey } from '../../src/approve/seal.js';
import { readConfig, type WebConfig } from '../../src/config.js';
import type { EventOf } from '../../src/domain/events.js';
import { transact } from '../../src/domain/ledger.js';
import { proposalDigest } from '../../src/domain/proposal.js';
import { verifierKey } from '../../src/domain/signed-note.js';
import { createProcessLog } from '../../src/log.js';
import type { DoctorLine } from '../../src/roles/role-process.js';
import { systemTime } from '../../src/roles/system-time.js';
import { createWeb } from '../../src/roles/web.js';
import { examineWeb } from '../../src/roles/web-doctor.js';
import { sampleProposal } from '../e2e/sample-story.js';
import { startTestRedis, type TestRedis } from '../support/redis.js';
import { startSlack } from '../support/slack/server.js';
import type { SlackPerson, SlackServer } from '../support/slack/server-types.js';
import type { SlackMessage } from '../support/slack/types.js';

const CHANNEL = 'C0INCIDENT';
const OTHER_CHANNEL = 'C0OTHER';
const GROUP = 'S0ONCALL01';
const TOKEN = 'an intake token for tests';
const PEOPLE = ['ana', 'ben', 'cara'];
const userId = (name: string): string => `U0${name.toUpperCase()}00001`;

let folder: string;
let redis: TestRedis;
let slack: SlackServer;
let reader: LogConnection;
let url: string;
let config: WebConfig;
let stop: AbortController;
let running: Promise<void>;
/** How far the role's clock is put forward, ms. */
let ahead = 0;

/** The whole web role as it runs in production, in this process: real Redis, real HTTP, the simulated Slack. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-slack-'));
  redis = await startTestRedis();
  slack = await startSlack({
    limits: 'off',
    app: { botUserId: 'U0BOT00001' },
    users: PEOPLE.map((name) => ({ id: userId(name), name, realName: name, email: `${name}@example.com` })),
    groups: [{ id: GROUP, handle: 'oncall', name: 'On call', users: ['ana', 'ben'].map(userId) }],
    channels: [CHANNEL, OTHER_CHANNEL].map((id) => ({
      id,
      name: id.toLowerCase(),
      members: ['U0BOT00001', ...PEOPLE.map(userId)],
    })),
  });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const vkey = verifierKey('countersign/log', generateKeyPairSync('ed25519').publicKey);
  const { token, signingSecret } = slack.workspace.app;
  config = readConfig('web', {
    REDIS_URL: redis.urlFor('web'),
    COUNTERSIGN_LOG_LEVEL: 'silent',
    COUNTERSIGN_LOG_VKEY: vkey,
    COUNTERSIGN_ALLOW_WEAK_REDIS: 'true',
    COUNTERSIGN_POLICY: file(
      'policy.yaml',
      stringify({
        version: 1,
        groups: { oncall: [`slack:${GROUP}`] },
        approvers: { risk: { low: ['@oncall'] } },
        routes: [
          { owner: 'payments-data', slack: CHANNEL },
          { owner: 'bi-team', slack: OTHER_CHANNEL },
        ],
      }),
    ),
    COUNTERSIGN_INVENTORY: file(
      'inventory.yaml',
      stringify({
        pipelines: [
          ...['daily_transactions', 'refunds', 'ledger'].map((dag) => ({ dag, owner: 'payments-data' })),
          ...['report_a', 'report_b', 'report_c'].map((dag) => ({ dag, owner: 'bi-team' })),
        ].map((pipeline) => ({ ...pipeline, tasks: [{ id: 't' }] })),
      }),
    ),
    COUNTERSIGN_WEB_PORT: '0',
    COUNTERSIGN_DECISION_KEY: file('decision.pem', generateDecisionKey().privateKeyPem),
    COUNTERSIGN_INTAKE_AUTH: file('intake.json', JSON.stringify({ generic: { scheme: 'bearer', tokens: [TOKEN] } })),
    COUNTERSIGN_COOKIE_SECRET: 'a cookie secret for tests, long enough',
    COUNTERSIGN_REDACTION_KEY: 'a redaction key for tests',
    SLACK_BOT_TOKEN: token,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_API_URL: slack.apiUrl,
  });
  const processLog = createProcessLog('test', 'silent');
  reader = await connectLog({
    url: redis.urlFor('investigator'),
    role: 'investigator',
    vkey,
    allowWeak: true,
    processLog,
  });
  stop = new AbortController();
  url = await new Promise<string>((resolve, reject) => {
    running = createWeb(config, { ...systemTime, clock: { now: () => new Date(Date.now() + ahead) } }).run(
      stop.signal,
      (more) => resolve(more?.url ?? ''),
    );
    running.catch(reject);
  });
  await until(
    async () => (await fetch(`${url}/slack/events`, { method: 'POST' })).status !== 503,
    'Slack to be connected',
  );
  await slack.setRequestUrl(`${url}/slack/events`);
});

afterAll(async () => {
  stop.abort();
  await running;
  reader.close();
  await slack.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const messages = (): SlackMessage[] => slack.workspace.channels.get(CHANNEL)?.messages ?? [];
const saying = (text: string): SlackMessage | undefined => messages().find((one) => JSON.stringify(one).includes(text));
const directories = async (): Promise<unknown[]> =>
  (await reader.log.read('system')).map(({ entry }) => (entry as EventOf<'directory.loaded'>).data.groups);

/** An alert as its sender delivers it, and a proposal as the investigator makes it. */
async function incidentWithProposal(dag: string): Promise<string> {
  const answer = await fetch(`${url}/intake/generic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      fingerprint: dag,
      started_at: new Date().toISOString(),
      title: `${dag} failed`,
      severity: 'high',
      subject: { dag },
    }),
  });
  const { accepted } = (await answer.json()) as { accepted: { incident: string }[] };
  const incident = accepted[0]?.incident ?? '';
  const expiresAt = new Date(Date.now() + 3600_000).toISOString();
  const proposal = sampleProposal({ incident, expiresAt });
  const actor = { kind: 'agent' as const, id: 'agent', role: 'investigator' };
  const data = { proposal, digest: proposalDigest(proposal) };
  await transact(reader.log, incident, () => ({ events: [{ type: 'proposal.made', data, actor }], result: undefined }));
  return incident;
}

async function press(who: string, incident: string): Promise<SlackPerson> {
  const card = await until(
    () => messages().find((one) => [ACTION.approve, incident].every((part) => JSON.stringify(one).includes(part))),
    'the card',
  );
  const person = slack.person(userId(who));
  if (person.view() !== undefined) await person.closeView(true);
  expect((await person.click(CHANNEL, card.ts, ACTION.approve)).ok).toBe(true);
  return person;
}

async function approve(who: string, incident: string, words: string): Promise<void> {
  const person = await press(who, incident);
  await until(() => person.view(), 'the form');
  await person.submitView({ [blockIdOf('words')]: words });
}

it('tells an alert in the routed channel, knows who is in the user group, and records an approval from Slack', async () => {
  const incident = await incidentWithProposal('daily_transactions');
  expect(await until(() => saying('daily_transactions failed'), 'the headline')).toBeDefined();
  await until(async () => (await directories()).length > 0, 'the directory in the log');
  expect(await directories()).toEqual([{ [GROUP]: ['ana@example.com', 'ben@example.com'] }]);
  await approve('ana', incident, 'Compared both versions of the schema by hand');
  const decided = await until(
    async () => (await reader.log.read(incident)).find(({ entry }) => entry.type === 'decision.recorded'),
    'the decision',
  );
  expect(decided.entry).toMatchObject({
    data: { statement: { votes: [{ by: { id: 'ana@example.com', via: 'slack' } }] } },
  });
  expect(await until(() => saying('Approved by ana@example.com'), 'the decided card')).toBeDefined();
});

it('opens the form for somebody who has only just come into the user group', async () => {
  const incident = await incidentWithProposal('refunds');
  const group = slack.workspace.groups.get(GROUP);
  if (group === undefined) throw new Error('no group');
  group.users = [...group.users, userId('cara')];
  ahead += 31_000;
  const cara = await press('cara', incident);
  await until(() => cara.view()?.callback_id === VIEW.form, 'the form');
  expect(cara.ephemerals()).toEqual([]);
  group.users = group.users.filter((user) => user !== userId('cara'));
});

it('leads from the App Home and from the list to the thread', async () => {
  const headline = await until(() => saying('daily_transactions failed'), 'the headline');
  const address = `https://local.slack.com/archives/${CHANNEL}/p${headline.ts.replace('.', '')}`;
  const ana = slack.person(userId('ana'));
  await ana.openHome();
  await until(() => JSON.stringify(ana.home()?.blocks ?? []).includes(address), 'the link on the home');
  const before = ana.ephemerals().length;
  await ana.slash(CHANNEL, '/countersign', 'list all');
  const told = await until(() => ana.ephemerals()[before], 'the list');
  expect(JSON.stringify(told.blocks)).toContain(address);
});

const doctor = async (): Promise<DoctorLine | undefined> =>
  (await examineWeb(config)).find(({ check }) => check === 'Slack deliveries');

it('tells how far the deliveries are: who delivers, what is stuck since when, and what to do', async () => {
  const ana = slack.person(userId('ana'));
  const status = async (): Promise<string> => {
    const before = ana.ephemerals().length;
    await ana.slash(CHANNEL, '/countersign', 'status');
    return JSON.stringify((await until(() => ana.ephemerals()[before], 'the status')).blocks);
  };
  expect(await status()).toMatch(/web-\w+ delivers to Slack/);
  expect(await doctor()).toMatchObject({ ok: true, detail: expect.stringContaining('delivers to Slack') });
  const channel = slack.workspace.channels.get(OTHER_CHANNEL);
  if (channel === undefined) throw new Error('no channel');
  channel.isArchived = true;
  for (const dag of ['report_a', 'report_b', 'report_c']) await incidentWithProposal(dag);
  await until(async () => (await doctor())?.ok === false, 'doctor to say it');
  expect((await doctor())?.detail).toMatch(/Stuck for .*channel C0OTHER.*archived. Route its incidents/);
  const told = await status();
  expect(told).toMatch(/wait, the oldest for/);
  expect(told).toContain('archived');
}, 40_000);

it('refuses a click of somebody who has left the user group since, and the log says when', async () => {
  const incident = await incidentWithProposal('ledger');
  const group = slack.workspace.groups.get(GROUP);
  if (group === undefined) throw new Error('no group');
  group.users = [userId('ben')];
  // Longer than what Slack last said is believed at a click.
  ahead += 31_000;
  const ana = await press('ana', incident);
  const refused = await until(
    async () => (await reader.log.read(incident)).find(({ entry }) => entry.type === 'click.refused'),
    'the refusal',
  );
  expect(refused.entry).toMatchObject({
    data: { reason: expect.stringContaining('ana@example.com is not on the list') },
  });
  const told = /^Not counted: ana@example.com is not/;
  await until(() => ana.ephemerals().some(({ text }) => told.test(text)), 'the reason');
  expect(ana.view()).toBeUndefined();
  expect((await directories()).at(-1)).toEqual({ [GROUP]: ['ben@example.com'] });
  expect(slack.warnings).toEqual([]);
});
