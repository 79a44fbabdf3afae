import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { connectRedis, type Redis } from '../../adapters/redis/connect.js';
import { createOnceStore } from '../../adapters/redis/once-store.js';
import { readCarried } from '../../adapters/teams/action-data.js';
import { createTeamsApp, type TeamsApp } from '../../adapters/teams/app.js';
import { createBotAdapter } from '../../adapters/teams/bot-adapter.js';
import { createTeamsConnector, threadOf } from '../../adapters/teams/connector.js';
import { createTeamsIdentity } from '../../adapters/teams/identity.js';
import { TeamsJob } from '../../adapters/teams/inbound/job.js';
import { teamsMessages } from '../../adapters/teams/messages.js';
import { activityOf } from '../../adapters/teams/platform.js';
import { createTeamsReferences } from '../../adapters/teams/references.js';
import { createChatInbox } from '../../queues/chat-inbox.js';
import { createChatWorker } from '../../queues/chat-worker.js';
import type { Delivery } from '../../src/domain/chat.js';
import type { Verdict } from '../../src/domain/decision.js';
import type { ChatBackend } from '../../src/domain/ports.js';
import { createProcessLog } from '../../src/log.js';
import { type ChatCore, createChatCore } from './chat-core.js';
import { openWithProposal, type ProposalOptions, testPolicy, testStep } from './incidents.js';
import { createMemoryLog, type MemoryLog } from './memory-log.js';
import { startTestRedis, type TestRedis } from './redis.js';
import { buttonsOf } from './teams/inputs.js';
import { createMemoryReferences } from './teams/memory-references.js';
import { cardText, messageText } from './teams/rendering.js';
import { startTeams } from './teams/server.js';
import type { Answer, TeamsOptions, TeamsServer } from './teams/server-types.js';
import type { CardJson, TeamsMessage } from './teams/types.js';

export const CHANNEL = '19:incidents@thread.tacv2';

/** A card that waits in Teams. */
export interface Shown {
  incident: string;
  digest: string;
  /** Activity id of the headline. */
  root: string;
  /** Activity id of the card with the buttons. */
  card: string;
}

/** One process of the web role, in what it does for Teams. */
export interface InboundProcess {
  app: TeamsApp;
  url: string;
  stop(): Promise<void>;
}

