import { createHmac } from 'node:crypto';
import { ACTION, SHORTCUT_INVESTIGATE } from '../../adapters/slack/action-ids.js';
import type { SlackApp } from '../../adapters/slack/app.js';
import { createSlackClient } from '../../adapters/slack/client.js';
import { slackMessages } from '../../adapters/slack/messages.js';
import type { ChatBackend } from '../../src/domain/ports.js';
import { type ChatCore, createChatCore } from './chat-core.js';
import { openWithProposal, type ProposalOptions, testPolicy, testStep } from './incidents.js';
import { createMemoryLog, type MemoryLog } from './memory-log.js';
import { startTestRedis, type TestRedis } from './redis.js';
import { startSlack } from './slack/server.js';
import type { SlackServer } from './slack/server-types.js';
import { createWebRole } from './slack-inbound-role.js';
import { until } from './until.js';

export const CHANNEL = 'C0INCIDENT';
const BOT = 'U0BOT00001';
export const ANA = 'U0ANA00001';
export const BEN = 'U0BEN00001';
export const INTERN = 'U0INTERN01';
export const NOBODY = 'U0NOMAIL01';

/** A card that waits in Slack. */
export interface Shown {
  incident: string;
  digest: string;
  /** `ts` of the headline. */
  root: string;
  /** `ts` of the card with the buttons. */
  card: string;
}

export interface InboundWorld {
  slack: SlackServer;
  redis: TestRedis;
  log: MemoryLog;
  core: ChatCore;
  /** The core as Slack's side sees it; a test may put something in front of a call. */
  backend: ChatBackend;
  app(): SlackApp;
  /** Log lines of the process, as JSON. */
  lines: string[];
  /** Opens an incident and posts its thread. */
  show(options?: Partial<ProposalOptions>): Promise<Shown>;
  /** The web role goes away and comes back; without `work` it takes in and does nothing. */
  stop(): Promise<void>;
  start(options?: { work?: boolean }): Promise<void>;
  /** Sends anything as Slack would. */
  send(body: string, how?: SendOptions): Promise<{ status: number; text: string; ms: number }>;
  sendForm(payload: object, how?: SendOptions): Promise<{ status: number; text: string; ms: number }>;
  sendEvent(event: object, envelope?: object): Promise<{ status: number; text: string; ms: number }>;
  /** What one person was told in ephemeral messages, newest last. */
  told(user: string): string[];
  types(incident: string): Promise<string[]>;
  /** Everybody loads Slack anew: no view is open, and nobody has been told anything. */
  clearScreens(): void;
  close(): Promise<void>;
}

export interface SendOptions {
  type?: string | undefined;
  timestamp?: number | string | undefined;
  secret?: string;
  signature?: string | undefined;
}

/** One press is enough for it, by the rules that score it again. */
export const TRIVIAL: Partial<ProposalOptions> = {
  level: 'trivial',
  steps: [
    testStep(
      { do: 'retry', dag: 'daily', run: 'run-1', tasks: 'failed', mark_success: [], not_before_minutes: 0 },
      { idempotency: 'idempotent' },
    ),
  ],
};

let incidents = 0;
let eventIds = 0;

