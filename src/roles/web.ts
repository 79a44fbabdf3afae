import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { SourceAuth } from '../../adapters/alerts/authenticate.js';
import { createAlertRouter } from '../../adapters/alerts/router.js';
import type { LineageCollector } from '../../adapters/open-lineage/collector.js';
import { createRedactor } from '../../adapters/redaction/redactor.js';
import { createObservationStore } from '../../adapters/redis/observations.js';
import { createOnceStore } from '../../adapters/redis/once-store.js';
import { chooseAccess } from '../../adapters/web/access.js';
import { createWebPage, type WebPage } from '../../adapters/web/page.js';
import { createGate, type Gate } from '../approve/gate.js';
import { createSigner } from '../approve/seal.js';
import { readConfig, type WebConfig } from '../config.js';
import type { AlertSource } from '../domain/alert.js';
import { decidersOf } from '../domain/approval.js';
import { AppError } from '../domain/errors.js';
import type { ChatBackend, LogState } from '../domain/ports.js';
import { createIntake } from '../intake/intake.js';
import { createOpenIncidents } from '../intake/open-incidents.js';
import { createProcessLog, type ProcessLog } from '../log.js';
import { createIncidentBoard, type IncidentBoard } from '../views/board.js';
import { createChatBackend } from './chat-backend.js';
import { type Chats, openChats } from './chats.js';
import { connectLog, type LogConnection } from './log-connection.js';
import { knownLineage, lineageRouter, observedLineage, reloadLineage } from './observed-lineage.js';
import { type RoleMain, runAsProgram } from './role-process.js';
import { readInventory, readJsonFile, watchPolicy } from './rules-files.js';
import { systemTime, type Time } from './system-time.js';
import { createUserGroups, FRESH_MS, type UserGroups } from './user-groups.js';

const ROLE = 'web';
const EXPIRE_EVERY_MS = 5000;

/** Everything the web role is made of, put together once. */
interface House {
  config: WebConfig;
  connection: LogConnection;
  board: IncidentBoard;
  gate: Gate;
  page: WebPage;
  app: Express;
  openIncidents: ReturnType<typeof createOpenIncidents>;
  userGroups: UserGroups;
  backend: ChatBackend;
  chats: Chats;
  lineage: LineageCollector;
  time: Time;
  processLog: ProcessLog;
}

/** The role that people and senders reach: intake, the page, the gate with the key that signs decisions. No platform, no model. */
export function createWeb(config: WebConfig = readConfig(ROLE), time: Time = systemTime): RoleMain {
  const processLog = createProcessLog(ROLE, config.COUNTERSIGN_LOG_LEVEL);
  return {
    role: ROLE,
    async run(signal, ready) {
      const house = await build(config, time, processLog);
      const replay = replayUpTo(await house.connection.log.size());
      const following = follow(house, replay, signal);
      const expiring = expireUntil(house, signal);
      const keeping = house.userGroups.run(signal);
      const chatting = house.chats.all.map((chat) => chat.run(house.backend, signal, replay.done));
      const reloading = reloadLineage(house.lineage, processLog);
      const server = await listen(house);
      ready({ url: addressOf(config, server) });
      await Promise.all([following, expiring, keeping, ...chatting]);
      clearInterval(reloading);
      await close(house, server);
    },
    // It brings the libraries of every chat with it.
    doctor: async () => (await import('./web-doctor.js')).examineWeb(config),
  };
}