export interface TeamsWorld {
  teams: TeamsServer;
  redis: TestRedis;
  log: MemoryLog;
  core: ChatCore;
  /** The core as Teams' side sees it; a test may put something in front of a call. */
  backend: ChatBackend;
  deliveries: Map<string, Map<string, Delivery>>;
  /** Log lines of all processes, as JSON. */
  lines: string[];
  /** Opens an incident and posts its thread. */
  show(options?: Partial<ProposalOptions>): Promise<Shown>;
  /** Starts one more process; the newest hears Teams. Without `work` it takes in and does nothing, without `hear` the other way round. */
  start(how?: { work?: boolean; hear?: boolean }): Promise<InboundProcess>;
  stopAll(): Promise<void>;
  types(incident: string): Promise<string[]>;
  close(): Promise<void>;
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

export async function startTeamsWorld(options: TeamsOptions = {}): Promise<TeamsWorld> {
  const redis = await startTestRedis();
  const person = (name: string) => ({ id: `29:${name}`, name, email: `${name}@example.com` });
  const teams = await startTeams({
    users: [
      ...['ana', 'ben', 'intern'].map(person),
      { id: '29:nobody', name: 'nobody' },
      { ...person('guest'), userRole: 'guest' },
    ],
    channels: [{ id: CHANNEL, name: 'data-incidents' }],
    limits: 'off',
    ...options,
  });
  const clock = { now: () => new Date() };
  const log = createMemoryLog(clock);
  const core = createChatCore({ log, clock, policy: testPolicy() });
  const stopFollowing = new AbortController();
  const following = core.follow(async () => undefined, stopFollowing.signal);
  const running = new Set<InboundProcess>();
  const world: TeamsWorld = {
    teams,
    redis,
    log,
    core,
    backend: { ...core.backend },
    deliveries: new Map(),
    lines: [],
    show: (options) => show(world, options),
    async start(how) {
      const process = await startProcess(world, how);
      running.add(process);
      return { ...process, stop: () => stopped(process) };
    },
    async stopAll() {
      for (const process of running) await stopped(process);
    },
    types: async (incident) => (await log.read(incident)).map(({ entry }) => entry.type),
    async close() {
      await world.stopAll();
      stopFollowing.abort();
      await following;
      await teams.close();
      await redis.stop();
    },
  };
  const stopped = async (process: InboundProcess): Promise<void> => {
    if (running.delete(process)) await process.stop();
  };
  return world;
}

/** As the composition root puts it together, with the rights of its Redis user. */
async function startProcess(
  { teams, redis, backend, deliveries, lines }: TeamsWorld,
  { work = true, hear = true }: { work?: boolean; hear?: boolean } = {},
): Promise<InboundProcess> {
  const sink = { write: (line: string) => void lines.push(line) } as unknown as NodeJS.WritableStream;
  const processLog = createProcessLog('web', 'info', sink);
  const redisUrl = redis.urlFor('web');
  const connection: Redis = await connectRedis(redisUrl, { name: 'web', use: 'commands' });
  connection.on('error', () => undefined);
  const inbox = createChatInbox<TeamsJob>({ queue: 'chat-teams', redisUrl, processLog });
  const { bot: known, tenantId } = teams.tenant;
  const { serviceUrl, loginUrl, openIdMetadata } = teams;
  const settings = { appId: known.appId, appPassword: known.password, tenantId, serviceUrl, loginUrl, openIdMetadata };
  const clock = { now: () => new Date() };
  const bot = createBotAdapter({ ...settings, processLog });
  const references = createTeamsReferences({ store: createMemoryReferences(), settings, clock });
  const connector = createTeamsConnector({ bot, service: references.service });
  const app = createTeamsApp({
    backend,
    bot,
    connector,
    references,
    identity: createTeamsIdentity({ connector, clock, settings }),
    inbox,
    once: createOnceStore(connection),
    store: {
      of: async (incident) => deliveries.get(incident) ?? new Map(),
      incidentAt: async (_, root) => [...deliveries].find(([, all]) => all.get('headline')?.message === root)?.[0],
    },
    settings,
    clock,
    processLog,
    maxGrant: () => 5,
  });
  const worker = work
    ? await createChatWorker({
        queue: 'chat-teams',
        redisUrl,
        schema: TeamsJob,
        concurrency: 8,
        processLog,
        handle: (job) => app.handle(job),
        onGivenUp: (job, error) => app.givenUp(job, error),
      })
    : undefined;
  const server = createServer(express().use('/teams', app.router));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/teams/messages`;
  if (hear) teams.setMessagingEndpoint(url);
  return {
    app,
    url,
    async stop() {
      await ended(server);
      await app.stop();
      await worker?.close(2000);
      await inbox.close();
      connection.disconnect();
    },
  };
}

async function ended(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((done) => server.close(() => done()));
}

async function show(world: TeamsWorld, options: Partial<ProposalOptions> = {}): Promise<Shown> {
  incidents += 1;
  const incident = `INC-TM${String(incidents).padStart(4, '0')}`;
  const { digest } = await openWithProposal(world.log, { incident, ...options });
  // The board follows the log a moment later.
  let thread = await world.backend.thread(incident);
  while (!thread?.cards.some((card) => card.digest === digest)) thread = await world.backend.thread(incident);
  const { teams } = world;
  const { tenantId, bot: known } = teams.tenant;
  const { serviceUrl, loginUrl, openIdMetadata } = teams;
  const settings = { appId: known.appId, appPassword: known.password, tenantId, loginUrl, openIdMetadata };
  const connector = createTeamsConnector({
    bot: createBotAdapter({ ...settings, processLog: createProcessLog('test', 'silent') }),
    service: async () => ({ serviceUrl, botId: known.id, tenantId }),
  });
  const deliveries = new Map<string, Delivery>();
  world.deliveries.set(incident, deliveries);
  let root: string | undefined;
  let card: string | undefined;
  for (const { key, body } of teamsMessages(thread, { channel: CHANNEL })) {
    const activity = activityOf(body, `${incident}/${key}`);
    const message: string =
      root === undefined
        ? (await connector.post(CHANNEL, activity)).message
        : await connector.send(threadOf(CHANNEL, root), activity);
    root ??= message;
    if (JSON.stringify(body).includes('"verdict":"approve"')) card = message;
    const common = { attempt: 1, version: thread.version, at: new Date().toISOString(), channel: CHANNEL };
    deliveries.set(key, { ...common, key, state: 'posted', headline: root === message, message });
  }
  if (root === undefined || card === undefined) throw new Error('there is no card with buttons');
  return { incident, digest, root, card };
}

/** The title of the button in this card with this verb (and verdict). */
export function titled(card: CardJson | undefined, verb: string, verdict?: Verdict): string {
  for (const { action } of buttonsOf(card ?? { type: 'AdaptiveCard' })) {
    const carried = readCarried(action['data']);
    if (action['type'] !== 'Action.Execute' || carried?.verb !== verb) continue;
    if (verdict === undefined || carried.verdict === verdict) return String(action['title']);
  }
  throw new Error(`no button "${verb}" in: ${cardText(card)}`);
}

/** What an answer says. */
export function read(answer: Answer): string {
  return [answer.text, cardText(answer.card), cardText(answer.dialog?.card)].filter(Boolean).join('\n');
}

export function textsOf(messages: readonly TeamsMessage[]): string[] {
  return messages.map((one) => messageText(one));
}

/** Asks again and again, also for what is only promised. @throws when it does not come in time. */
export async function until<T>(look: () => T | Promise<T>, what: string, ms = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