export async function startInboundWorld(mode: 'http' | 'socket' = 'http'): Promise<InboundWorld> {
  const redis = await startTestRedis();
  const slack = await startSlack({
    app: {
      socketMode: mode === 'socket',
      messageShortcuts: [{ callbackId: SHORTCUT_INVESTIGATE, name: 'Investigate this alert' }],
    },
    users: [
      { id: ANA, name: 'ana', realName: 'Ana', email: 'ana@example.com' },
      { id: BEN, name: 'ben', realName: 'Ben', email: 'ben@example.com' },
      { id: INTERN, name: 'intern', realName: 'Ina', email: 'intern@example.com' },
      { id: NOBODY, name: 'nobody', realName: 'Nobody' },
    ],
    channels: [{ id: CHANNEL, name: 'data-incidents', members: [ANA, BEN, INTERN, NOBODY, BOT] }],
    limits: 'off',
  });
  const clock = { now: () => new Date() };
  const log = createMemoryLog(clock);
  const core = createChatCore({ log, clock, policy: testPolicy() });
  const stopFollowing = new AbortController();
  const following = core.follow(async () => undefined, stopFollowing.signal);
  const roots = new Map<string, string>();
  const lines: string[] = [];
  const backend = { ...core.backend };
  const role = createWebRole({ slack, redis, backend, roots, lines, mode });
  await role.start();

  const world: InboundWorld = {
    slack,
    redis,
    log,
    core,
    backend,
    lines,
    app: role.app,
    stop: role.stop,
    start: role.start,
    show: (options) => show(world, roots, options),
    send: (body, how) => send(slack, body, how),
    sendForm: (payload, how) =>
      send(slack, new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), {
        type: 'application/x-www-form-urlencoded',
        ...how,
      }),
    sendEvent(event, envelope) {
      eventIds += 1;
      const { team, app } = slack.workspace;
      const body = { type: 'event_callback', team_id: team.id, api_app_id: app.id, event_id: `Ev${eventIds}`, event };
      return send(slack, JSON.stringify({ ...body, ...envelope }));
    },
    told: (user) =>
      slack
        .person(slack.workspace.users.get(user)?.name ?? '')
        .ephemerals()
        .map((one) => one.text),
    types: async (incident) => (await log.read(incident)).map(({ entry }) => entry.type),
    clearScreens() {
      for (const name of ['ana', 'ben', 'intern', 'nobody']) slack.person(name).reload();
      slack.workspace.modals.clear();
    },
    async close() {
      await role.stop();
      stopFollowing.abort();
      await following;
      await slack.close();
      await redis.stop();
    },
  };
  return world;
}

async function show(
  world: InboundWorld,
  roots: Map<string, string>,
  options: Partial<ProposalOptions> = {},
): Promise<Shown> {
  incidents += 1;
  const incident = `INC-IN${String(incidents).padStart(4, '0')}`;
  const { digest } = await openWithProposal(world.log, { incident, ...options });
  // The board follows the log a moment later.
  let thread = await world.backend.thread(incident);
  while (!thread?.cards.some((card) => card.digest === digest)) thread = await world.backend.thread(incident);
  const client = createSlackClient({ token: world.slack.workspace.app.token, apiUrl: world.slack.apiUrl });
  let root: string | undefined;
  let card: string | undefined;
  for (const { body } of slackMessages(thread, { channel: CHANNEL })) {
    const sent = await client.chat.postMessage({
      channel: CHANNEL,
      ...body,
      ...(root === undefined ? {} : { thread_ts: root }),
    });
    root ??= sent.ts;
    if (JSON.stringify(body).includes(ACTION.approve)) card = sent.ts;
  }
  if (root === undefined || card === undefined) throw new Error('there is no card with buttons');
  roots.set(`${CHANNEL}/${root}`, incident);
  return { incident, digest, root, card };
}

async function send(
  slack: SlackServer,
  body: string,
  how: SendOptions = {},
): Promise<{ status: number; text: string; ms: number }> {
  const { signingSecret, requestUrl = '' } = slack.workspace.app;
  const timestamp = 'timestamp' in how ? how.timestamp : Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', how.secret ?? signingSecret)
    .update(`v0:${timestamp}:${body}`)
    .digest('hex');
  const signature = 'signature' in how ? how.signature : `v0=${mac}`;
  const type = 'type' in how ? how.type : 'application/json';
  const began = performance.now();
  const answer = await fetch(requestUrl, {
    method: 'POST',
    headers: {
      // After a refusal the server closes, and a connection that is kept would be cut under the next request.
      connection: 'close',
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(timestamp === undefined ? {} : { 'x-slack-request-timestamp': String(timestamp) }),
      ...(signature === undefined ? {} : { 'x-slack-signature': signature }),
    },
    body: Buffer.from(body),
  });
  return { status: answer.status, text: await answer.text(), ms: performance.now() - began };
}

/** Waits for what one person is told next. */
export async function nextTold(world: InboundWorld, user: string, before: number, ms = 10_000): Promise<string> {
  return until(() => world.told(user)[before], `an answer to ${user}`, ms);
}