async function build(config: WebConfig, time: Time, processLog: ProcessLog): Promise<House> {
  const connection = await connectLog(ROLE, config, processLog);
  const { log } = connection;
  const { clock } = time;
  const inventory = readInventory(config.COUNTERSIGN_INVENTORY);
  const written = watchPolicy(config.COUNTERSIGN_POLICY);
  const chats = await openChats(config, { connection, policy: written, inventory, time, processLog });
  const signer = createSigner(readFileSync(config.COUNTERSIGN_DECISION_KEY, 'utf8'));
  const { membersOf } = chats;
  const userGroups = await createUserGroups({ log, policy: written, membersOf, signer, time, processLog });
  const { policy } = userGroups;
  const redactor = createRedactor({ secret: config.COUNTERSIGN_REDACTION_KEY });
  const once = createOnceStore(connection.redis);
  const board = createIncidentBoard();
  const lineage = await observedLineage(connection.redis, clock);
  const known = knownLineage(inventory, lineage, clock);
  const gate = createGate({ log, once, policy, signer, redactor, clock, inventory, lineage: known });
  const openIncidents = createOpenIncidents();
  const intake = createIntake({ log, open: openIncidents, inventory, redactor, clock, processLog });
  const backend = createChatBackend({
    log,
    board,
    gate,
    intake,
    observations: createObservationStore(connection.redis),
    policy,
    freshMembers: () => userGroups.freshen(FRESH_MS),
    votes: signer,
    redactor,
    clock,
    logState: () => logState(connection),
  });
  const page = createWebPage({
    backend,
    clock,
    processLog,
    access: chooseAccess({
      host: config.COUNTERSIGN_WEB_HOST,
      tokens:
        config.COUNTERSIGN_WEB_TOKENS === undefined
          ? undefined
          : readJsonFile(config.COUNTERSIGN_WEB_TOKENS, 'The web tokens'),
      people: decidersOf(policy().policy),
    }),
    cookieSecret: config.COUNTERSIGN_COOKIE_SECRET,
    allowedHosts: config.COUNTERSIGN_WEB_ALLOWED_HOSTS.split(',').map((host) => host.trim()),
    secure: config.COUNTERSIGN_WEB_HTTPS,
    ...(config.COUNTERSIGN_WEB_NOTICE === undefined ? {} : { notice: config.COUNTERSIGN_WEB_NOTICE }),
  });
  const auth = readJsonFile<Partial<Record<AlertSource | 'openlineage', SourceAuth>>>(
    config.COUNTERSIGN_INTAKE_AUTH,
    'The intake file',
  );
  const app = express().disable('x-powered-by');
  // First, as Slack signs the raw bytes.
  for (const chat of chats.all) app.use(chat.path, chat.router);
  app.use(lineageRouter(auth.openlineage, lineage, clock, processLog));
  app.use('/intake', createAlertRouter({ accept: intake.accept, auth, once, clock, processLog }));
  app.use(page.router);
  return {
    config,
    connection,
    board,
    gate,
    page,
    app,
    openIncidents,
    userGroups,
    backend,
    chats,
    lineage,
    time,
    processLog,
  };
}

async function logState({ log, checkpoints, vkey }: LogConnection): Promise<LogState> {
  const [entries, newest] = await Promise.all([log.size(), checkpoints.latest()]);
  return {
    entries,
    sealed: newest?.size ?? 0,
    sealedAt: undefined,
    root: newest?.root.toString('base64'),
    origin: newest?.origin ?? '',
    publicKey: vkey,
  };
}

/** Reading again what is in the log already. */
interface Replay {
  followed(index: number): void;
  done: Promise<void>;
}

function replayUpTo(size: number): Replay {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  if (size === 0) end();
  return {
    done,
    followed(index) {
      if (index >= size - 1) end();
    },
  };
}

/** Keeps the board, the open incidents and every open page at the state of the log. */
async function follow(house: House, replay: Replay, signal: AbortSignal): Promise<void> {
  const { board, page, chats, backend, userGroups, openIncidents, connection } = house;
  await connection.log.follow(
    0,
    async (entries) => {
      openIncidents.apply(entries);
      userGroups.apply(entries);
      for (const id of board.apply(entries)) {
        const thread = await backend.thread(id);
        if (thread === undefined) continue;
        await page.show(thread);
        for (const chat of chats.all) await chat.show(thread);
      }
      replay.followed(entries.at(-1)?.index ?? 0);
    },
    signal,
  );
}

async function expireUntil({ board, gate, time, processLog }: House, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await time.sleep(EXPIRE_EVERY_MS, signal);
    if (signal.aborted) return;
    const due = board.list({ status: 'awaiting_decision' }).flatMap(({ incident }) => board.get(incident) ?? []);
    await gate.expireDue(due).catch((error: unknown) => processLog.warn({ error }, 'expiry'));
  }
}

function listen({ app, config }: House): Promise<Server> {
  const server = createServer(app);
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AppError('misconfigured', {
          field: 'COUNTERSIGN_WEB_PORT',
          safeText: `Port ${config.COUNTERSIGN_WEB_PORT} can not be used on ${config.COUNTERSIGN_WEB_HOST}.`,
          cause,
        }),
      ),
    );
    server.listen(config.COUNTERSIGN_WEB_PORT, config.COUNTERSIGN_WEB_HOST, () => resolve(server));
  });
}

function addressOf(config: WebConfig, server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://${config.COUNTERSIGN_WEB_HOST}:${port}`;
}

async function close({ page, connection }: House, server: Server): Promise<void> {
  page.close();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  connection.close();
}

runAsProgram(import.meta.url, createWeb);
